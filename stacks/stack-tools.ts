import { ENGINE_MESSAGE, ENGINE_POST } from "../observe/engine-api";
import { restartEngineScript } from "../nodes/phone-scripts";
import { RUN_ON_MASTER, SSH_CONFIG, WORKSPACE } from "../observe/ssh-config";

// What a stack's resources run on a master, with arguments. They are files in the workspace and no inputs of resources: those stay
// short to read in a preview, and a newer cloudlet, whose scripts read otherwise, changes no service.

/** Docker kills a container that outlives its grace period; this is how long its end may take to be reported after that. */
const REPORT_SECONDS = 60;
/** Others may write the same service at the same moment; each of these tries takes part of a second. */
const UPDATE_TRIES = 20;
/** Looks in a row, 0.3 s apart, that must find nothing to wait for. */
const CALM_LOOKS = 3;
/** An update that was paused or rolled back is found within so many looks, and a phone whose engine has to restart. */
const UPDATE_LOOKS = 8;
/** The exit code that says so. */
const RESTART_CODE = 3;
/** An election took half a minute on emulated phones. */
const SILENT_SECONDS = 60;

const isGone = (kind: string) => `*[Nn]"o such ${kind}"* | *"not found"*`;

// A removed service's tasks can no longer be asked for by its name: they are found by its id among every living node's.
const REMOVE_FUNCTION = `absent() { case $1 in ${isGone("service")}) ;; *) echo "$name: $1" >&2; return 1 ;; esac; }
left() {
  docker node ps --no-resolve --format '{{.Name}} {{.Node}} {{.CurrentState}}' $(docker node ls --format '{{.ID}} {{.Status}}' | sed -n 's/ Ready$//p') | grep "^$id\\..* Running "
}
remove() {
  id=$(docker service inspect --format '{{.ID}}' "$name" 2>/dev/null) || { absent "$(docker service inspect "$name" 2>&1)"; return; }
  said=$(docker service rm "$name" 2>&1) || absent "$said" || return
  waited=0
  while left >/dev/null; do
    waited=$((waited + 1))
    if [ $waited -gt $(((grace + ${REPORT_SECONDS}) * 5)) ]; then echo "$name: it was removed, and its tasks still run: $(left)" >&2; return 1; fi
    sleep 0.2
  done
}
`;

const LIVING = `{{.ID}} {{.Version.Index}} {{.Spec.TaskTemplate.ForceUpdate}} {{if .Spec.Mode.Replicated}}replicated{{else if .Spec.Mode.Global}}global{{else if .Spec.Mode.ReplicatedJob}}replicated-job{{else}}global-job{{end}}`;
// A dot in a name stands for itself alone.
const reference = (field: string) =>
  `s|"${field}":\\["{{join (split .Spec.Name ".") "[.]"}}"]|"${field}":"{{.ID}}"|g`;

const REMOVE_SERVICE = `# NAME GRACE: removes a service and waits until its containers are gone, so that its networks and secrets are free.
name=$1 grace=$2
${REMOVE_FUNCTION}remove
`;

const APPLY_SERVICE = `# NAME MODE GRACE [KIND:FIELD:OBJECT...], the body on standard input: creates a service, or updates it in place.
set -u
${ENGINE_POST}
name=$1 mode=$2 grace=$3
shift 3
fail() { echo "$name: $1" >&2; exit 1; }
${REMOVE_FUNCTION}body=$(cat)
# The docker command itself writes the lines for sed that put ids in the place of names.
swap=
for object; do
  kind=\${object%%:*} object=\${object#*:}
  case $object in
    SecretID:*) line='${reference("SecretID")}' ;;
    ConfigID:*) line='${reference("ConfigID")}' ;;
    *) line='${reference("Config")}' ;;
  esac
  found=$(docker "$kind" inspect --format "$line" "\${object#*:}" 2>&1) || fail "$(echo "$found" | tail -n 1)"
  # Before it there may be warnings.
  swap="$swap
$(echo "$found" | tail -n 1)"
done
path=/services/create
force=0
tries=0
while :; do
  said=$(engine_post "$path" "$(printf %s "$body" | sed "$swap
s|\\"ForceUpdate\\":\\[\\"force\\"]|\\"ForceUpdate\\":$force|")")
  message=$(echo "$said" | ${ENGINE_MESSAGE})
  case "$(echo "$said" | head -n 1) $message" in
    *" 200 "* | *" 201 "*) exit 0 ;;
    *" 409 "* | *"out of sequence"*) ;;
    # Of a service that is there, Swarm names the port before the name.
    *"already in use by service '$name' "*) ;;
    *) fail "the swarm does not take it: $message" ;;
  esac
  tries=$((tries + 1))
  [ $tries -lt ${UPDATE_TRIES} ] || fail "$message"
  [ $tries = 1 ] || sleep 0.2
  # Only now, as the question whether it is there would cost every new service the start of a docker command.
  living=$(docker service inspect --format '${LIVING}' "$name" 2>&1) || case $living in ${isGone("service")}) living= ;; *) fail "$(echo "$living" | tail -n 1)" ;; esac
  set -- $(echo "$living" | tail -n 1)
  path=/services/create
  force=0
  if [ $# -gt 0 ]; then
    # Swarm refuses a change of the mode.
    if [ "$4" != "$mode" ]; then remove || exit 1; else path="/services/$1/update?version=$2"; force=$3; fi
  fi
done
`;

