import { runs, tasksInCharge } from "./service-status";
import type { ServiceStatus, StatusProblem } from "./status-shape";
import type { ServiceView } from "./swarm-view";

/** Errors older than this say nothing of a task that starts now, and are no series. */
const RECENT_MILLISECONDS = 600_000;
/** So many recent failures are a series, even where a task runs at this moment. */
const SERIES = 3;
const FAILED_UPDATES: Readonly<Record<string, string>> = {
  paused: "its last update was paused, as tasks failed",
  rollback_paused: "its last update failed, and rolling it back failed too",
  rollback_completed: "its last update failed, and was rolled back",
};

/** A command of cloudlet, for the Pulumi stack that is looked at. */
export type Command = (name: "logs" | "up" | "doctor" | "images:lock", rest?: string) => string;

/** What a service lacks, with its last error, and what to do. */
export function serviceProblems(
  service: ServiceView,
  { wanted, running, lastError }: ServiceStatus,
  { now, command }: { now: Date; command: Command },
): StatusProblem[] {
  const { name, update } = service;
  const problems: Omit<StatusProblem, "where">[] = [];
  const failedUpdate = FAILED_UPDATES[update?.state ?? ""];
  if (failedUpdate !== undefined) {
    problems.push({
      message: `${failedUpdate}: ${update?.message ?? ""}`,
      fix: `${command("logs", name)} may say why; then change it, and ${command("up")}`,
    });
  }
  if (running < wanted) {
    const message = `${running} of ${wanted} tasks run: ${whyLess(service)}`;
    problems.push({ message, fix: fixOf(service, command) });
  } else if (failures(service, now) >= SERIES && lastError !== undefined) {
    problems.push({
      message: `it keeps failing, ${failures(service, now)} times within ten minutes: ${told(lastError)}`,
      fix: fixFor(lastError.message, service, command),
    });
  }
  return problems.map((problem) => ({ where: name, ...problem }));
}

function failures({ tasks }: ServiceView, now: Date): number {
  return tasks.filter(
    ({ state, since }) =>
      ["failed", "rejected"].includes(state) &&
      now.getTime() - Date.parse(since) < RECENT_MILLISECONDS,
  ).length;
}

function whyLess(service: ServiceView): string {
  const error = currentError(service);
  if (error !== undefined) return told(error);
  const [task] = missing(service);
  if (task === undefined) return "no task is there for the others";
  const place = task.phone === undefined ? "" : ` on ${task.phone}`;
  if (task.state === "running") return `one was running${place}, which is down`;
  return `one is ${task.state}${place}`;
}

function fixOf(service: ServiceView, command: Command): string {
  const error = currentError(service);
  if (error !== undefined) return fixFor(error.message, service, command);
  return "wait: look again in a minute";
}

const missing = (service: ServiceView) =>
  tasksInCharge(service).filter((task) => !runs(task) && task.state !== "complete");

interface TaskError {
  readonly message: string;
  readonly phone?: string | undefined;
}

// The error of the task before may be the reason that this one starts; one of last week is not.
function currentError(service: ServiceView): TaskError | undefined {
  const starting = missing(service);
  const since = Math.min(...starting.map((task) => Date.parse(task.since)));
  const failed = service.tasks.find(
    (task) =>
      task.error !== "" &&
      (starting.includes(task) || since - Date.parse(task.since) < RECENT_MILLISECONDS),
  );
  return failed && { message: failed.error, phone: failed.phone };
}

const told = ({ message, phone }: TaskError) =>
  phone === undefined ? message : `${phone}: ${message}`;

/** By what stands in Docker's and Swarm's messages; the first that fits counts. */
const fixes: readonly (readonly [RegExp, (service: ServiceView, command: Command) => string])[] = [
  [
    /no suitable node.*scheduling constraints/,
    ({ constraints }) =>
      `switch a phone on that fits its placement constraints, or change them: ${constraints.join(", ")}`,
  ],
  [/no suitable node.*insufficient resources/, () => "reserve less for it, or add a phone"],
  [
    /no suitable node.*host-mode port/,
    () => "another task on each phone publishes this port: write another one, or fewer replicas",
  ],
  [/no suitable node.*max replicas per node/, () => "write fewer replicas, or add a phone"],
  [/no suitable node/, () => "switch on or add a phone that may run it"],
  [
    /no such image|pull access denied|manifest|not found: |repository does not exist/i,
    (_, command) =>
      `look whether that phone reaches the image's registry, and whether the image is still there: ${command("images:lock", "--check")}`,
  ],
  [
    /port is already allocated|address already in use/i,
    () => "something else on that phone has this port: stop it, or write another port",
  ],
  [/bind source path does not exist/i, () => "make that directory on the phone, or use a volume"],
];

function fixFor(message: string, service: ServiceView, command: Command): string {
  const [, fix] = fixes.find(([pattern]) => pattern.test(message)) ?? [];
  return fix === undefined ? `${command("logs", service.name)} says more` : fix(service, command);
}
