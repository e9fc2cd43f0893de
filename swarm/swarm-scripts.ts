import { ENGINE_MESSAGE, ENGINE_POST } from "../observe/engine-api";
import { onFormerPhone, onMaster, onPhone } from "../observe/ssh-commands";
import { shellQuote } from "../observe/shell-quote";
import { freeGossipPortScript } from "../nodes/phone-scripts";
import { NODE_LABEL } from "../plan/platform";
import type { PlannedNode } from "../plan/plan";

// These scripts run on the operator's machine, around OpenSSH: a membership concerns two phones, and either may be dead.

/** Raft answers within a second; a slow phone's certificate and first heartbeat may take half a minute. */
const MEMBER_SECONDS = 90;
/** A phone that goes without a word is found to be down after three missed heartbeats, some 20 s. */
const DOWN_SECONDS = 60;
/** Tasks get their stop grace period and as long again to start elsewhere. */
const DRAIN_SECONDS = 90;

/** Adopts the swarm that a master already manages, or begins one on the first master. */
export function beginSwarmScript({ key, address }: PlannedNode): string {
  const init = `set -e
${freeGossipPortScript(key)}
docker swarm init --advertise-addr ${address} --data-path-addr ${address} >/dev/null
tries=0
until docker node ls -q >/dev/null 2>&1; do
  tries=$((tries + 1))
  if [ $tries -gt ${MEMBER_SECONDS * 5} ]; then echo "${key}: it began a swarm that does not answer after ${MEMBER_SECONDS} s" >&2; exit 1; fi
  sleep 0.2
done`;
  return `set -eu
if [ "\${NO_SWARM:-}" = yes ] || ! ELECTION_SECONDS=0 ${onMaster("docker node ls -q >/dev/null")} 2>/dev/null; then
  ${onPhone(key, init)}
fi
`;
}

/**
 * Makes a phone a member of the swarm with its role, labels and availability. Idempotent.
 * The join token goes from a master's output to the phone's standard input: no command line, file or state holds it.
 */
export function joinScript(node: PlannedNode): string {
  const { key, role } = node;
  const token = role === "master" ? "manager" : "worker";
  // Of the whole command that docker proposes, the token and the address.
  const invitation = `said=$(docker swarm join-token ${token}) || exit; echo "$said" | sed -n 's/.* --token //p'`;
  return `set -eu
id=$(${onMaster(invitation)} | ${onPhone(key, joinOnPhone(node))})
${onMaster(settleOnMaster(node))} "$id"
${onMaster(forgetFormer(key))} "$id"
`;
}

// The docker CLI takes the token as an argument, which `ps` shows.
function joinOnPhone({ key, address }: PlannedNode): string {
  return `set -eu
${ENGINE_POST}
fail() { echo "${key}: $1" >&2; exit 1; }
read_invitation() { read -r token master || fail "no master gave a join token"; }
set -- $(docker info --format '{{.Swarm.LocalNodeState}} {{.Swarm.NodeID}} {{.Swarm.NodeAddr}} {{.Swarm.ControlAvailable}} {{.Swarm.Managers}}')
# A node cannot change its address; out of the swarm and in again, it is another node.
if [ "$1" = active ] && [ "$3" != ${address} ]; then
  [ "$4" = false ] || [ "$5" -ge 3 ] || fail "the swarm knows it at $3, and a master that has no two others cannot leave it; on the phone: docker swarm init --force-new-cluster --advertise-addr ${address}"
  read_invitation
  case $master in "$3":*) fail "the swarm knows it at $3, and no other master answers to let it in at ${address}" ;; esac
  docker swarm leave --force >/dev/null
  set -- inactive
elif [ "$1" = inactive ]; then
  read_invitation
fi
if [ "$1" = inactive ]; then
  ${freeGossipPortScript(key)}
  said=$(engine_post /swarm/join '{"ListenAddr":"0.0.0.0:2377","AdvertiseAddr":"${address}","DataPathAddr":"${address}","RemoteAddrs":["'$master'"],"JoinToken":"'$token'"}')
  echo "$said" | head -n 1 | grep -q ' 200 ' || fail "the swarm at $master did not let it in: $(echo "$said" | ${ENGINE_MESSAGE})"
  set -- active $(docker info --format '{{.Swarm.NodeID}}')
fi
echo "$2"`;
}