const CREATE_FILE = `# KIND NAME, the body on standard input: creates a secret or config. One of the same name has the same content.
set -u
${ENGINE_POST}
said=$(engine_post "/$1s/create" "$(cat)")
case $(echo "$said" | head -n 1) in *" 201 "* | *" 409 "*) exit 0 ;; esac
echo "$2: the swarm does not take this $1: $(echo "$said" | ${ENGINE_MESSAGE})" >&2
exit 1
`;

const REMOVE_FILE = `# KIND NAME: removes a secret or config; fine where somebody else did.
said=$(docker "$1" rm "$2" 2>&1) && exit 0
case $said in ${isGone("$1")}) exit 0 ;; esac
echo "$2: $said" >&2
exit 1
`;

const PRUNE = `# KIND:NAME...: removes each; what is in use stays, and is said.
grace=10
${REMOVE_FUNCTION}for object; do
  kind=\${object%%:*} name=\${object#*:}
  if [ "$kind" = service ]; then remove || exit; continue; fi
  said=$(docker "$kind" rm "$name" 2>&1) && continue
  case $said in *"o such $kind"* | *"not found"*) ;; *) echo "$kind $name stays: $said" >&2 ;; esac
done
`;

// Engine 20.10's words: a task "runs" once its health check passed. Those of a phone that went silent count on: "3/2" is enough.
const AWAIT_STACK_PATH = `${WORKSPACE}/await-stack.sh`;
const RESTART_ENGINE_PATH = `${WORKSPACE}/restart-engine.sh`;
const AWAIT_STACK = `# RESTARTED SECONDS SERVICE...: waits until every service runs as many healthy tasks as asked and no update is under way. Ends with
# ${RESTART_CODE} where phones have to restart their engines for that, and prints their keys; not those in RESTARTED, as ",KEY,KEY,".
restarted=$1 seconds=$2
shift 2
services=$*
[ -n "$services" ] || exit 0
# The counts of each service that does not run all that it should; a job's tasks may have completed instead: "0/1 (3/3 completed)".
short() {
  list=$(docker service ls --format '{{.Name}} {{.Replicas}}' 2>&1) || {
    case $list in *DeadlineExceeded* | *"not have a leader"*) echo "- unknown" ;; *) echo "- failed:unknown" ;; esac
    return
  }
  echo "$list" | awk -v services="$services" '
    { counts[$1] = $2; if ($4 ~ /^completed/) { split(substr($3, 2), done, "/"); if (done[1] == done[2]) counts[$1] = $3 } }
    END { for (i = split(services, names, " "); i > 0; i--) {
      found = counts[names[i]]
      sub(/^[(]/, "", found)
      split(found, count, "/")
      if (found == "") print names[i], "failed:missing"
      else if (count[1] + 0 < count[2] + 0) print names[i], found
    } }'
}
updates() {
  docker service inspect --format '{{.Spec.Name}} {{with .UpdateStatus}}{{.State}}{{end}}' $services 2>/dev/null | while read -r service update; do
    case $update in
      paused|rollback_paused|rollback_completed) echo "$service failed:$update" ;;
      updating|rollback_started) echo "$service updating" ;;
    esac
  done
}
# A global service counts none of its tasks that wait to be started again.
restarting() {
  docker service ps --filter desired-state=ready --format '{{.Name}}' $services 2>/dev/null | sed 's/[.][^.]*$/ restarting/' | sort -u
}
# Each start of the docker command takes time from the tasks that start: updates are asked for once all run, and now and then.
unready() {
  waiting=$(short)
  if [ -z "$waiting" ] || [ $((looks % ${UPDATE_LOOKS})) = 0 ]; then waiting=$(updates; echo "$waiting"); fi
  echo "\${waiting:-$(restarting)}" | sed '/^$/d'
}
# An engine may lose the interface of a network that it had made (20.10, moby/libnetwork#1765); until it restarts, no task there joins.
stuck() {
  docker service ps --no-trunc --no-resolve --format '{{.Node}} {{.CurrentState}} {{.Error}}' $(echo "$waiting" | sed 's/ .*//') 2>/dev/null |
    sed -n '/ second.*error creating vxlan interface: file exists/s/ .*//p' | sort -u | while read -r node; do
      key=$(docker node inspect --format '{{index .Spec.Labels "cloudlet.node"}}' "$node") || continue
      case $restarted in *,"$key",*) ;; *) echo "$key" ;; esac
    done
}
explain() {
  echo "$1: $2" >&2
  docker service ps --no-trunc --format '{{.Name}} on {{.Node}}: {{.CurrentState}}{{with .Error}}: {{.}}{{end}}' "$1" 2>/dev/null |
    grep -Ev ': (Running|Shutdown|Complete|Remove) [^:]*$' | head -n 3 >&2
}
answered=$(date +%s)
end=$((answered + seconds))
calm=0
looks=0
while [ $calm -lt ${CALM_LOOKS} ]; do
  looks=$((looks + 1))
  begun=$(date +%s)
  waiting=$(unready)
  # Masters that are very busy, or elect a leader, answer later. One that never does is not the only one.
  if [ "$waiting" != "- unknown" ]; then answered=$begun; elif [ $((begun - answered)) -ge ${SILENT_SECONDS} ]; then break; fi
  # Nothing to wait for, once, is not enough: Swarm notices an update a moment after it was asked for.
  if [ -z "$waiting" ]; then calm=$((calm + 1)); sleep 0.3
  elif [ $((looks % ${UPDATE_LOOKS})) = 0 ] && phones=$(stuck) && [ -n "$phones" ]; then echo "$phones"; exit ${RESTART_CODE}
  elif echo "$waiting" | grep -q ' failed:' || [ "$(date +%s)" -ge $end ]; then break
  # A phone on which a look takes seconds has better things to do than to look.
  else calm=0; took=$(($(date +%s) - begun)); sleep $((took < 2 ? 1 : took * 2)); fi
done
[ -n "$waiting" ] || exit 0
echo "$waiting" | while read -r service state; do
  case $state in
    *unknown) echo "the swarm does not say what runs: $(docker service ls 2>&1 >/dev/null | tail -n 1)" >&2 ;;
    failed:missing) explain "$service" "it is not there, although the state says so; run: pulumi up --refresh" ;;
    failed:paused) explain "$service" "its update was paused, as tasks failed" ;;
    failed:*) explain "$service" "its update failed and was rolled back" ;;
    restarting) explain "$service" "its tasks end and are started again" ;;
    updating) explain "$service" "its update is not done after $seconds s" ;;
    *) explain "$service" "expected all its tasks running, got $state after $seconds s" ;;
  esac
done
exit 1
`;

