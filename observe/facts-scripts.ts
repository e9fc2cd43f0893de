import { conditionPart } from "./condition-scripts";
import { ENGINE_DIALOG, getRequests } from "./engine-api";
import type { KernelFeature } from "./facts";

/** What the script asks of the engine, in the order in which {@link parseFacts} takes the answers; a worker has only the first. */
const ASKED = ["/info", "/nodes", "/services", "/networks", "/secrets", "/configs"];

/** Where a phone keeps what cloudlet has to remember about it. */
export const STATE_DIRECTORY = "/var/lib/cloudlet";
/** The engine's settings. */
export const DAEMON_JSON = "/etc/docker/daemon.json";
/** What cloudlet set in them. */
export const DAEMON_OURS = `${STATE_DIRECTORY}/daemon-ours.json`;
/** Left where a member's engine has to restart, until it does; a boot clears it. */
export const RESTART_MARK = "/run/cloudlet-restart-docker";
/** Checksums of the other files that cloudlet left on the phone. */
export const FILE_SUMS = `${STATE_DIRECTORY}/files`;
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

/**
 * Shell that sets `$machine` to the kernel's machine, and to armv8l where a 64-bit ARM kernel has 32-bit programs, as it names itself
 * to those that ask as such: the engine is one of them and takes 32-bit images. The fifth byte of a program tells (ELF).
 */
export const FIND_MACHINE = `machine=$(uname -m)
if [ "$machine" = aarch64 ]; then
  case $(od -An -tx1 -j4 -N1 "$(command -v dockerd || command -v sh)") in *01*) machine=armv8l ;; esac
fi`;

/** The kernel's option, without CONFIG_, for each feature that {@link kernelPart} looks for. */
export const KERNEL_OPTIONS: Readonly<Record<KernelFeature, string>> = {
  ip_vs: "IP_VS",
  vxlan: "VXLAN",
  br_netfilter: "BRIDGE_NETFILTER",
  overlay: "OVERLAY_FS",
  nft_compat: "NFT_COMPAT",
  xt_bpf: "NETFILTER_XT_MATCH_BPF",
  xt_u32: "NETFILTER_XT_MATCH_U32",
  esp4: "INET_ESP",
};

// The lists of modules name built-in ones too. Without them the kernel's own configuration tells; NET is in each, and shows that it was read.
const kernelPart = `release=
read -r release </proc/sys/kernel/osrelease
say release "$release"
modules=/lib/modules/$release
if [ -s "$modules/modules.dep" ] && [ -s "$modules/modules.builtin" ]; then say modules listed
else
  for list in /lib/modules/*/modules.dep; do if [ -e "$list" ] && [ ! -d "$modules" ]; then say modules gone; break; fi; done
  if [ -r /proc/config.gz ]; then
    set -- $(zcat /proc/config.gz 2>/dev/null | grep -E '^CONFIG_(NET|MODULES|${Object.values(KERNEL_OPTIONS).join("|")})=')
    say config "$*"
  fi
fi
set -- $(grep -shoE '(^|/)(${Object.keys(KERNEL_OPTIONS).join("|")})([.]ko| )' /proc/modules "$modules/modules.builtin" "$modules/modules.dep")
[ ! -d /proc/sys/net/ipv4/vs ] || set -- "$@" ip_vs
[ ! -d /proc/sys/net/bridge ] || set -- "$@" br_netfilter
say present "$*"`;

// Read by the shell itself wherever it can: each program that starts costs a phone part of a second.
const machinePart = `controllers=
if [ -r /sys/fs/cgroup/cgroup.controllers ]; then read -r controllers </sys/fs/cgroup/cgroup.controllers; fi
if [ -r /proc/cgroups ]; then while read -r name _ _ enabled; do [ "$enabled" != 1 ] || controllers="$controllers $name"; done </proc/cgroups; fi
say cgroups "$controllers"
if [ -r /proc/meminfo ]; then
  while read -r name kilobytes _; do
    case $name in MemTotal:) say memory-total "$kilobytes" ;; MemAvailable:) say memory-available "$kilobytes"; break ;; esac
  done </proc/meminfo
fi
data=/var/lib
[ ! -d /var/lib/docker ] || data=/var/lib/docker
set -- $(df -Pk $data 2>/dev/null)
say total-disk "\${9-}"
say free-disk "\${11-}"
id=
[ ! -r /etc/machine-id ] || read -r id </etc/machine-id
say machine-id "$id"
say_file() {
  if [ -r "$2" ]; then say "$1" "$(base64 <"$2" | tr -d '\\n')"
  elif [ -e "$2" ]; then say "$1" "$(as_root base64 "$2" | tr -d '\\n')"; fi
}
say_file daemon-json ${DAEMON_JSON}
say_file daemon-ours ${DAEMON_OURS}
[ ! -e ${RESTART_MARK} ] || say restart-pending yes`;

