import type {
  DeployConfig,
  Limits,
  Reservations,
  RestartPolicy,
  UpdateConfig,
} from "./compose-config";
import { append, mergePairs, mergeValue } from "./merge-value";

/** Merges how a service is deployed, field by field; only counts can be overridden with 0. */
export function mergeDeploy(base: DeployConfig, over: DeployConfig): DeployConfig {
  return {
    mode: over.mode || base.mode,
    endpointMode: over.endpointMode || base.endpointMode,
    replicas: over.replicas ?? base.replicas,
    labels: mergePairs(base.labels, over.labels),
    updateConfig: mergeUpdate(base.updateConfig, over.updateConfig),
    rollbackConfig: mergeUpdate(base.rollbackConfig, over.rollbackConfig),
    limits: mergeLimits(base.limits, over.limits),
    reservations: mergeReservations(base.reservations, over.reservations),
    restartPolicy: mergeRestart(base.restartPolicy, over.restartPolicy),
    constraints: [...base.constraints, ...over.constraints],
    preferences: [...base.preferences, ...over.preferences],
    maxReplicas: over.maxReplicas || base.maxReplicas,
  };
}

function mergeUpdate(base?: UpdateConfig, over?: UpdateConfig): UpdateConfig | undefined {
  if (!base || !over) return base ?? over;
  return {
    parallelism: over.parallelism ?? base.parallelism,
    delay: over.delay || base.delay,
    failureAction: over.failureAction || base.failureAction,
    monitor: over.monitor || base.monitor,
    maxFailureRatio: over.maxFailureRatio || base.maxFailureRatio,
    order: over.order || base.order,
  };
}

function mergeLimits(base?: Limits, over?: Limits): Limits | undefined {
  if (!base || !over) return base ?? over;
  return {
    cpus: over.cpus || base.cpus,
    memoryBytes: over.memoryBytes || base.memoryBytes,
    pids: over.pids || base.pids,
  };
}

function mergeReservations(base?: Reservations, over?: Reservations): Reservations | undefined {
  if (!base || !over) return base ?? over;
  return {
    cpus: over.cpus || base.cpus,
    memoryBytes: over.memoryBytes || base.memoryBytes,
    genericResources: append(base.genericResources, over.genericResources) ?? [],
  };
}

function mergeRestart(base?: RestartPolicy, over?: RestartPolicy): RestartPolicy | undefined {
  if (!base || !over) return base ?? over;
  return {
    condition: over.condition || base.condition,
    delay: mergeValue(base.delay, over.delay),
    maxAttempts: over.maxAttempts ?? base.maxAttempts,
    window: mergeValue(base.window, over.window),
  };
}
