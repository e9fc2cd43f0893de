import { FIND_ROOT, FIREWALL_FILE, STATE_DIRECTORY } from "../observe/facts-scripts";
import { onFormerPhone } from "../observe/ssh-commands";
import { SSH_CONFIG } from "../observe/ssh-config";
import { shellQuote } from "../observe/shell-quote";
import type { PlannedNode } from "../plan/plan";

/** What postmarketOS's Docker package brings; without it, answers of published ports do not get out. */
const DOCKER_RULES = "/etc/nftables.d/51_docker.nft";
/** What an engine in a swarm needs of a kernel that has them as modules; otherwise loaded when needed, where a failure shows late. */
const MODULES = "overlay br_netfilter vxlan veth nf_conntrack ip_vs ip_vs_rr xt_ipvs";
/** Read at boot, by OpenRC and systemd alike. */
const MODULES_FILE = "/etc/modules-load.d/cloudlet.conf";
/** A first start on an ARMv7 phone takes half a minute; four times that is a phone in trouble. */
const ENGINE_START_SECONDS = 120;
/** Packages come over Wi-Fi; a script that takes longer than this hangs. */
const SCRIPT_SECONDS = 900;

/** Wraps a script so that a phone's login shell runs it as root, without a password and with a time limit. */
export function asRoot(phone: string, script: string): string {
  return `${FIND_ROOT}
if [ "$root" = none ]; then
  echo "${phone}: the user $(id -un) cannot become root without a password; add 'permit nopass $(id -un)' to /etc/doas.d/cloudlet.conf or '$(id -un) ALL=(ALL) NOPASSWD: ALL' to /etc/sudoers.d/cloudlet" >&2
  exit 1
fi
$root timeout ${SCRIPT_SECONDS} sh -c ${shellQuote(script)} script "$@" </dev/null`;
}

const PROLOGUE = (phone: string) => `set -eu
PATH=$PATH:/usr/sbin:/sbin
fail() { echo "${phone}: $1" >&2; exit 1; }
have() { command -v "$1" >/dev/null 2>&1; }
`;

/**
 * Makes a phone a working engine that its peers can reach: checks first and changes nothing when it does not fit, then installs
 * Docker, enables it at boot, starts it, opens the firewall to the peers. Idempotent. Its argument is the repair number.
 */
export function setUpEngineScript(node: PlannedNode): string {
  const { key, user, platform, machines } = node;
  return asRoot(
    key,
    `${PROLOGUE(key)}case $(uname -m) in
  ${machines.join("|")}) ;;
  *) fail "expected a machine for ${platform} (${machines.join(" or ")}), got $(uname -m); set platform for this phone" ;;
esac
mkdir -p ${STATE_DIRECTORY}
if ! have dockerd; then
  if have apk; then apk add --no-interactive --quiet docker >&2 || fail "apk could not install Docker"
  elif have apt-get; then DEBIAN_FRONTEND=noninteractive apt-get install -y -q docker.io >&2 || fail "apt-get could not install Docker"
  else fail "Docker is not installed, and there is neither apk nor apt-get to install it with"; fi
fi
if [ ${user} != root ] && ! id -nG ${user} | tr ' ' '\\n' | grep -qx docker; then
  if have usermod; then usermod -aG docker ${user}; else addgroup ${user} docker; fi
  : > ${STATE_DIRECTORY}/added-to-docker-group
fi
${modulesPart}${firewallPart(node)}${enginePart}
echo "$1" > ${STATE_DIRECTORY}/repairs
`,
  );
}

const ENGINE_LOG = "its log is /var/log/docker.log or \\`journalctl -u docker\\`";

// Defines await_engine: waits until the engine answers, and says where to look when it does not.
const AWAIT_ENGINE = `await_engine() {
  tries=0
  until docker info >/dev/null 2>&1; do
    tries=$((tries + 1))
    if [ $tries -gt ${ENGINE_START_SECONDS * 5} ]; then fail "Docker was started but does not answer after ${ENGINE_START_SECONDS} s; ${ENGINE_LOG}"; fi
    sleep 0.2
  done
}
`;

/**
 * Restarts an engine that is in no swarm and yet holds the port of Swarm's gossip (7946): it left one while others did, and gave up
 * telling them (engine 20.10, "timeout waiting for leave broadcast"). Joined like that, its overlay networks reach no other phone.
 */
export function freeGossipPortScript(phone: string): string {
  const restart = asRoot(
    phone,
    `${PROLOGUE(phone)}${AWAIT_ENGINE}if [ "$(docker info --format '{{.Swarm.LocalNodeState}}')" = inactive ]; then
  if [ -d /run/systemd/system ]; then systemctl restart docker; else rc-service -q docker restart; fi >&2
  await_engine
fi`,
  );
  return `if cat /proc/net/tcp /proc/net/tcp6 2>/dev/null | grep -qi ':1F0A [0-9A-F:]* 0A '; then (
${restart}
) fi`;
}

