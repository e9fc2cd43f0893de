import type { ServiceSpec } from "../compose/swarm-spec";
import { shellQuote } from "../observe/shell-quote";
import { onMaster } from "../observe/ssh-commands";

/** Docker kills a container that outlives its grace period; this is how long its end may take to be reported after that. */
const REPORT_SECONDS = 60;
const DEFAULT_GRACE_NANOSECONDS = 10_000_000_000;

/**
 * Removes a service and waits until its containers are gone, so that its networks and secrets are free. A service that
 * somebody else removed already is fine. The docker provider's own delete fails on that, and on a container that does not stop in time.
 */
export function removeServiceScript({ Name, TaskTemplate }: ServiceSpec): string {
  const grace = (TaskTemplate.ContainerSpec.StopGracePeriod ?? DEFAULT_GRACE_NANOSECONDS) / 1e9;
  const name = shellQuote(Name);
  // A removed service's tasks can no longer be asked for by its name: they are found by its id among every living node's.
  return onMaster(`absent() { case $1 in *[Nn]"o such service"* | *"not found"*) ;; *) echo "${Name}: $1" >&2; return 1 ;; esac; }
id=$(docker service inspect --format '{{.ID}}' ${name} 2>/dev/null) || { absent "$(docker service inspect ${name} 2>&1)"; exit; }
said=$(docker service rm ${name} 2>&1) || absent "$said" || exit
left() {
  docker node ps --no-resolve --format '{{.Name}} {{.Node}} {{.CurrentState}}' $(docker node ls --format '{{.ID}} {{.Status}}' | sed -n 's/ Ready$//p') | grep "^$id\\..* Running "
}
tries=0
while left >/dev/null; do
  tries=$((tries + 1))
  if [ $tries -gt ${Math.ceil(grace + REPORT_SECONDS) * 5} ]; then echo "${Name}: it was removed, and its tasks still run: $(left)" >&2; exit 1; fi
  sleep 0.2
done`);
}

/** Looks in a row, 0.3 s apart, that must find nothing to wait for. */
const CALM_LOOKS = 3;

/** What {@link readyScript} waits for. */
export interface Readiness {
  readonly services: readonly string[];
  readonly timeoutSeconds: number;
}

/**
 * Waits until every service of a stack runs as many healthy tasks as asked and no update is under way; fails with each
 * task's own error and the phone it was on. Runs on a master. Engine 20.10's words: a task "runs" once its health check passed.
 */
export function readyScript({ services, timeoutSeconds }: Readiness): string {
  return onMaster(`unready() {
  docker service ls --format '{{.Name}} {{.Replicas}}' > "$list"
  # One question for all: each start of the docker command costs a phone part of a second.
  updates=$(docker service inspect --format '{{.Spec.Name}} {{with .UpdateStatus}}{{.State}}{{end}}' ${services.join(" ")} 2>/dev/null)
  for service in ${services.join(" ")}; do
    counts=$(sed -n "s/^$service \\([0-9]*\\)\\/\\([0-9]*\\).*/\\1 \\2/p" "$list")
    set -- $counts
    update=$(echo "$updates" | sed -n "s/^$service //p")
    case $update in paused|rollback_paused|rollback_completed) echo "$service failed:$update"; continue ;; esac
    if [ $# -lt 2 ]; then echo "$service failed:missing"
    elif [ "$1" != "$2" ]; then echo "$service $1/$2"
    elif [ "$update" = updating ] || [ "$update" = rollback_started ]; then echo "$service updating"
    fi
  done
}
explain() {
  echo "$1: $2" >&2
  docker service ps --no-trunc --format '{{.Name}} on {{.Node}}: {{.CurrentState}}: {{.Error}}' "$1" 2>/dev/null | grep -v ': $' | head -n 3 >&2
}
list=$(mktemp); trap 'rm -f "$list"' EXIT
end=$(($(date +%s) + ${timeoutSeconds}))
calm=0
while [ $calm -lt ${CALM_LOOKS} ]; do
  waiting=$(unready)
  # Nothing to wait for, once, is not enough: Swarm notices an update a moment after it was asked for.
  if [ -z "$waiting" ]; then calm=$((calm + 1))
  elif echo "$waiting" | grep -q ' failed:' || [ "$(date +%s)" -ge $end ]; then break
  else calm=0; fi
  sleep 0.3
done
[ -n "$waiting" ] || exit 0
echo "$waiting" | while read -r service state; do
  case $state in
    failed:missing) explain "$service" "it is not there, although the state says so; run: pulumi up --refresh" ;;
    failed:paused) explain "$service" "its update was paused, as tasks failed" ;;
    failed:*) explain "$service" "its update failed and was rolled back" ;;
    updating) explain "$service" "its update is not done after ${timeoutSeconds} s" ;;
    *) explain "$service" "expected all its tasks running, got $state after ${timeoutSeconds} s" ;;
  esac
done
exit 1`);
}
