import type { NodeConfig } from "../config/config";
import { asRoot } from "../nodes/phone-scripts";
import { FIND_ROOT, STATE_DIRECTORY } from "../observe/facts-scripts";
import { shellQuote } from "../observe/shell-quote";

// For a swarm that has lost its majority, and for backups that such a swarm is restored from. All run on a phone, as root.

/** Where an engine keeps its part of the swarm: membership, keys, the raft log. */
const SWARM_DIRECTORY = "/var/lib/docker/swarm";
/** Masters that answer and do not manage may be electing a leader. */
const ELECTION_SECONDS = 15;
/** A first start on an ARMv7 phone takes half a minute. */
const ENGINE_SECONDS = 120;
/** One manager elects itself within seconds; it may have a long log to read first. */
const SWARM_SECONDS = 90;

const PROLOGUE = (phone: string) => `set -eu
PATH=$PATH:/usr/sbin:/sbin
fail() { echo "${phone}: $1" >&2; exit 1; }
`;

/** Defines wait_for SECONDS COMMAND...: fails when the time is over. By the clock: without a majority an answer takes seconds. */
const WAIT_FOR = `wait_for() {
  end=$(($(date +%s) + $1))
  shift
  until "$@" >/dev/null 2>&1; do
    [ "$(date +%s)" -lt $end ] || return 1
    sleep 0.2
  done
}
`;

// Silent: where the connection is cut, the first word written would end the command that writes it.
const ENGINE = `${WAIT_FOR}start_engine() {
  docker info >/dev/null 2>&1 || { if [ -d /run/systemd/system ]; then systemctl start docker; else rc-service -q docker start; fi; } >/dev/null 2>&1 || :
  wait_for ${ENGINE_SECONDS} docker info || fail "Docker does not answer ${ENGINE_SECONDS} s after its start; its log is /var/log/docker.log or \\\`journalctl -u docker\\\`"
}
engine_is_off() { ! docker info; }
stop_engine() {
  if [ -d /run/systemd/system ]; then systemctl stop docker.socket; systemctl stop docker; else rc-service -q docker stop; fi >/dev/null 2>&1 || :
  wait_for ${ENGINE_SECONDS} engine_is_off || fail "Docker does not stop within ${ENGINE_SECONDS} s"
}
`;

/**
 * Asks how far a manager's raft log reaches; changes nothing. Prints `raft=TERM INDEX` and `written=SECONDS`.
 * A manager without a majority stands for election again and again, and its engine logs the term and index of its last entry each
 * time: by the same two numbers raft itself decides whose log is newer. When its files were written proves less, as each election
 * is written down too: it is for phones whose engine was stopped.
 */
export function raftScript(phone: string): string {
  const asked =
    "s/.*\\[logterm: \\([0-9]*\\), index: \\([0-9]*\\)\\] sent Msg[A-Za-z]*Vote .*/\\1 \\2/p";
  return asRoot(
    phone,
    `${PROLOGUE(phone)}log() { if [ -r /var/log/docker.log ]; then cat /var/log/docker.log; elif command -v journalctl >/dev/null 2>&1; then journalctl -q -u docker -o cat -n 5000; fi; }
echo "raft=$(log 2>/dev/null | sed -n ${shellQuote(asked)} | tail -n 1)"
written=0
for file in ${SWARM_DIRECTORY}/raft/wal-v3-encrypted/*; do
  at=$(stat -c %Y "$file" 2>/dev/null) || continue
  [ "$at" -le "$written" ] || written=$at
done
echo "written=$written"
`,
  );
}

const forceNewCluster = ({ address }: NodeConfig) => `manages() { docker node ls -q; }
# Its output holds a join token.
said=$(docker swarm init --force-new-cluster --advertise-addr ${address} --data-path-addr ${address} 2>&1 >/dev/null) || :
wait_for ${SWARM_SECONDS} manages || fail "it does not manage the swarm \${said:+($said) }after ${SWARM_SECONDS} s"
`;

/**
 * Makes a manager without a majority the only one of its swarm; services, networks and secrets stay. Refuses where there is a majority
 * after all: the look at the phones may have met an election.
 */
export function forceNewClusterScript(node: NodeConfig): string {
  const { key } = node;
  return asRoot(
    key,
    `${PROLOGUE(key)}${ENGINE}start_engine
has_majority() { docker node ls -q; }
! wait_for ${ELECTION_SECONDS} has_majority || fail "it manages the swarm with a majority, so nothing was changed"
${forceNewCluster(node)}`,
  );
}

/**
 * Takes a phone out of the swarm as it was before: it holds the state of managers that are no longer asked. Only where it is still the
 * node that was looked at. Idempotent.
 */
