import type {
  DeployConfig,
  Limits,
  Reservations,
  RestartPolicy,
  UpdateConfig,
} from "./compose-config";
import { shortestFloat32 } from "./print-value";
import { Fields } from "./read-fields";

/** How a service is deployed, with empty values where nothing is said. */
export function normaliseDeploy(service: Fields): DeployConfig {
  const deploy = service.fields("deploy");
  const resources = deploy?.fields("resources");
  const placement = deploy?.fields("placement");
  return {
    mode: deploy?.text("mode") ?? "",
    endpointMode: deploy?.text("endpoint_mode") ?? "",
    replicas: deploy?.count("replicas"),
    labels: deploy?.pairs("labels"),
    updateConfig: readUpdate(deploy?.fields("update_config")),
    rollbackConfig: readUpdate(deploy?.fields("rollback_config")),
    limits: readLimits(resources?.fields("limits")),
    reservations: readReservations(resources?.fields("reservations")),
    restartPolicy: readRestartPolicy(deploy?.fields("restart_policy")),
    constraints: placement?.strings("constraints") ?? [],
    preferences: readPreferences(placement),
    maxReplicas: placement?.count("max_replicas_per_node") ?? 0,
  };
}

function readUpdate(fields: Fields | undefined): UpdateConfig | undefined {
  return (
    fields && {
      parallelism: fields.count("parallelism"),
      delay: fields.duration("delay") ?? 0,
      failureAction: fields.text("failure_action"),
      monitor: fields.duration("monitor") ?? 0,
      maxFailureRatio: shortestFloat32(fields.number("max_failure_ratio")),
      order: fields.text("order"),
    }
  );
}

function readLimits(fields: Fields | undefined): Limits | undefined {
  return (
    fields && {
      cpus: fields.text("cpus"),
      memoryBytes: fields.size("memory"),
      pids: fields.whole("pids") ?? 0,
    }
  );
}

function readReservations(fields: Fields | undefined): Reservations | undefined {
  if (!fields) return undefined;
  const items = fields.items("generic_resources") ?? [];
  const genericResources = items.flatMap((item) => {
    const resource = item.kind === "map" ? new Fields(item, fields.problems) : undefined;
    const spec = resource?.fields("discrete_resource_spec");
    if (spec) return [{ kind: spec.text("kind"), value: spec.whole("value") ?? 0 }];
    const message = "has no discrete_resource_spec, and the Engine leaves it out";
    fields.problems.warn("ignored/generic-resource", item.origin, message);
    return [];
  });
  return { cpus: fields.text("cpus"), memoryBytes: fields.size("memory"), genericResources };
}

function readRestartPolicy(fields: Fields | undefined): RestartPolicy | undefined {
  return (
    fields && {
      condition: fields.text("condition"),
      delay: fields.duration("delay"),
      maxAttempts: fields.count("max_attempts"),
      window: fields.duration("window"),
    }
  );
}

function readPreferences(placement: Fields | undefined): string[] {
  return (placement?.items("preferences") ?? []).flatMap((item) =>
    item.kind === "map" && placement ? [new Fields(item, placement.problems).text("spread")] : [],
  );
}
