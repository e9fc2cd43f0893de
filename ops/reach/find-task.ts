import { Refusal } from "../recovery/swarm-phones";
import { runs } from "../status/service-status";
import type { ServiceView } from "../status/swarm-view";

/** A task's container, and the phone that it is on. */
export interface FoundTask {
  readonly phone: string;
  readonly containerId: string;
}

/** A running task of a service: the first by number, on this phone where one is named. Throws a {@link Refusal}. */
export function findTask(service: ServiceView, phone?: string): FoundTask {
  const running = service.tasks
    .filter(runs)
    .flatMap(({ slot, phone: on, containerId }) =>
      on === undefined || containerId === "" ? [] : [{ slot, phone: on, containerId }],
    )
    .sort((a, b) => a.slot - b.slot || a.phone.localeCompare(b.phone, "en", { numeric: true }));
  const task = running.find((each) => phone === undefined || each.phone === phone);
  if (task !== undefined) return { phone: task.phone, containerId: task.containerId };
  if (running.length > 0) {
    const phones = running.map((each) => each.phone).join(", ");
    throw new Refusal(
      `${service.name}: expected a task on ${phone}, which has none, got those on ${phones}`,
    );
  }
  const error = service.tasks.find((each) => each.error !== "")?.error;
  const why = error === undefined ? "" : `; its last error: ${error}`;
  throw new Refusal(`${service.name}: expected a running task, got none${why}`);
}
