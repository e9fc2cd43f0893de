import type { ServiceSpec } from "../compose/swarm-spec";

/** Fields, as {@link serviceDrift} names them, whose change makes the docker provider replace a service. */
const REPLACED_BY_PROVIDER =
  /^(Mode$|TaskTemplate\.(Networks|ContainerSpec\.(Labels|Hosts|Sysctls|Mounts\[\d+\]\.VolumeOptions\.Labels))\b)/;

/** What a service is written by: the two differ in what they replace. */
export type Writer = "provider" | "engine";

/**
 * What a change does to a service's tasks, for the people who read a preview; empty where nothing is known to change. `drift` are the
 * lines of {@link serviceDrift}; of a service that the docker provider writes they hold its own defaults too, so that only
 * replacements can be told.
 */
export function changeEffect(spec: ServiceSpec, drift: readonly string[], writer: Writer): string {
  const paths = drift.map((line) => line.slice(0, line.indexOf(": ")));
  const replaces = (path: string) =>
    writer === "engine" ? path === "Mode" : REPLACED_BY_PROVIDER.test(path);
  if (paths.some(replaces)) {
    return `replaced: ${tasksOf(spec)} removed before the new service starts, so it is down in between`;
  }
  if (writer === "provider" || paths.length === 0) return "";
  return paths.some((path) => path.startsWith("TaskTemplate."))
    ? `updated in place: ${tasksOf(spec)} restarted, ${rhythmOf(spec)}`
    : "updated in place: no running task is restarted";
}

function tasksOf({ Mode }: ServiceSpec): string {
  if (Mode.Global !== undefined || Mode.GlobalJob !== undefined)
    return "its task on every phone is";
  const count = Mode.Replicated?.Replicas ?? Mode.ReplicatedJob?.TotalCompletions ?? 1;
  return count === 1 ? "its task is" : `its ${count} tasks are`;
}

function rhythmOf({ UpdateConfig }: ServiceSpec): string {
  const atOnce = UpdateConfig?.Parallelism ?? 1;
  const pace =
    atOnce === 0 ? "all at once" : atOnce === 1 ? "one at a time" : `${atOnce} at a time`;
  const order =
    UpdateConfig?.Order === "start-first"
      ? "once its successor runs"
      : "before its successor starts";
  return `${pace}, each stopped ${order}`;
}
