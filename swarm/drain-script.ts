/** Tasks get their stop grace period and as long again to start elsewhere. */
const DRAIN_SECONDS = 90;

/**
 * Shell for a master that defines `drain NODE`: gives the node's tasks to others and waits until none runs there and all that ran there
 * run elsewhere. What cannot is said and not waited for longer than its time, or at all where no other phone suits it.
 */
export function drainFunction(phone: string): string {
  return `# Of the services that ran here, those that run fewer tasks than they should, and whether that will change.
lacking() {
  docker service ls --format '{{.Name}} {{.Replicas}}' | while read -r service tasks _; do
    case "$moved" in *" $service "*) ;; *) continue ;; esac
    [ "\${tasks%/*}" -lt "\${tasks#*/}" ] || continue
    will=yes
    docker service ps --filter desired-state=running --format '{{.Error}}' "$service" | grep -q 'no suitable node' && will=no
    echo "$will $service ($tasks)"
  done
}
list() { sed -n "s/^$1 //p" | tr '\\n' ' ' | sed 's/ $//'; }
# Nothing shall run here from the first moment on, but until it has ended, it counts as a replica that runs.
await_move() {
  tries=0
  while
    stuck=$([ "$(docker node inspect --format '{{.Status.State}}' "$node")" != ready ] || docker node ps --format 'yes {{.Name}} {{.CurrentState}}' "$node" | sed -En 's/ (Starting|Running) .*//p' | list yes)
    lacking=$(lacking)
    waiting=$(echo "$lacking" | list yes)
    [ -n "$stuck$waiting" ] && [ $tries -le ${DRAIN_SECONDS * 2} ]
  do
    tries=$((tries + 1))
    sleep 0.5
  done
  homeless=$(echo "$lacking" | list no)
  [ -z "$stuck" ] || echo "${phone}: after ${DRAIN_SECONDS} s these tasks still run there: $stuck" >&2
  [ -z "$waiting" ] || echo "${phone}: after ${DRAIN_SECONDS} s these services do not run elsewhere: $waiting; docker service ps tells why" >&2
  [ -z "$homeless" ] || echo "${phone}: no other phone suits these services: $homeless" >&2
}
drain() {
  node=$1
  moved=" $(docker node ps --filter desired-state=running --format '{{.Name}}' "$node" | sed 's/[.][^.]*$//' | sort -u | tr '\\n' ' ')"
  docker node update --availability drain "$node" >/dev/null || return
  await_move
}`;
}
