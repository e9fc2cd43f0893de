import { MASTERS, onMaster, onPhone } from "../observe/ssh-commands";
import { SWARM_FOUND, WORKSPACE } from "../observe/ssh-config";
import { shellQuote } from "../observe/shell-quote";
import { freeGossipPortScript } from "../nodes/phone-scripts";
import { NODE_LABEL } from "../plan/platform";
import type { PlannedNode } from "../plan/plan";
import { enterScript } from "./enter-script";
import { restartMember } from "./restart-script";
import { demoteFunction, MEMBER_SECONDS } from "./demotion-script";

// These scripts run on the operator's machine, around OpenSSH: a membership concerns two phones, and either may be dead.

/** A phone that goes without a word is found to be down after three missed heartbeats, some 20 s. */
const DOWN_SECONDS = 60;

/**
 * Adopts the swarm that a master already manages, or begins one on the first master. What a look found comes in a file: a swarm that
 * is there and elects a leader must not get a second one beside it.
 */
export function beginSwarmScript({ key, address }: PlannedNode, pool?: string): string {
  const init = `set -e
${freeGossipPortScript(key)}
docker swarm init --advertise-addr ${address} --data-path-addr ${address}${pool === undefined ? "" : ` --default-addr-pool ${pool}`} >/dev/null
tries=0
until docker node ls -q >/dev/null 2>&1; do
  tries=$((tries + 1))
  if [ $tries -gt ${MEMBER_SECONDS * 5} ]; then echo "${key}: it began a swarm that does not answer after ${MEMBER_SECONDS} s" >&2; exit 1; fi
  sleep 0.2
done`;
  const listNodes = "docker node ls -q >/dev/null";
  const begin = onPhone(key, init);
  return `set -eu
case $(cat ${SWARM_FOUND}) in
  some) ${onMaster(listNodes)} ;;
  none) ${begin} ;;
  *) ELECTION_SECONDS=0 ${onMaster(listNodes)} 2>/dev/null || ${begin} ;;
esac
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
  const askToken = `said=$(docker swarm join-token ${token}) || exit; set -- $(echo "$said" | sed -n 's/.* --token //p')`;
  const invitation =
    role === "master"
      ? `${onMaster(inviteMaster(key, askToken))} ${MASTERS}`
      : onMaster(`${askToken}; echo "$1 $2"`);
  // Holds the process that lets this phone join, as long as it does.
  const mark = `${WORKSPACE}/joining-${key}`;
  return `set -eu
ln -sf $$ ${mark}
trap 'rm -f ${mark}' EXIT
joined=$(${invitation} | ${onPhone(key, enterScript(node))})
# The phone's own words, and on their way to a master's shell.
case $joined in "" | *[!a-z0-9\\ ]*) echo "${key}: expected its node's id, got something else" >&2; exit 1 ;; esac
set -- $joined
if [ "\${2-}" = restart ]; then
  ${restartMember(key)}
fi
${onMaster(settleOnMaster(node))} "$1" ${MASTERS}
${onMaster(forgetFormer(key))} "$1" ${MASTERS}
rm -f ${mark}
others_join() { for other in ${WORKSPACE}/joining-*; do ! [ -L "$other" ] || ! kill -0 "$(readlink "$other")" 2>/dev/null || return 0; done; return 1; }
others_join || ${onMaster(forgetUnused(key))}
`;
}

// A manager more is easier to agree to once the dead are none; who answers is said too, as ",ADDRESS,ADDRESS,".
function inviteMaster(key: string, askToken: string): string {
  return `${demoteFunction(key)}
invite() {
  drop_dead "$1" || return
  managers=$(docker node ls -q --filter role=manager) || return
  living=$(docker node inspect --format '{{with .ManagerStatus}}{{.Reachability}} {{.Addr}}{{end}}' $managers | sed -n 's/^reachable //p' | tr '\\n' ',')
  ${askToken}
  echo "$1 $2 ,$living"
}
invite`;
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
  // A manager that shall be none is one no more before anything else is done to it.
  const demote = `if [ "$(docker node inspect --format '{{.Spec.Role}}' "$1")" = manager ]; then demote "$1" "$2" || return; fi`;
  return `${role === "master" ? "" : demoteFunction(key)}
settle() {
  ${role === "master" ? ":" : demote}
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
  return `${demoteFunction(key)}
forget() {
  for node in $(docker node ls --filter node.label=${NODE_LABEL}=${key} --format '{{.ID}}'); do
    [ "$node" != "$1" ] || continue
    tries=0
    until [ "$(docker node inspect --format '{{.Status.State}}' "$node")" = down ]; do
      tries=$((tries + 1))
      if [ $tries -gt ${DOWN_SECONDS * 2} ]; then echo "${key}: another phone is in the swarm under this key: node $node at $(docker node inspect --format '{{.Status.Addr}}' "$node")" >&2; return 1; fi
      sleep 0.5
    done
    demote "$node" "$2" && docker node rm --force "$node" >/dev/null || return
  done
}
forget`;
}

// Where the masters answer late, an engine asks again for a certificate, and each time gets an entry of its own (engine 20.10: swarmkit's
// requestNodeCertificate). Services that run on every node wait for those it does not use. A phone that is about to join has
// one that looks the same, so the last one to join removes them.
function forgetUnused(key: string): string {
  return `entries=$(docker node inspect --format '{{.ID}} {{.Status.State}} {{.Description.Hostname}}' $(docker node ls -q)) || exit
for node in $(echo "$entries" | sed -n 's/ unknown $//p'); do
  docker node rm --force "$node" >/dev/null && echo "${key}: removed an entry of the swarm that no phone has used: $node" >&2
done`;
}
