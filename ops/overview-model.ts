import type { PortConfig, ServiceSpec } from "../compose/swarm-spec";
import type { Facts } from "../observe/facts";
import { swarmNodesById } from "../plan/plan-nodes";
import type { Plan, PlannedNode } from "../plan/plan";
import type { PlannedStack } from "../plan/planned-stack";
import { NODE_LABEL } from "../plan/platform";
import { mayRunOn } from "./overview-placement";

/** What a picture of a cloudlet shows, in the words that it uses. */
export interface Overview {
  /** Where the cloudlet is declared: `Pulumi.dev.yaml`. */
  readonly declaredIn: string;
  readonly simulated: boolean;
  readonly phones: readonly OverviewPhone[];
  readonly stacks: readonly OverviewStack[];
}

/** A phone; masters come first. */
export interface OverviewPhone {
  readonly key: string;
  readonly address: string;
  readonly role: "master" | "compute";
  /** The role, with what sets this phone apart. */
  readonly job: string;
  readonly platform: string;
  /** Known only where somebody looked. */
  readonly leader: boolean;
}

/** A stack with its networks and services, by the names that its files use. */
export interface OverviewStack {
  readonly name: string;
  readonly networks: readonly string[];
  readonly services: readonly OverviewService[];
}

/** A service: where it may run, how often, and where it answers. */
export interface OverviewService {
  readonly name: string;
  /** `1 task`, `1 on each phone`... */
  readonly amount: string;
  /** Whether it runs on every phone that it may run on. */
  readonly everywhere: boolean;
  /** For each phone, whether it may run there. */
  readonly phones: readonly boolean[];
  /** Indices of the stack's networks. */
  readonly networks: readonly number[];
  /** `:8888 on any phone`; empty where nothing is published. */
  readonly ports: string;
}

/** Reads a picture's content off the plan; `facts` say who leads, and are empty where nobody looked. */
export function overviewModel(
  { nodes, stacks }: Plan,
  { facts, ...named }: { facts: Facts; declaredIn: string; simulated: boolean },
): Overview {
  const leaders = [...swarmNodesById(facts).values()].filter(({ leader }) => leader);
  const leading = leaders.map(({ labels }) => labels[NODE_LABEL]);
  return {
    ...named,
    phones: nodes.map((node, index) => ({
      ...node,
      job: [index === 0 ? "first master" : node.role, ...awayFrom(node)].join(", "),
      leader: leading.includes(node.key),
    })),
    stacks: stacks.map((stack) => modelStack(stack, nodes)),
  };
}

const awayFrom = ({ availability }: PlannedNode): string[] =>
  availability === "active" ? [] : [availability];

function modelStack(stack: PlannedStack, nodes: readonly PlannedNode[]): OverviewStack {
  const short = (name: string) =>
    name.startsWith(`${stack.name}_`) ? name.slice(stack.name.length + 1) : name;
  const used = stack.services.flatMap(({ spec }) => targetsOf(spec));
  const networks = [...new Set([...stack.networks.map(({ spec }) => spec.Name), ...used])];
  const services = stack.services.map(({ spec }): OverviewService => {
    const phones = nodes.map((node) => mayRunOn(spec, node));
    const keys = nodes.filter((_, index) => phones[index]).map(({ key }) => key);
    return {
      name: short(spec.Name),
      ...amountOf(spec),
      phones,
      networks: targetsOf(spec).map((target) => networks.indexOf(target)),
      ports: describePorts(spec.EndpointSpec?.Ports ?? [], keys),
    };
  });
  return { name: stack.name, networks: networks.map(short), services };
}

function targetsOf({ TaskTemplate }: ServiceSpec): string[] {
  return (TaskTemplate.Networks ?? []).map(({ Target }) => Target);
}

function amountOf({ Mode }: ServiceSpec): { amount: string; everywhere: boolean } {
  if (Mode.Global ?? Mode.GlobalJob) return { amount: "1 on each phone", everywhere: true };
  const count = Mode.ReplicatedJob?.TotalCompletions ?? Mode.Replicated?.Replicas ?? 1;
  return { amount: count === 1 ? "1 task" : `${count} tasks`, everywhere: false };
}

function describePorts(ports: readonly PortConfig[], keys: readonly string[]): string {
  const texts = ports.map(
    ({ PublishedPort, Protocol }) => `:${PublishedPort ?? "?"}${Protocol === "udp" ? "/udp" : ""}`,
  );
  if (texts.length === 0) return "";
  const host = ports.some(({ PublishMode }) => PublishMode === "host");
  const where = !host ? "on any phone" : keys.length === 1 ? `on ${keys[0]}` : "where it runs";
  return `${texts.join(" ")} ${where}`;
}
