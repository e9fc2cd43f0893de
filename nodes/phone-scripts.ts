import {
  FIND_MACHINE,
  FIND_ROOT,
  FIREWALL_FILE,
  RESTART_MARK,
  STATE_DIRECTORY,
} from "../observe/facts-scripts";
import { onFormerPhone } from "../observe/ssh-commands";
import { AGENT_SOCKET, SSH_CONFIG, WORKSPACE } from "../observe/ssh-config";
import { shellQuote } from "../observe/shell-quote";
import type { PlannedNode } from "../plan/plan";
import { engineSettingsPart, undoEngineSettingsPart } from "./engine-settings";
import { habitsPart, undoHabitsPart } from "./phone-habits";
import { registryCertificatesPart, undoRegistryCertificatesPart } from "./registry-certificates";

/** What postmarketOS's Docker package brings; without it, answers of published ports do not get out. */
const DOCKER_RULES = "/etc/nftables.d/51_docker.nft";
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
 * Docker, makes a server of the phone, opens the firewall to the peers, settles the engine's settings, enables it at boot, starts it.
 * Idempotent. Its first argument is the time, which is the repair number too; the others are those of {@link habitsPart}.
 */
export function setUpEngineScript(node: PlannedNode): string {
  const { key, user, platform, machines } = node;
  return asRoot(
    key,
    `${PROLOGUE(key)}${FIND_MACHINE}
case $machine in
  ${machines.join("|")}) ;;
  *) fail "expected a machine for ${platform} (${machines.join(" or ")}), got $machine; set platform for this phone" ;;
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
${AWAIT_ENGINE}${RESTART_ENGINE}${MARK_RESTART}${LET_LEAVE}${habitsPart(node)}${firewallPart(node)}${engineSettingsPart(node.engineSettings)}${registryCertificatesPart(node.registryCertificates)}${enginePart}
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

// An engine that is ended while it leaves a network leaves the VXLAN interface behind, and no engine makes another of that number (20.10).
const RESTART_ENGINE = `restart_engine() {
  engine() { if [ -d /run/systemd/system ]; then systemctl "$1" docker; else rc-service -q docker "$1"; fi >&2; }
  engine stop
  for link in /sys/class/net/vx-*; do
    if [ -e "$link" ]; then ip link delete "\${link##*/}" >&2 || :; fi
  done
  engine start
}
`;

// A member's engine is restarted by the swarm's step, one phone after the other; one in no swarm before it ends.
const MARK_RESTART = `mark_restart() { if docker info >/dev/null 2>&1; then : > ${RESTART_MARK}; fi; }
`;

/**
 * Restarts an engine that is in no swarm and yet holds the port of Swarm's gossip (7946): it left one while others did, and gave up
 * telling them (engine 20.10, "timeout waiting for leave broadcast"). Joined like that, its overlay networks reach no other phone.
 */
export function freeGossipPortScript(phone: string): string {
  return `if cat /proc/net/tcp /proc/net/tcp6 2>/dev/null | grep -qi ':1F0A [0-9A-F:]* 0A ' && [ "$(docker info --format '{{.Swarm.LocalNodeState}}')" = inactive ]; then (
${restartEngineScript(phone)}
) fi`;
}

/**
 * Restarts a phone's engine and waits until it is what it was before: answering, and if it was in a swarm, a member, or a manager that
 * sees it.
 */
export function restartEngineScript(phone: string): string {
  return asRoot(
    phone,
    `${PROLOGUE(phone)}${AWAIT_ENGINE}${RESTART_ENGINE}is_back() {
  docker info --format '{{.Swarm.LocalNodeState}} {{.Swarm.ControlAvailable}}' 2>/dev/null
}
before=$(is_back) || before=
restart_engine
await_engine
tries=0
until [ "$(is_back)" = "$before" ] || [ -z "$before" ]; do
  tries=$((tries + 1))
  [ $tries -le ${ENGINE_START_SECONDS * 5} ] || fail "Docker was restarted and is not in the swarm as before ($before) after ${ENGINE_START_SECONDS} s; ${ENGINE_LOG}"
  sleep 0.2
done
case $before in *true) until docker node ls -q >/dev/null 2>&1; do tries=$((tries + 1)); [ $tries -le ${ENGINE_START_SECONDS * 5} ] || fail "Docker was restarted and manages the swarm no more after ${ENGINE_START_SECONDS} s; ${ENGINE_LOG}"; sleep 0.2; done ;; esac
rm -f ${RESTART_MARK}`,
  );
}

const enginePart = `if [ -d /run/systemd/system ]; then
  if ! systemctl -q is-enabled docker 2>/dev/null; then systemctl -q enable docker; : > ${STATE_DIRECTORY}/enabled-docker; fi
  start="systemctl start docker"
elif have rc-update; then
  if [ ! -e /etc/runlevels/default/docker ]; then rc-update -q add docker default >/dev/null; : > ${STATE_DIRECTORY}/enabled-docker; fi
  start="rc-service -q docker start"
else fail "neither OpenRC nor systemd is here to start Docker at boot"; fi
if ! docker info >/dev/null 2>&1; then
  $start >&2 || fail "Docker does not start; ${ENGINE_LOG}"
  await_engine
  rm -f ${RESTART_MARK}
fi
if [ -e ${RESTART_MARK} ] && [ "$(docker info --format '{{.Swarm.LocalNodeState}}')" = inactive ]; then
  restart_engine
  await_engine
  rm -f ${RESTART_MARK}
fi`;

/** Longer than any run takes; then the kernel forgets it. */
const LEAVING_HOURS = 1;
// In the living rules alone. A second rule for the same set changes nothing.
const LET_LEAVE = `let_leave() {
  nft add set inet filter cloudlet_leaving '{ type ipv4_addr; flags timeout; }' &&
    nft add element inet filter cloudlet_leaving "{ $1 timeout ${LEAVING_HOURS}h }" &&
    nft add rule inet filter cloudlet ip saddr @cloudlet_leaving tcp dport '{ 2377, 7946 }' accept &&
    nft add rule inet filter cloudlet ip saddr @cloudlet_leaving udp dport '{ 4789, 7946 }' accept
}
`;

// Applied live rule by rule: restarting nftables would flush Docker's own rules with everything else.
function firewallPart(node: PlannedNode): string {
  return `if nft list chain inet filter input >/dev/null 2>&1; then
  # postmarketOS's own rules for Docker's bridges come with the package, and are otherwise loaded at the next boot.
  if [ -e ${DOCKER_RULES} ] && ! nft list chain inet filter forward | grep -q 'docker'; then nft -f ${DOCKER_RULES}; fi
  mkdir -p ${FIREWALL_FILE.slice(0, FIREWALL_FILE.lastIndexOf("/"))}
  printf %s ${shellQuote(node.firewall)} > ${FIREWALL_FILE}.new
  mv ${FIREWALL_FILE}.new ${FIREWALL_FILE}
  if nft list chain inet filter input | grep -q 'jump cloudlet'; then sed '/^insert/d' ${FIREWALL_FILE} | nft -f -; else nft -f ${FIREWALL_FILE}; fi || fail "nft does not accept ${FIREWALL_FILE}"
  for word; do
    case $word in leaves:*) let_leave "\${word#leaves:}" || echo "${node.key}: \${word#leaves:}, which leaves the swarm, is shut out at once" >&2 ;; esac
  done
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
    `${PROLOGUE(phone)}${RESTART_ENGINE}if have docker && docker info >/dev/null 2>&1; then
  case $(docker info --format '{{.Swarm.LocalNodeState}}') in inactive) ;; *) docker swarm leave --force >/dev/null || fail "cannot leave the swarm" ;; esac
  # What ended earlier is left behind by the engine.
  for container in $(docker ps -aq --filter label=com.docker.swarm.task.id --filter status=exited --filter status=created); do docker rm "$container" >/dev/null 2>&1 || :; done
else
  rm -rf /var/lib/docker/swarm
fi
${undoEngineSettingsPart}${undoRegistryCertificatesPart}${undoHabitsPart}rm -f ${FIREWALL_FILE}
if have nft; then
  nft -a list chain inet filter input 2>/dev/null | sed -n 's/.*jump cloudlet.*handle \\([0-9]*\\).*/\\1/p' | while read -r handle; do nft delete rule inet filter input handle "$handle"; done
  if nft list chain inet filter cloudlet >/dev/null 2>&1; then nft flush chain inet filter cloudlet; nft delete chain inet filter cloudlet; fi
  nft delete set inet filter cloudlet_leaving 2>/dev/null || :
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
 * Undoes a phone's provisioning over SSH. A phone that cannot be reached or logged in to is named, with the command for when it can, and
 * does not stop a destroy; a phone that answers and fails does, and so does an agent without a key, for which every phone would be given up.
 */
export function undoScript(node: PlannedNode): string {
  const { key, user, address } = node;
  const later = `${WORKSPACE}/undo-${key}`;
  return `if [ ! -r ${SSH_CONFIG} ]; then echo "${key}: there is no ${SSH_CONFIG} here to reach it with; pulumi preview writes it" >&2; exit 1; fi
undo=${shellQuote(onFormerPhone(node, undoPhoneScript(key, user)))}
said=$(eval "$undo" 2>&1)
status=$?
[ -z "$said" ] || echo "$said" >&2
[ $status -eq 255 ] || exit $status
case $said in
  *"ermission denied"*)
    SSH_AUTH_SOCK=${AGENT_SOCKET} ssh-add -l >/dev/null 2>&1 || { echo "${key}: it refuses the login, as the ssh agent has no key; pulumi preview loads it" >&2; exit 1; }
    why="it refuses the login at ${address}" ;;
  *"ost key"*) why="what answers at ${address} shows another host key" ;;
  *) why="it does not answer at ${address}" ;;
esac
(umask 077; printf '%s\\n' "$undo" > ${later})
echo "${key}: $why, so it was not cleaned up; when that is mended, run: sh ${later}" >&2
`;
}