export function leaveOldSwarmScript(phone: string, nodeId: string): string {
  return asRoot(
    phone,
    `${PROLOGUE(phone)}${ENGINE}start_engine
is_out() { [ "$(docker info --format '{{.Swarm.LocalNodeState}}')" = inactive ]; }
if is_out; then exit 0; fi
# An engine whose swarm does not start may not know its own name.
id=$(docker info --format '{{.Swarm.NodeID}}')
case $id in "" | ${nodeId}) ;; *) fail "expected node ${nodeId}, got $id; it has joined a swarm since it was looked at" ;; esac
docker swarm leave --force >/dev/null 2>&1 || :
wait_for ${SWARM_SECONDS} is_out || fail "it does not leave its old swarm within ${SWARM_SECONDS} s"
`,
  );
}

/**
 * Clears up after {@link forceNewClusterScript}, on the same phone: removes the entries of managers that are no longer part of raft, so
 * that their tasks start elsewhere, and makes every join token that the lost phones know worthless. Idempotent.
 */
export function forgetOldMastersScript(phone: string): string {
  return asRoot(
    phone,
    `${PROLOGUE(phone)}${WAIT_FOR}nodes=$(docker node ls -q)
# A manager that raft no longer knows has no manager status.
entries=$(docker node inspect --format '{{.ID}} {{.Spec.Role}} {{with .ManagerStatus}}{{.Reachability}}{{end}}' $nodes)
remove() { docker node demote "$1" || :; docker node rm --force "$1" || { ! docker node inspect "$1"; }; }
for id in $(echo "$entries" | sed -n 's/ manager *$//p'); do
  wait_for ${SWARM_SECONDS} remove "$id" || fail "the entry $id of a lost master cannot be removed: $(docker node rm --force "$id" 2>&1)"
done
for role in worker manager; do docker swarm join-token --rotate -q $role >/dev/null; done
`,
  );
}

/**
 * Packs an engine's part of the swarm while the engine is stopped, starts the engine again whatever happens, then prints the archive.
 * It lies on the phone until then, so that a slow or cut connection does not keep the engine down.
 */
export function backupScript(phone: string): string {
  return asRoot(
    phone,
    `${PROLOGUE(phone)}${ENGINE}umask 077
[ -d ${SWARM_DIRECTORY}/raft ] || fail "expected a manager's state in ${SWARM_DIRECTORY}, got none"
mkdir -p ${STATE_DIRECTORY}
work=$(mktemp -d ${STATE_DIRECTORY}/backup.XXXXXX)
trap 'rm -rf "$work"; start_engine' EXIT
trap 'exit 1' HUP INT TERM PIPE
stop_engine
tar -czf "$work/swarm.tar.gz" -C /var/lib/docker swarm || fail "its swarm state cannot be packed"
start_engine
cat "$work/swarm.tar.gz"
`,
  );
}

/**
 * Puts a backup from standard input in place of a phone's part of the swarm, which is kept aside, and makes that phone the swarm's only
 * manager. `date` names what is kept. Where the backup cannot be unpacked, everything is as before.
 */
export function restoreScript(node: NodeConfig, date: string): string {
  const { key } = node;
  const aside = `${SWARM_DIRECTORY}.${date}`;
  return withInput(
    key,
    `${PROLOGUE(key)}${ENGINE}umask 077
mkdir -p ${STATE_DIRECTORY}
work=$(mktemp -d ${STATE_DIRECTORY}/restore.XXXXXX)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM PIPE
cat > "$work/swarm.tar.gz"
tar -xzf "$work/swarm.tar.gz" -C "$work" 2>/dev/null && [ -d "$work/swarm/raft" ] || fail "expected a backup of a swarm, got something else; nothing was changed"
start_engine
! docker node ls -q >/dev/null 2>&1 || fail "it manages a swarm with a majority, so nothing was changed"
trap 'rm -rf "$work"; start_engine' EXIT
stop_engine
if [ -e ${SWARM_DIRECTORY} ]; then mv ${SWARM_DIRECTORY} ${aside}; fi
cp -a "$work/swarm" ${SWARM_DIRECTORY} || {
  rm -rf ${SWARM_DIRECTORY}
  if [ -e ${aside} ]; then mv ${aside} ${SWARM_DIRECTORY}; fi
  fail "the backup cannot be put in place; the old state is back"
}
start_engine
${forceNewCluster(node)}`,
  );
}

// As asRoot, whose scripts must not read what comes after them; this one is given an archive.
function withInput(phone: string, script: string): string {
  return `${FIND_ROOT}
if [ "$root" = none ]; then echo "${phone}: the user $(id -un) cannot become root without a password" >&2; exit 1; fi
$root sh -c ${shellQuote(script)}`;
}