// Labels that an earlier run set and this one does not are removed; labels of others stay. The list of ours is itself a label.
function settleOnMaster({ key, role, availability, nodeLabels }: PlannedNode): string {
  const swarmRole = role === "master" ? "manager" : "worker";
  const ours = Object.keys(nodeLabels).sort().join(",");
  const add = Object.entries({ ...nodeLabels, "cloudlet.labels": ours })
    .map(([label, value]) => `--label-add ${shellQuote(`${label}=${value}`)}`)
    .join(" ");
  const reached = role === "master" ? `"manager ready reachable"` : `"worker ready "`;
  const now = `docker node inspect --format '{{.Spec.Role}} {{.Status.State}} {{with .ManagerStatus}}{{.Reachability}}{{end}}' "$1"`;
  return `settle() {
  tries=0
  while :; do
    old=$(docker node inspect --format '{{index .Spec.Labels "cloudlet.labels"}}' "$1" 2>&1) || {
      case $old in *"o such node"* | *"not found"*) old="it is a member of another swarm; let it leave that one first: docker swarm leave" ;; esac
      echo "${key}: $old" >&2
      return 1
    }
    remove=
    for label in $(echo "$old" | tr ',' ' '); do
      case ${shellQuote(`,${ours},`)} in *",$label,"*) ;; *) remove="$remove --label-rm $label" ;; esac
    done
    said=$(docker node update --role ${swarmRole} --availability ${availability} ${add} $remove "$1" 2>&1) && break
    tries=$((tries + 1))
    case $said in *"out of sequence"*) [ $tries -lt 20 ] || { echo "${key}: $said" >&2; return 1; } ;; *) echo "${key}: $said" >&2; return 1 ;; esac
    sleep 0.2
  done
  tries=0
  until [ "$(${now})" = ${reached} ]; do
    tries=$((tries + 1))
    if [ $tries -gt ${MEMBER_SECONDS * 5} ]; then echo "${key}: expected a ${role} that is ready, got $(${now}) after ${MEMBER_SECONDS} s" >&2; return 1; fi
    sleep 0.2
  done
}
settle`;
}

// What the phone was before it was reflashed, wiped, or taken out of the swarm by hand, is still an entry there, with a vote if a master's.
function forgetFormer(key: string): string {
  return `forget() {
  for node in $(docker node ls --filter node.label=${NODE_LABEL}=${key} --format '{{.ID}}'); do
    [ "$node" != "$1" ] || continue
    tries=0
    until [ "$(docker node inspect --format '{{.Status.State}}' "$node")" = down ]; do
      tries=$((tries + 1))
      if [ $tries -gt ${DOWN_SECONDS * 2} ]; then echo "${key}: another phone is in the swarm under this key: node $node at $(docker node inspect --format '{{.Status.Addr}}' "$node")" >&2; return 1; fi
      sleep 0.5
    done
    ${demote(key)}
    docker node rm --force "$node" >/dev/null || return 1
  done
}
forget`;
}

// Of $node; a dead manager's vote counts until then.
function demote(key: string): string {
  return `docker node demote "$node" >/dev/null 2>&1 || :
  tries=0
  until [ -z "$(docker node inspect --format '{{with .ManagerStatus}}{{.Addr}}{{end}}' "$node")" ]; do
    tries=$((tries + 1))
    if [ $tries -gt ${MEMBER_SECONDS * 2} ]; then echo "${key}: it was demoted and is still a manager after ${MEMBER_SECONDS} s" >&2; exit 1; fi
    sleep 0.5
  done`;
}

/**
 * Takes a phone out of the swarm while the others go on: drained, demoted, left, entry removed.
 * Works from another master, so a dead phone does not block it.
 */
export function leaveScript(node: PlannedNode): string {
  return `set -u
${onMaster(drainOnMaster(node.key))} || exit $?
${onFormerPhone(node, "docker swarm leave --force")} >/dev/null 2>&1 || echo "${node.key}: it does not answer; its entry is removed all the same" >&2
${onMaster(removeEntry(node.key))}
`;
}

function findNode(key: string): string {
  const format = `{{.ID}} {{index .Spec.Labels "${NODE_LABEL}"}}`;
  return `nodes=$(docker node inspect --format ${shellQuote(format)} $(docker node ls -q)) || exit
id=$(echo "$nodes" | sed -n ${shellQuote(`s/ ${key}$//p`)})
[ -n "$id" ] || exit 0`;
}

function drainOnMaster(key: string): string {
  return `${findNode(key)}
for node in $id; do
  docker node update --availability drain "$node" >/dev/null
  tries=0
  while [ "$(docker node inspect --format '{{.Status.State}}' "$node")" = ready ] && docker node ps --filter desired-state=running --format '{{.CurrentState}}' "$node" | grep -q '^Running'; do
    tries=$((tries + 1))
    if [ $tries -gt ${DRAIN_SECONDS * 2} ]; then echo "${key}: after ${DRAIN_SECONDS} s these tasks still run there: $(docker node ps --filter desired-state=running --format '{{.Name}}' "$node" | tr '\\n' ' ')" >&2; break; fi
    sleep 0.5
  done
  ${demote(key)}
done`;
}

// Whoever has the phone now knows a join token.
function removeEntry(key: string): string {
  return `${findNode(key)}
for node in $id; do docker node rm --force "$node" >/dev/null; done
for role in worker manager; do docker swarm join-token --rotate -q $role >/dev/null; done`;
}