const READY = `# WORDS: waits on a master until a stack's tasks run, as ${AWAIT_STACK_PATH} does with them. Engines that have to restart for that do, once.
restarted=,
while :; do
  phones=$(sh ${RUN_ON_MASTER} ${AWAIT_STACK_PATH} "$restarted $1")
  code=$?
  [ $code = ${RESTART_CODE} ] || exit $code
  for phone in $phones; do
    echo "$phone: its engine restarts, as no task there can join a network: error creating vxlan interface: file exists" >&2
    ssh -F ${SSH_CONFIG} "$phone" "$(cat ${RESTART_ENGINE_PATH})" </dev/null || exit
    restarted=$restarted$phone,
  done
done
`;

/** Where each tool is in the workspace. */
export const TOOL_PATHS = {
  removeService: `${WORKSPACE}/remove-service.sh`,
  applyService: `${WORKSPACE}/apply-service.sh`,
  createFile: `${WORKSPACE}/create-file.sh`,
  removeFile: `${WORKSPACE}/remove-file.sh`,
  awaitStack: AWAIT_STACK_PATH,
  restartEngine: RESTART_ENGINE_PATH,
  ready: `${WORKSPACE}/ready.sh`,
  prune: `${WORKSPACE}/prune.sh`,
};

/** The tools' text by path. */
export const STACK_TOOLS: Readonly<Record<string, string>> = {
  [TOOL_PATHS.removeService]: REMOVE_SERVICE,
  [TOOL_PATHS.applyService]: APPLY_SERVICE,
  [TOOL_PATHS.createFile]: CREATE_FILE,
  [TOOL_PATHS.removeFile]: REMOVE_FILE,
  [TOOL_PATHS.awaitStack]: AWAIT_STACK,
  [TOOL_PATHS.restartEngine]: restartEngineScript("$(hostname)"),
  [TOOL_PATHS.ready]: READY,
  [TOOL_PATHS.prune]: PRUNE,
};
