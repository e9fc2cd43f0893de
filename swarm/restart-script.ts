import { restartEngineScript } from "../nodes/phone-scripts";
import { onMaster, onPhone } from "../observe/ssh-commands";
import { drainFunction } from "./drain-script";

/** A database on a slow phone takes two minutes until it is healthy. */
const START_SECONDS = 180;
/** How long the scheduler may take to see that the phone before is there again for tasks that only it suits. */
const SCHEDULE_SECONDS = 5;

/**
 * Restarts a member's engine for settings that it only takes then: its tasks go elsewhere first, and come back to it once its
 * availability is settled. Where the other masters would be no majority meanwhile it is left for a later run, and said.
 * In the shell's first argument is the node's id.
 */
export function restartMember(phone: string): string {
  return `if ${onMaster(makeWay(phone))} "$1"; then ${onPhone(phone, restartEngineScript(phone))}; fi`;
}

// A task that still starts, on the phone that was restarted before, counts as no replica of those that go on; and where its manager
// goes away before it is healthy, it runs then and has no name in its networks (engine 20.10).
function makeWay(phone: string): string {
  return `${drainFunction(phone)}
others_manage() {
  managers=$(docker node ls --filter role=manager --format '{{.ID}} {{.ManagerStatus}}') || return
  others=$(echo "$managers" | grep -v "^$1 ")
  [ -n "$others" ] && [ "$others" != "$managers" ] || return 0
  answering=$(echo "$others" | grep -vc ' Unreachable$')
  all=$(echo "$managers" | grep -c .)
  [ $((answering * 2)) -gt "$all" ] || { echo "${phone}: its engine restarts in a later run, as $answering of $all masters would be no majority meanwhile" >&2; return 1; }
}
list_starting() {
  services=$(docker service ls -q)
  [ -n "$services" ] || return 0
  docker service ps --filter desired-state=running --format '{{.Name}} {{.CurrentState}} {{.Error}}' $services | sed '/^[^ ]* Running /d'
}
await_starts() {
  tries=0
  while
    starting=$(list_starting)
    [ $tries -le ${SCHEDULE_SECONDS * 2} ] || starting=$(echo "$starting" | grep -v 'no suitable node')
    [ -n "$starting" ] && [ $tries -le ${START_SECONDS * 2} ]
  do
    tries=$((tries + 1))
    sleep 0.5
  done
  [ -z "$starting" ] || echo "${phone}: after ${START_SECONDS} s these tasks have not started: $(echo "$starting" | sed 's/ .*//' | tr '\\n' ' ' | sed 's/ $//'); docker service ps tells why" >&2
}
make_way() { others_manage "$1" && await_starts && drain "$1"; }
make_way`;
}
