import { ENGINE_MESSAGE, ENGINE_POST } from "../observe/engine-api";
import { FIND_ROOT, RESTART_MARK } from "../observe/facts-scripts";
import { freeGossipPortScript } from "../nodes/phone-scripts";
import type { PlannedNode } from "../plan/plan";

/** An engine whose role changes is done within seconds; one that failed to tries again after half a minute. */
const CHANGE_SECONDS = 40;
/** An emulated phone was seen to need more than a minute. */
const JOIN_SECONDS = 180;
/** The engine's own note of the address that it was told to join at. */
const JOINED_AT = "/var/lib/docker/swarm/docker-state.json";

/**
 * Shell for a phone that makes it a member of the swarm, unless it is one, and prints its node's id, and "restart" where its engine has
 * to restart. Reads the invitation from standard input: join token, address of the manager that gave it, and for a master the addresses
 * of all managers that answer, as ",ADDRESS,ADDRESS,". The docker CLI would take the token as an argument, which `ps` shows.
 */
export function enterScript({ key, role, address }: PlannedNode): string {
  return `set -eu
${ENGINE_POST}
fail() { echo "${key}: $1" >&2; exit 1; }
read_invitation() { read -r token master living || fail "no master gave a join token"; }
leave() { docker swarm leave --force >/dev/null; state=inactive; }
ask_state() {
  set -- $(docker info --format '{{.Swarm.LocalNodeState}} {{or .Swarm.NodeID "-"}} {{or .Swarm.NodeAddr "-"}} {{.Swarm.ControlAvailable}} {{.Swarm.Managers}}')
  state=\${1-} id=\${2-} known_at=\${3-} manages=\${4-} managers=\${5-}
}
# While its role changes, or it comes back from a restart, it is neither in nor out.
ask_state
tries=0
while [ "$state" = pending ] || [ "$state" = error ]; do
  tries=$((tries + 1))
  [ $tries -le ${CHANGE_SECONDS * 2} ] || break
  sleep 0.5
  ask_state
done
case $state in
  inactive) read_invitation ;;
  active)
    if [ "$known_at" != ${address} ]; then
      # A node cannot change its address; out of the swarm and in again, it is another node.
      [ $manages = false ] || [ $managers -ge 3 ] || fail "the swarm knows it at $known_at, and a master that has no two others cannot leave it; on the phone: docker swarm init --force-new-cluster --advertise-addr ${address}"
      read_invitation
      case $master in "$known_at":*) fail "the swarm knows it at $known_at, and no other master answers to let it in at ${address}" ;; esac
      leave${role === "master" ? promotionPart(key) : ""}
    fi ;;
  error | pending)
    read_invitation
    echo "${key}: joins the swarm anew, as its engine says for ${CHANGE_SECONDS} s: $state, $(docker info --format '{{.Swarm.Error}}')" >&2
    leave ;;
  locked) fail "its swarm is locked; on the phone: docker swarm unlock" ;;
  *) fail "Docker does not answer" ;;
esac
if [ $state = inactive ]; then
  ${freeGossipPortScript(key)}
  said=$(engine_post /swarm/join '{"ListenAddr":"0.0.0.0:2377","AdvertiseAddr":"${address}","DataPathAddr":"${address}","RemoteAddrs":["'$master'"],"JoinToken":"'$token'"}')
  case $(echo "$said" | head -n 1) in *" 200 "*) ;; *)
    message=$(echo "$said" | ${ENGINE_MESSAGE})
    # A slow engine says after 20 s that it goes on by itself.
    case $message in *"continue in the background"*) ;; *) fail "the swarm at $master did not let it in: $message" ;; esac ;;
  esac
  tries=0
  until ask_state; [ "$state" = active ] && [ "$id" != - ]; do
    tries=$((tries + 1))
    [ $tries -le ${JOIN_SECONDS * 2} ] || fail "the swarm at $master did not let it in within ${JOIN_SECONDS} s: $(docker info --format '{{.Swarm.Error}}')"
    sleep 0.5
  done
fi
if [ -e ${RESTART_MARK} ]; then echo "$id restart"; else echo "$id"; fi`;
}

// An engine that is promoted asks the manager that it joined at to let it in, or after a restart any that it has known, and for two
// minutes also one that is gone (engine 20.10: swarmkit's node.go, and the engine's own note).
function promotionPart(key: string): string {
  return `
    elif [ $manages = false ]; then
      read_invitation
      ${FIND_ROOT}
      joined_at=
      [ "$how" = none ] || joined_at=$($root sed -n 's/.*"RemoteAddr":"\\([^"]*\\)".*/\\1/p' ${JOINED_AT} 2>/dev/null) || joined_at=
      for known in $joined_at $(docker info --format '{{range .Swarm.RemoteManagers}}{{.Addr}} {{end}}'); do
        case $living in *,"$known",*) continue ;; esac
        echo "${key}: joins the swarm anew, as it might ask $known to let it in as a master, where none answers" >&2
        leave
        break
      done`;
}
