import { restartEngineScript } from "../nodes/phone-scripts";
import { onMaster, onPhone } from "../observe/ssh-commands";
import { drainFunction } from "./drain-script";

/**
 * Restarts a member's engine for settings that it only takes then: its tasks go elsewhere first, and come back to it once its
 * availability is settled. Where the other masters would be no majority meanwhile it is left for a later run, and said.
 * In the shell's first argument is the node's id.
 */
export function restartMember(phone: string): string {
  return `if ${onMaster(makeWay(phone))} "$1"; then ${onPhone(phone, restartEngineScript(phone))}; fi`;
}

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
make_way() { others_manage "$1" && drain "$1"; }
make_way`;
}
