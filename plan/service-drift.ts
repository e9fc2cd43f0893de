import type { ServiceSpec } from "../compose/swarm-spec";

/** Text by the id of a network: services name their networks by id, and their declarations by name. */
export type NetworkNames = ReadonlyMap<string, string>;

/** What the engine fills in where a spec says nothing (engine 20.10 to 28), by path. */
const FILLED_IN: Readonly<Record<string, unknown>> = {
  "EndpointSpec.Mode": "vip",
  "Mode.Replicated.Replicas": 1,
  "Mode.ReplicatedJob.MaxConcurrent": 1,
  "Mode.ReplicatedJob.TotalCompletions": 1,
  "TaskTemplate.ContainerSpec.Isolation": "default",
  "TaskTemplate.Runtime": "container",
  "TaskTemplate.RestartPolicy.Condition": "any",
  "TaskTemplate.RestartPolicy.Delay": 5_000_000_000,
  "UpdateConfig.FailureAction": "pause",
  "UpdateConfig.Monitor": 5_000_000_000,
  "UpdateConfig.Order": "stop-first",
  "RollbackConfig.FailureAction": "pause",
  "RollbackConfig.Monitor": 5_000_000_000,
  "RollbackConfig.Order": "stop-first",
};

/** The same for each published port. */
const PORT_FILLED_IN = { Protocol: "tcp", PublishMode: "ingress" };

/** Ids, counters, and what a client adds from a registry: nothing that a stack file declares. */
const NOT_DECLARED = /(^|\.)(SecretID|ConfigID|CredentialSpec\.Config|ForceUpdate|Platforms)$/;

/** What engines before 25 do not know and leave out; writing it again would not help. */
const UNKNOWN_TO_OLD_ENGINES = "TaskTemplate.ContainerSpec.Healthcheck.StartInterval";

/** Networks that every node has of itself; a service's reference to one has an id that no list of networks knows. */
export const PREDEFINED_NETWORKS: readonly string[] = ["host", "bridge", "none"];

/** Numbers whose zero is not the same as saying nothing. */
const SAYS_ZERO =
  /^Mode\..*\.(Replicas|MaxConcurrent|TotalCompletions)$|^TaskTemplate\.RestartPolicy\.Delay$/;

/**
 * What differs in a living service from its declaration, in the Engine API's words, as `path: declared -> living`; its Spec as
 * `docker service inspect` shows it.
 */
export function serviceDrift(
  declared: ServiceSpec,
  living: object,
  networks: NetworkNames,
): string[] {
  const wanted = leavesOf(declared);
  const found = leavesOf(withNetworkNames(living, declared, networks));
  if (!found.has(UNKNOWN_TO_OLD_ENGINES)) wanted.delete(UNKNOWN_TO_OLD_ENGINES);
  const paths = [...new Set([...wanted.keys(), ...found.keys()])].sort();
  return paths
    .filter((path) => wanted.get(path) !== found.get(path))
    .map((path) => `${path}: ${show(wanted.get(path))} -> ${show(found.get(path))}`);
}

// Two ways to say nothing are the same to the engine: what is empty is left out on both sides.
function leavesOf(spec: object): Map<string, unknown> {
  const leaves = new Map<string, unknown>();
  const walk = (value: unknown, path: string) => {
    if (NOT_DECLARED.test(path) || value === filledIn(path)) return;
    // A mode may hold nothing else, or only what the engine fills in.
    if (path === "Mode") leaves.set(path, Object.keys(value ?? {})[0]);
    if (Array.isArray(value)) {
      value.forEach((item, index) => {
        walk(item, `${path}[${index}]`);
      });
    } else if (typeof value === "object" && value !== null) {
      for (const [key, item] of Object.entries(value)) walk(item, path ? `${path}.${key}` : key);
    } else if (isSaid(value) || (value === 0 && SAYS_ZERO.test(path))) leaves.set(path, value);
  };
  walk(spec, "");
  return leaves;
}

function filledIn(path: string): unknown {
  const port = /^EndpointSpec\.Ports\[\d+\]\.(Protocol|PublishMode)$/.exec(path)?.[1];
  return port === undefined ? FILLED_IN[path] : PORT_FILLED_IN[port as keyof typeof PORT_FILLED_IN];
}

const isSaid = (value: unknown) =>
  value !== null && value !== undefined && value !== "" && value !== 0 && value !== false;

function withNetworkNames(
  living: object,
  { TaskTemplate }: ServiceSpec,
  networks: NetworkNames,
): object {
  const copy = structuredClone(living) as { TaskTemplate?: { Networks?: { Target?: string }[] } };
  copy.TaskTemplate?.Networks?.forEach((attachment, index) => {
    const declared = TaskTemplate.Networks?.[index]?.Target ?? "";
    const ofNode = PREDEFINED_NETWORKS.includes(declared) ? declared : undefined;
    attachment.Target = networks.get(attachment.Target ?? "") ?? ofNode ?? attachment.Target;
  });
  return copy;
}

function show(value: unknown): string {
  return value === undefined ? "(nothing)" : JSON.stringify(value);
}
