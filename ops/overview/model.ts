import type { PortConfig, ServiceSpec } from "../../compose/swarm-spec";
import type { Plan, PlannedNode } from "../../plan/plan";
import type { PlannedStack } from "../../plan/planned-stack";
import type { Living, LivingPhone, LivingService } from "./living";
import { mayRunOn } from "./placement";

/** What a picture of a cloudlet shows, in the words that it uses. */
export interface Overview {
  /** Where the cloudlet is declared: `Pulumi.dev.yaml`. */
  readonly declaredIn: string;
  readonly simulated: boolean;
  /** Undefined where nobody looked. */
  readonly look: OverviewLook | undefined;
  readonly phones: readonly OverviewPhone[];
  readonly stacks: readonly OverviewStack[];
}

/** What the picture says of a look as a whole. */
export interface OverviewLook {
  /** When it was. */
  readonly at: string;
  /** No master answered, so that it is not known where services run. */
  readonly blind: boolean;
  /** Services of the swarm that no stack file of the settings has. */
  readonly undeclared: readonly string[];
}

/** A phone; masters come first, and last those that the swarm has and the settings do not. */
export interface OverviewPhone {
  readonly key: string;
  readonly address: string;
  readonly role: "master" | "compute";
  /** The role, with what sets this phone apart. */
  readonly job: string;
  readonly platform: string;
  readonly declared: boolean;
  /** Undefined where nobody looked. */
  readonly living: LivingPhone | undefined;
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
  /** For each phone, whether it may run there; of one that is not declared nobody knows. */
  readonly phones: readonly boolean[];
  /** Undefined where that is not known. */
  readonly living: OverviewTasks | undefined;
  /** Indices of the stack's networks. */
  readonly networks: readonly number[];
  /** `:8888 on any phone`; empty where nothing is published. */
  readonly ports: string;
}

/** What of a service runs, and where. */
export interface OverviewTasks extends Omit<LivingService, "tasksOn"> {
  /** For each phone, how many tasks. */
  readonly on: readonly number[];
  /** For each phone, whether the swarm may give it one now. */
  readonly mayGoTo: readonly boolean[];
}

/** Reads a picture's content off the plan, and off a look where there was one. */
export function overviewModel(
  { nodes, stacks }: Plan,
  { living, ...named }: { living?: Living; declaredIn: string; simulated: boolean },
): Overview {
  const declared = nodes.map((node, index) => ({
    ...node,
    declared: true,
    job: [index === 0 ? "first master" : node.role, ...awayFrom(node)].join(", "),
  }));
  const strangers = (living?.strangers ?? []).map((stranger) => ({
    ...stranger,
    declared: false,
    job: stranger.role,
    platform: "",
  }));
  const phones = [...declared, ...strangers].map((phone) => ({
    ...phone,
    living: living?.phones.get(phone.key),
  }));
  const names = new Set(stacks.flatMap(({ services }) => services.map(({ spec }) => spec.Name)));
  return {
    ...named,
    look: living && {
      at: living.at,
      blind: living.services === undefined,
      undeclared: [...(living.services?.keys() ?? [])].filter((name) => !names.has(name)),
    },
    phones,
    stacks: stacks.map((stack) => modelStack(stack, { nodes, phones, living })),
  };
}

const awayFrom = ({ availability }: PlannedNode): string[] =>
  availability === "active" ? [] : [availability];

interface Fleet {
  readonly nodes: readonly PlannedNode[];
  readonly phones: readonly { readonly key: string }[];
  readonly living: Living | undefined;
}

function modelStack(stack: PlannedStack, fleet: Fleet): OverviewStack {
  const short = (name: string) =>
    name.startsWith(`${stack.name}_`) ? name.slice(stack.name.length + 1) : name;
  const used = stack.services.flatMap(({ spec }) => targetsOf(spec));
  const networks = [...new Set([...stack.networks.map(({ spec }) => spec.Name), ...used])];
  const services = stack.services.map(({ spec }): OverviewService => {
    const fitting = fleet.nodes.filter((node) => mayRunOn(spec, node)).map(({ key }) => key);
    return {
      name: short(spec.Name),
      ...amountOf(spec),
      phones: fleet.phones.map(({ key }) => fitting.includes(key)),
      living: livingService(spec.Name, fitting, fleet),
      networks: targetsOf(spec).map((target) => networks.indexOf(target)),
      ports: describePorts(spec.EndpointSpec?.Ports ?? [], fitting),
    };
  });
  return { name: stack.name, networks: networks.map(short), services };
}

function livingService(
  name: string,
  fitting: readonly string[],
  { phones, living }: Fleet,
): OverviewTasks | undefined {
  if (living?.services === undefined) return undefined;
  const found = living.services.get(name);
  const { wanted = 1, running = 0, isJob = false } = found ?? {};
  return {
    wanted,
    running,
    isJob,
    on: phones.map(({ key }) => found?.tasksOn.get(key) ?? 0),
    mayGoTo: phones.map(
      ({ key }) => fitting.includes(key) && living.phones.get(key)?.takesTasks === true,
    ),
  };
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
