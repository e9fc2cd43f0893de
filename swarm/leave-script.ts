import { MASTERS, onFormerPhone, onMaster } from "../observe/ssh-commands";
import { shellQuote } from "../observe/shell-quote";
import { WORKSPACE } from "../observe/ssh-config";
import type { PlannedNode } from "../plan/plan";
import { NODE_LABEL } from "../plan/platform";
import { demoteFunction } from "./demotion-script";
import { drainFunction } from "./drain-script";

/** Shell for a master: both join tokens change. */
export const ROTATE_TOKENS =
  "for role in worker manager; do docker swarm join-token --rotate -q $role >/dev/null || exit; done";

/** Holds the process id of the removal that goes on. */
const TURN = `${WORKSPACE}/leaving`;
// Pulumi deletes side by side what does not depend on each other; two managers that go at once were seen to block each other (engine 20.10).
const ONE_AT_A_TIME = `until ln -s $$ ${TURN} 2>/dev/null; do
  kill -0 "$(readlink ${TURN})" 2>/dev/null || rm -f ${TURN}
  sleep 0.5
done
trap 'rm -f ${TURN}' EXIT`;

/**
 * Takes a phone out of the swarm while the others go on: drained, demoted, left, entry removed.
 * Works from another master, so a dead phone does not block it.
 */
export function leaveScript(node: PlannedNode): string {
  return `set -u
${ONE_AT_A_TIME}
${onMaster(drainOnMaster(node))} ${MASTERS} || exit $?
${onFormerPhone(node, "docker swarm leave --force")} >/dev/null 2>&1 || echo "${node.key}: it does not answer; its entry is removed all the same" >&2
${onMaster(removeEntry(node))}
`;
}

// By its label; a phone that was interrupted before it got one, by its address.
function findNode({ key, address }: PlannedNode): string {
  const format = `{{.ID}} {{with index .Spec.Labels "${NODE_LABEL}"}}{{.}}{{else}}at {{$.Status.Addr}}{{end}}`;
  const found = `s/ (${key}|at ${address.replaceAll(".", "[.]")})$//p`;
  return `nodes=$(docker node inspect --format ${shellQuote(format)} $(docker node ls -q)) || exit
id=$(echo "$nodes" | sed -En ${shellQuote(found)})
[ -n "$id" ] || exit 0`;
}

function drainOnMaster(node: PlannedNode): string {
  return `${demoteFunction(node.key)}
${drainFunction(node.key)}
leave() {
${findNode(node)}
  for node in $id; do
    drain "$node" && demote "$node" "$1" || return
  done
}
leave`;
}

// Whoever has the phone now knows a join token.
function removeEntry(node: PlannedNode): string {
  return `${findNode(node)}
for node in $id; do docker node rm --force "$node" >/dev/null; done
${ROTATE_TOKENS}`;
}