const addressPart = `ip -4 -o addr show scope global 2>/dev/null | while read -r _ device _ address rest; do
  mtu=; read -r mtu 2>/dev/null <"/sys/class/net/$device/mtu"
  case $address in */*) prefix=\${address#*/} ;; *) prefix=- ;; esac
  case " $rest" in *' dynamic '*) dynamic=dynamic ;; *) dynamic= ;; esac
  say address "$device \${address%/*} $prefix \${mtu:--} $dynamic"
done`;

/** A manager without a majority answers for itself at once, and for the swarm never: what came until so long before the end is taken. */
const REST_SECONDS = 3;

/**
 * The one read-only script that each phone runs when it is looked at; prints \`name=value\` lines for {@link parseFacts}. The clock
 * comes last: it is compared with this machine's when the answer is here. It is given up after so many seconds.
 */
export function factsScript(seconds = 15): string {
  return `PATH=$PATH:/usr/sbin:/sbin
${FIND_ROOT}
as_root() { if [ "$how" = none ]; then return 1; fi; $root "$@"; }
say() { printf '%s=%s\\n' "$1" "$2"; }
have() { command -v "$1" >/dev/null 2>&1; }
${ENGINE_DIALOG}
ask_engine() { printf '${getRequests(ASKED)}' | engine_dialog timeout ${seconds - REST_SECONDS} "$@" | base64 | tr -d '\\n'; }
say hostname "$(hostname)"
${FIND_MACHINE}
say machine "$machine"
say privilege "$how"
if [ -d /run/systemd/system ]; then say init systemd; elif have rc-update; then say init openrc; else say init none; fi
if have apk; then say packages apk; elif have apt-get; then say packages apt; else say packages none; fi
if have dockerd; then say installed yes; fi
if [ -e /etc/runlevels/default/docker ] || { have systemctl && systemctl -q is-enabled docker 2>/dev/null; }; then say enabled yes; fi
if have docker; then
  answers=$(ask_engine docker)
  # One that hangs, as while masters elect a leader, would hang for root as well.
  if [ -n "$answers" ] || [ -w /var/run/docker.sock ]; then say access yes
  elif [ "$how" != none ]; then answers=$(ask_engine $root docker); fi
  if [ -n "$answers" ]; then say engine "$answers"; elif pidof dockerd >/dev/null 2>&1; then say silent yes; fi
fi
if c=$(as_root cat /var/lib/docker/swarm/certificates/swarm-node.crt 2>/dev/null); then say certificate "$(printf %s "$c" | base64 | tr -d '\\n')"; fi
${kernelPart}
${machinePart}
${conditionPart}
${addressPart}
if [ -r ${FIREWALL_FILE} ]; then say drop-in "$(sha256sum ${FIREWALL_FILE} | cut -d' ' -f1)"; fi
if rules=$(as_root nft list chain inet filter input 2>/dev/null); then case $rules in *'jump cloudlet'*) say firewall open ;; *) say firewall closed ;; esac; else say firewall none; fi
[ ! -s ${FILE_SUMS} ] || say changed-files "$(sha256sum -c ${FILE_SUMS} 2>/dev/null | sed -n 's/: FAILED.*//p' | tr '\\n' ' ')"
say repairs "$(cat ${STATE_DIRECTORY}/repairs 2>/dev/null)"
say time "\${EPOCHSECONDS:-$(date +%s)}"
say done yes
`;
}
