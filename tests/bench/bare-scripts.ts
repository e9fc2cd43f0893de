import { shellQuote } from "../../observe/shell-quote";
import { onPhone } from "../../observe/ssh-commands";
import type { Plan, PlannedNode } from "../../plan/plan";
import { serviceCreate } from "./service-create";

/**
 * What `up` brings about, as bare docker commands over OpenSSH in one shell script: every command after the other, or all at
 * once that do not need each other's results. Both are for phones whose engines run, and look at nothing first.
 */
export function bareScript(plan: Plan, order: "sequential" | "parallel"): string {
  const { firstMaster } = plan.swarm;
  const others = plan.nodes.filter(({ key }) => key !== firstMaster.key);
  const onMaster = (command: string) => onPhone(firstMaster.key, command);
  const networks = plan.stacks.flatMap((stack) =>
    stack.networks.map(({ spec }) => {
      const labels = labelFlags(spec.Labels);
      return onMaster(
        `docker network create --driver=${spec.Driver} ${labels} ${spec.Name} >/dev/null`,
      );
    }),
  );
  const secrets = plan.stacks.flatMap((stack) =>
    stack.secrets.map(({ spec: { Name, Labels, Data = "" } }) =>
      onMaster(
        `echo ${Data} | base64 -d | docker secret create ${labelFlags(Labels)} ${Name} - >/dev/null`,
      ),
    ),
  );
  const services = plan.stacks.flatMap((stack) =>
    stack.services.map(({ spec }) => onMaster(serviceCreate(spec))),
  );
  const count = services.length;
  const begin = `set -eu
export LC_ALL=C
${onMaster(`docker swarm init --advertise-addr ${firstMaster.address} --data-path-addr ${firstMaster.address} >/dev/null`)}
manager=$(${onMaster("docker swarm join-token -q manager")})
worker=$(${onMaster("docker swarm join-token -q worker")})
`;
  const joins = others.map((node) => joinCommand(node, firstMaster));
  const labels = plan.nodes.map((node) => onMaster(labelCommand(node)));
  const wait = `${onMaster(waitCommand(count))}\n`;
  if (order === "sequential") {
    return [begin, ...joins, ...labels, ...networks, ...secrets, ...services, wait].join("\n");
  }
  // One branch makes the members, the other the stacks: tasks that need a label wait for it in the swarm.
  const [label, ...otherLabels] = labels;
  const members = [
    label ?? "",
    ...joins.map((join, index) => `${join}; ${otherLabels[index] ?? ""}`),
  ];
  return `${begin}
${parallel([...members, `${parallel([...networks, ...secrets])}\n${parallel(services)}`])}
${wait}`;
}

function parallel(commands: readonly string[]): string {
  const started = commands.map((command) => `( ${command}\n) &\npids="$pids $!"`);
  return `pids=\n${started.join("\n")}\nfor pid in $pids; do wait $pid; done`;
}

// The token is on a command line here, which cloudlet avoids: what a short script does.
function joinCommand({ key, role, address }: PlannedNode, master: PlannedNode): string {
  const token = role === "master" ? "manager" : "worker";
  const options = `--advertise-addr ${address} --data-path-addr ${address} ${master.address}:2377`;
  return `${onPhone(key, "docker swarm join --token")}" $${token} ${options} >/dev/null"`;
}

function labelCommand({ key, nodeLabels }: PlannedNode): string {
  const labels = Object.entries(nodeLabels).map(
    ([label, value]) => `--label-add ${shellQuote(`${label}=${value}`)}`,
  );
  // A phone that has just joined may not be known by its name yet.
  return `until docker node update ${labels.join(" ")} ${key} >/dev/null 2>&1; do sleep 0.1; done`;
}

function labelFlags(labels: Readonly<Record<string, string>>): string {
  return Object.entries(labels)
    .map(([label, value]) => `--label ${shellQuote(`${label}=${value}`)}`)
    .join(" ");
}

// Nothing but counting: a script's author would wait like this.
function waitCommand(services: number): string {
  return `until [ "$(docker service ls --format '{{.Replicas}}' | grep -c '^\\([1-9][0-9]*\\)/\\1')" = ${services} ]; do sleep 0.3; done`;
}