// One that is built in or not there at all is no failure: the doctor tells what is missing.
const modulesPart = `modprobe -qa ${MODULES} 2>/dev/null || :
if [ ! -e ${MODULES_FILE} ]; then
  mkdir -p ${MODULES_FILE.slice(0, MODULES_FILE.lastIndexOf("/"))}
  printf '%s\\n' ${MODULES} > ${MODULES_FILE}
fi
`;

const enginePart = `${AWAIT_ENGINE}if [ -d /run/systemd/system ]; then
  if ! systemctl -q is-enabled docker 2>/dev/null; then systemctl -q enable docker; : > ${STATE_DIRECTORY}/enabled-docker; fi
  start="systemctl start docker"
elif have rc-update; then
  if [ ! -e /etc/runlevels/default/docker ]; then rc-update -q add docker default >/dev/null; : > ${STATE_DIRECTORY}/enabled-docker; fi
  start="rc-service -q docker start"
else fail "neither OpenRC nor systemd is here to start Docker at boot"; fi
if ! docker info >/dev/null 2>&1; then
  $start >&2 || fail "Docker does not start; ${ENGINE_LOG}"
  await_engine
fi`;

// Applied live rule by rule: restarting nftables would flush Docker's own rules with everything else.
function firewallPart(node: PlannedNode): string {
  return `if nft list chain inet filter input >/dev/null 2>&1; then
  # postmarketOS's own rules for Docker's bridges come with the package, and are otherwise loaded at the next boot.
  if [ -e ${DOCKER_RULES} ] && ! nft list chain inet filter forward | grep -q 'docker'; then nft -f ${DOCKER_RULES}; fi
  mkdir -p ${FIREWALL_FILE.slice(0, FIREWALL_FILE.lastIndexOf("/"))}
  printf %s ${shellQuote(node.firewall)} > ${FIREWALL_FILE}.new
  mv ${FIREWALL_FILE}.new ${FIREWALL_FILE}
  if nft list chain inet filter input | grep -q 'jump cloudlet'; then sed '/^insert/d' ${FIREWALL_FILE} | nft -f -; else nft -f ${FIREWALL_FILE}; fi || fail "nft does not accept ${FIREWALL_FILE}"
fi
`;
}

/**
 * Takes back what cloudlet did to a phone: out of any swarm, firewall closed, Docker not started at boot where it was not before.
 * Docker itself stays installed. Idempotent.
 */
export function undoPhoneScript(phone: string, user: string): string {
  return asRoot(
    phone,
    `${PROLOGUE(phone)}if have docker && docker info >/dev/null 2>&1; then
  case $(docker info --format '{{.Swarm.LocalNodeState}}') in inactive) ;; *) docker swarm leave --force >/dev/null || fail "cannot leave the swarm" ;; esac
else
  rm -rf /var/lib/docker/swarm
fi
rm -f ${FIREWALL_FILE} ${MODULES_FILE}
if have nft; then
  nft -a list chain inet filter input 2>/dev/null | sed -n 's/.*jump cloudlet.*handle \\([0-9]*\\).*/\\1/p' | while read -r handle; do nft delete rule inet filter input handle "$handle"; done
  if nft list chain inet filter cloudlet >/dev/null 2>&1; then nft flush chain inet filter cloudlet; nft delete chain inet filter cloudlet; fi
fi
if [ -e ${STATE_DIRECTORY}/enabled-docker ]; then
  if [ -d /run/systemd/system ]; then systemctl -q disable docker; else rc-update -q del docker default >/dev/null; fi
fi
if [ -e ${STATE_DIRECTORY}/added-to-docker-group ]; then
  if have gpasswd; then gpasswd -d ${user} docker >/dev/null; else delgroup ${user} docker; fi
fi
rm -rf ${STATE_DIRECTORY}
`,
  );
}

/**
 * Undoes a phone's provisioning over SSH. A phone that does not answer is named, with the command for when it is back, and
 * does not stop a destroy; a phone that answers and fails does, and so does a login that only lacks the key in the agent.
 */
export function undoScript(node: PlannedNode): string {
  const { key, user, address } = node;
  return `if [ ! -r ${SSH_CONFIG} ]; then echo "${key}: there is no ${SSH_CONFIG} here to reach it with; pulumi preview writes it" >&2; exit 1; fi
said=$(${onFormerPhone(node, undoPhoneScript(key, user))} 2>&1)
status=$?
[ -z "$said" ] || echo "$said" >&2
[ $status -eq 255 ] || exit $status
case $said in *"ermission denied"*) echo "${key}: it refuses the login; pulumi preview loads the key into the agent" >&2; exit 1 ;; esac
echo "${key}: it does not answer at ${address}, so it was not cleaned up; when it is back, run: ssh ${user}@${address} docker swarm leave --force" >&2
`;
}
