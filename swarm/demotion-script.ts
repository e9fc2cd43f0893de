import { NODE_LABEL } from "../plan/platform";

/** Raft answers within a second; a slow phone's certificate and first heartbeat may take half a minute. */
export const MEMBER_SECONDS = 90;

/**
 * Shell for a master that defines `drop_dead MASTERS` and `demote NODE MASTERS`. MASTERS are the keys of the declared masters, with commas.
 *
 * `drop_dead` takes the votes of dead managers that are no declared masters, which can only help. `demote` makes a manager a worker and waits until its
 * vote is gone. Dead ones go first, as a majority of the rest has to agree to a living one's going; where there would be none, it is
 * refused at once and the node stays what it is.
 */
export function demoteFunction(phone: string): string {
  return `key_of() { docker node inspect --format '{{with index .Spec.Labels "${NODE_LABEL}"}}{{.}}{{else}}{{$.ID}}{{end}}' "$1"; }
lose_vote() {
  docker node demote "$1" >/dev/null 2>&1 || :
  tries=0
  until vote=$(docker node inspect --format '{{with .ManagerStatus}}{{.Addr}}{{end}}' "$1") && [ -z "$vote" ]; do
    # The one demoted may be this very phone: the next master goes on.
    [ "$(docker info --format '{{.Swarm.ControlAvailable}}')" = true ] || return
    tries=$((tries + 1))
    if [ $tries -gt ${MEMBER_SECONDS * 2} ]; then echo "${phone}: node $1 was demoted and is still a manager after ${MEMBER_SECONDS} s" >&2; return 1; fi
    sleep 0.5
  done
}
drop_dead() {
  dead=$(docker node ls --filter role=manager --format '{{.ManagerStatus}} {{.ID}}') || return
  for manager in $(echo "$dead" | sed -n 's/^Unreachable //p'); do
    case ",$1," in *",$(key_of "$manager"),"*) ;; *) lose_vote "$manager" || return ;; esac
  done
}
demote() {
  managers=$(docker node ls --filter role=manager --format '{{.ID}} {{.ManagerStatus}}') || return
  case $managers in *"$1 Leader"* | *"$1 Reachable"*) ;; *) lose_vote "$1"; return ;; esac
  drop_dead "$2" || return
  answering=-1 silent=0 names=
  while read -r manager status; do
    if [ "$status" != Unreachable ]; then answering=$((answering + 1)); continue; fi
    name=$(key_of "$manager")
    case ",$2," in *",$name,"*) silent=$((silent + 1)); names="$names $name" ;; esac
  done <<END
$managers
END
  if [ $answering -le $silent ]; then echo "${phone}: it stays a manager, as without it $answering of $((answering + silent)) masters would answer, which is no majority; switch on:$names" >&2; return 1; fi
  lose_vote "$1"
}`;
}
