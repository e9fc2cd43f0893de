import { ENGINE_DIALOG, getRequests } from "./engine-api";

/** What the script asks of the engine, in the order in which {@link parseFacts} takes the answers; a worker has only the first. */
const ASKED = ["/info", "/nodes", "/services", "/networks", "/secrets", "/configs"];

/** Where a phone keeps what cloudlet has to remember about it. */
export const STATE_DIRECTORY = "/var/lib/cloudlet";
/** Our firewall drop-in, beside the ones that postmarketOS ships. */
export const FIREWALL_FILE = "/etc/nftables.d/55_cloudlet.nft";

/**
 * Shell that sets `$root` to the prefix that makes a command root without a password, or to `none`.
 * postmarketOS had sudo, then doas with a sudo look-alike, then sudo-rs: asked for, not assumed.
 */
export const FIND_ROOT = `if [ "$(id -u)" = 0 ]; then root=; how=root
elif sudo -n true 2>/dev/null; then root='sudo -n'; how=sudo
elif doas -n true 2>/dev/null; then root='doas -n'; how=doas
else root=none; how=none; fi`;

/** A manager without a majority answers for itself at once, and for the swarm never: what came until then is taken. */
const ASK_SECONDS = 8;

/** The one read-only script that each phone runs when it is looked at; prints \`name=value\` lines for {@link parseFacts}. */
export function factsScript(): string {
  return `PATH=$PATH:/usr/sbin:/sbin
${FIND_ROOT}
as_root() { if [ "$how" = none ]; then return 1; fi; $root "$@"; }
say() { printf '%s=%s\\n' "$1" "$2"; }
have() { command -v "$1" >/dev/null 2>&1; }
${ENGINE_DIALOG}
ask_engine() { printf '${getRequests(ASKED)}' | engine_dialog timeout ${ASK_SECONDS} "$@" | base64 | tr -d '\\n'; }
say hostname "$(hostname)"
say machine "$(uname -m)"
say privilege "$how"
if [ -d /run/systemd/system ]; then say init systemd; elif have rc-update; then say init openrc; else say init none; fi
if have apk; then say packages apk; elif have apt-get; then say packages apt; else say packages none; fi
if have dockerd; then say installed yes; fi
if [ -e /etc/runlevels/default/docker ] || { have systemctl && systemctl -q is-enabled docker 2>/dev/null; }; then say enabled yes; fi
if have docker; then
  answers=$(ask_engine docker)
  if [ -n "$answers" ]; then say access yes
  elif [ "$how" != none ]; then answers=$(ask_engine $root docker); fi
  [ -z "$answers" ] || say engine "$answers"
fi
if c=$(as_root cat /var/lib/docker/swarm/certificates/swarm-node.crt 2>/dev/null); then say certificate "$(printf %s "$c" | base64 | tr -d '\\n')"; fi
if [ -d /proc/sys/net/ipv4/vs ] || find "/lib/modules/$(uname -r)" -name 'ip_vs.ko*' 2>/dev/null | grep -q . || zcat /proc/config.gz 2>/dev/null | grep -q '^CONFIG_IP_VS=y'; then say ip_vs yes; fi
ip -4 -o addr show scope global 2>/dev/null | while read -r _ device _ address _; do say address "$device \${address%/*}"; done
if [ -r ${FIREWALL_FILE} ]; then say drop-in "$(sha256sum ${FIREWALL_FILE} | cut -d' ' -f1)"; fi
if rules=$(as_root nft list chain inet filter input 2>/dev/null); then case $rules in *'jump cloudlet'*) say firewall open ;; *) say firewall closed ;; esac; else say firewall none; fi
say repairs "$(cat ${STATE_DIRECTORY}/repairs 2>/dev/null)"
say done yes
`;
}
