import type { ServiceStatus } from "./status-shape";
import type { ServiceView, TaskView } from "./swarm-view";

/** When images were built, by digest. */
export type ImageTimes = ReadonlyMap<string, string>;

/** How a service is: what it shall run, what runs and where, and what went wrong last. */
export function serviceStatus(service: ServiceView, built: ImageTimes): ServiceStatus {
  const [image = "", digest] = service.image.split("@");
  const inCharge = tasksInCharge(service);
  const slots = inCharge.map(({ slot, phone, state, since }) => ({ slot, phone, state, since }));
  const failed = service.tasks.find(({ error }) => error !== "");
  return {
    name: service.name,
    stack: service.stack,
    mode: service.mode,
    wanted: service.replicas ?? inCharge.length,
    running: inCharge.filter((task) => runs(task) || task.state === "complete").length,
    tasks: slots.sort((a, b) => a.slot - b.slot || compare(a.phone, b.phone)),
    image,
    digest,
    imageCreatedAt: built.get(digest ?? ""),
    changedAt: service.changedAt,
    update: service.update?.state,
    lastError: failed && { message: failed.error, at: failed.since, phone: failed.phone },
  };
}

/** Whether a task really runs: those of a phone that is gone run by its last words only. */
export function runs({ state, wanted, phoneIsReady }: TaskView): boolean {
  return state === "running" && phoneIsReady && ["running", "complete"].includes(wanted);
}

/** The tasks that the swarm has for a service now, be they on their way, waiting for a restart, or done as a job's. */
export function tasksInCharge({ tasks }: ServiceView): TaskView[] {
  return tasks.filter(({ wanted }) => ["ready", "running", "complete"].includes(wanted));
}

const compare = (a = "", b = "") => a.localeCompare(b, "en", { numeric: true });
