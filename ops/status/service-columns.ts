import type { Column } from "./table";
import type { ServiceStatus } from "./status-shape";
import { showAge } from "./text";

/** Services as columns; `now` is when they were looked at, and `phones` how many there are. */
export function serviceColumns(
  services: readonly ServiceStatus[],
  { now, phones }: { now: string; phones: number },
): Column[] {
  const column = (
    head: string,
    show: (service: ServiceStatus) => string,
    atLeast?: number,
  ): Column => ({
    head,
    cells: services.map(show),
    ...(atLeast === undefined ? {} : { atLeast }),
  });
  return [
    column("service", ({ name }) => name),
    column("tasks", ({ running, wanted }) => `${running}/${wanted}`),
    column("image built", ({ imageCreatedAt }) => showAge(imageCreatedAt, now)),
    column("changed", ({ changedAt }) => showAge(changedAt, now)),
    column("where", (service) => whereItRuns(service, phones), 12),
    column(
      "last error",
      ({ lastError }) => (lastError === undefined ? "" : showError(lastError, now)),
      34,
    ),
  ];
}

function whereItRuns({ tasks }: ServiceStatus, phones: number): string {
  const counts = new Map<string, number>();
  for (const { phone, state } of tasks) {
    if (phone !== undefined && state === "running") counts.set(phone, (counts.get(phone) ?? 0) + 1);
  }
  const everywhere = phones > 2 && counts.size === phones;
  if (everywhere && [...counts.values()].every((each) => each === 1)) return `all ${phones} phones`;
  return [...counts].map(([phone, each]) => (each === 1 ? phone : `${phone} (${each})`)).join(", ");
}

function showError(
  { message, at, phone }: NonNullable<ServiceStatus["lastError"]>,
  now: string,
): string {
  const place = phone === undefined ? "" : ` on ${phone}`;
  return `${showAge(at, now)} ago${place}: ${message}`;
}
