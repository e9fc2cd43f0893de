#!/bin/sh
# Asks the swarm for its phones, tasks and services, and writes the answers as figures into the file $1, for the node exporter
# of this phone.
set -u
trap 'exit 0' TERM INT
file=$1

phone='{{.ID}} {{with index .Spec.Labels "cloudlet.node"}}{{.}}{{else}}{{.Description.Hostname}}{{end}}'
phone="$phone {{.Spec.Role}} {{.Spec.Availability}} {{.Status.State}}"

# One question after the other, and nothing at all where one gets no answer.
ask() {
  ids=$(docker node ls --quiet) && set -- $ids &&
    docker node inspect --format "phone $phone" "$@" &&
    docker service ls --format 'service {{.ID}} {{.Name}} {{.Mode}} {{.Replicas}}' &&
    docker node ps --no-resolve --filter desired-state=running \
      --format 'task {{.ID}} {{.Name}} {{.Node}} {{.CurrentState}}' "$@"
}

figures() {
  awk '
    function gauge(name, labels, value) { family[name] = family[name] name "{" labels "} " value "\n" }
    $1 == "phone" {
      key[$2] = $3
      if ($6 == "ready") ready[$2] = 1
      gauge("cloudlet_phone_info", "nodename=\"" $2 "\",phone=\"" $3 "\",role=\"" $4 "\",availability=\"" $5 "\"", 1)
      gauge("cloudlet_phone_ready", "phone=\"" $3 "\"", $6 == "ready" ? 1 : 0)
    }
    # Jobs end: "replicated job" and "global job" want no tasks for good.
    $1 == "service" && $5 != "job" {
      name[substr($2, 1, 12)] = $3
      split($5, count, "/")
      gauge("cloudlet_service_tasks_wanted", "service=\"" $3 "\"", count[2])
    }
    # Of several nodes, docker lists tasks more than once; and those of a phone that is down as if they still ran. A task is
    # named after the id of its service.
    $1 == "task" && !seen[$2]++ && $5 == "Running" && ready[$4] {
      onPhone[$4]++
      ofService[substr($3, 1, 12)]++
    }
    END {
      for (id in key) gauge("cloudlet_phone_tasks_running", "phone=\"" key[id] "\"", onPhone[id] + 0)
      for (id in name) gauge("cloudlet_service_tasks_running", "service=\"" name[id] "\"", ofService[id] + 0)
      for (family_name in family) printf "# TYPE %s gauge\n%s", family_name, family[family_name]
    }'
}

while :; do
  if answers=$(ask); then
    # Whoever reads meanwhile gets the old figures or the new ones, never a part.
    printf '%s\n' "$answers" | figures >"$file.new" && mv "$file.new" "$file"
  fi
  sleep 15 &
  wait $!
done
