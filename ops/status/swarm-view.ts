import { z } from "zod";
import { stackLabel } from "../../compose/scoped-name";
import { NODE_LABEL } from "../../plan/platform";

/** What to ask a manager for {@link parseSwarmView}. */
export const SWARM_PATHS = ["/nodes", "/services", "/tasks"];

/** What runs in a swarm, by one of its managers. */
export interface SwarmView {
  /** By name. */
  readonly services: readonly ServiceView[];
}

/** A service and its tasks as they are now. */
export interface ServiceView {
  readonly name: string;
  /** Undefined for one that belongs to no stack. */
  readonly stack: string | undefined;
  readonly mode: "replicated" | "global" | "replicated job" | "global job";
  /** How many tasks it shall run, or complete; undefined where there is one for each phone that fits. */
  readonly replicas: number | undefined;
  /** As the swarm has it: name and digest. */
  readonly image: string;
  /** When anything of it was last changed. */
  readonly changedAt: string;
  /** How its last update went, in Swarm's words: completed, updating, paused... */
  readonly update: { readonly state: string; readonly message: string } | undefined;
  readonly constraints: readonly string[];
  /** Of a job, those of its last run. Later ones come first. */
  readonly tasks: readonly TaskView[];
}

/** A task, one that ended included: the swarm keeps some of each kind. */
export interface TaskView {
  readonly slot: number;
  /** The phone's key, or its node's id where the swarm knows no key; undefined where it has found none yet. */
  readonly phone: string | undefined;
  readonly phoneIsReady: boolean;
  /** What the swarm wants of it: "running" of the one in charge, "shutdown" of those before. */
  readonly wanted: string;
  readonly state: string;
  readonly since: string;
  /** Why it does not run; empty where nothing is wrong. */
  readonly error: string;
  readonly containerId: string;
}

const node = z.object({
  ID: z.string(),
  Spec: z.object({ Labels: z.record(z.string(), z.string()).nullish() }),
  Status: z.object({ State: z.string() }),
});
const job = z.object({ Index: z.number() });
const service = z.object({
  ID: z.string(),
  UpdatedAt: z.string(),
  Spec: z.object({
    Name: z.string(),
    Labels: z.record(z.string(), z.string()).nullish(),
    TaskTemplate: z.object({
      ContainerSpec: z.object({ Image: z.string() }).optional(),
      Placement: z.object({ Constraints: z.array(z.string()).nullish() }).nullish(),
    }),
    Mode: z.object({
      Replicated: z.object({ Replicas: z.number().optional() }).optional(),
      ReplicatedJob: z.object({ TotalCompletions: z.number().optional() }).optional(),
      GlobalJob: z.object({}).optional(),
    }),
  }),
  UpdateStatus: z
    .object({ State: z.string().optional(), Message: z.string().optional() })
    .nullish(),
  JobStatus: z.object({ JobIteration: job }).nullish(),
});
const task = z.object({
  ServiceID: z.string().optional(),
  NodeID: z.string().optional(),
  Slot: z.number().optional(),
  DesiredState: z.string(),
  Status: z.object({
    State: z.string(),
    Timestamp: z.string(),
    Err: z.string().optional(),
    ContainerStatus: z.object({ ContainerID: z.string().optional() }).nullish(),
  }),
  JobIteration: job.nullish(),
});

type Service = z.output<typeof service>;
type Task = z.output<typeof task>;
type Nodes = ReadonlyMap<string, z.output<typeof node>>;

/** Reads a manager's answers to {@link SWARM_PATHS}; undefined where it gave none, as one without a majority. */
export function parseSwarmView([nodes, services, tasks]: readonly unknown[]):
  SwarmView | undefined {
  if (![nodes, services, tasks].every(Array.isArray)) return undefined;
  const byId: Nodes = new Map(entriesOf(nodes, node).map((each) => [each.ID, each]));
  const all = entriesOf(tasks, task);
  return {
    services: entriesOf(services, service)
      .map((each) => viewService(each, all, byId))
      .sort((a, b) => a.name.localeCompare(b.name, "en", { numeric: true })),
  };
}

// An entry of another shape is not ours to judge.
function entriesOf<Entry>(list: unknown, schema: z.ZodType<Entry>): Entry[] {
  const { data: entries = [] } = z.array(z.unknown()).safeParse(list);
  return entries.flatMap((entry) => schema.safeParse(entry).data ?? []);
}

function viewService(
  { ID, Spec, ...service }: Service,
  all: readonly Task[],
  nodes: Nodes,
): ServiceView {
  const iteration = service.JobStatus?.JobIteration.Index;
  const own = all.filter(
    ({ ServiceID, JobIteration }) => ServiceID === ID && JobIteration?.Index === iteration,
  );
  const { Replicated, ReplicatedJob } = Spec.Mode;
  return {
    name: Spec.Name,
    stack: Spec.Labels?.[stackLabel],
    mode: modeOf(Spec.Mode),
    replicas: Replicated?.Replicas ?? ReplicatedJob?.TotalCompletions,
    image: Spec.TaskTemplate.ContainerSpec?.Image ?? "",
    changedAt: service.UpdatedAt,
    update: service.UpdateStatus?.State
      ? { state: service.UpdateStatus.State, message: service.UpdateStatus.Message ?? "" }
      : undefined,
    constraints: Spec.TaskTemplate.Placement?.Constraints ?? [],
    tasks: own
      .map((each) => viewTask(each, nodes))
      .sort((a, b) => Date.parse(b.since) - Date.parse(a.since)),
  };
}

function modeOf({
  Replicated,
  ReplicatedJob,
  GlobalJob,
}: Service["Spec"]["Mode"]): ServiceView["mode"] {
  if (Replicated !== undefined) return "replicated";
  if (ReplicatedJob !== undefined) return "replicated job";
  return GlobalJob === undefined ? "global" : "global job";
}

function viewTask({ NodeID, Slot, DesiredState, Status }: Task, nodes: Nodes): TaskView {
  const on = NodeID === undefined ? undefined : nodes.get(NodeID);
  return {
    slot: Slot ?? 0,
    phone: on?.Spec.Labels?.[NODE_LABEL] ?? (NodeID || undefined),
    phoneIsReady: on?.Status.State === "ready",
    wanted: DesiredState,
    state: Status.State,
    since: Status.Timestamp,
    error: Status.Err ?? "",
    containerId: Status.ContainerStatus?.ContainerID ?? "",
  };
}
