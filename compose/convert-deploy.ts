import type {
  DeployConfig,
  HealthcheckConfig,
  Limits,
  PortConfig,
  Reservations,
  ServiceConfig,
  UpdateConfig,
} from "./compose-config";
import { quote } from "./describe-value";
import { omitEmpty, omitUndefined } from "./omit-empty";
import { parseCpus } from "./parse-cpus";
import { parseInteger } from "./parse-number";
import type { ConvertContext } from "./convert-mounts";
import type { ProblemList } from "./problem-list";
import { cut } from "./read-fields";
import type * as swarm from "./swarm-spec";

/** How many tasks run, and where: replicated unless the file says otherwise. */
export function convertMode(
  { name, deploy: { mode, replicas } }: ServiceConfig,
  { problems, place }: ConvertContext,
): swarm.ServiceMode {
  const at = `services.${name}.deploy`;
  const isGlobal = mode === "global" || mode === "global-job";
  if (isGlobal && replicas !== undefined) {
    const message = `is not for ${mode} services, got ${replicas}; remove it`;
    problems.addMerged("convert/global-replicas", place(`${at}.replicas`), message);
  }
  if (mode === "global") return { Global: {} };
  if (mode === "global-job") return { GlobalJob: {} };
  if (mode === "replicated-job") {
    return {
      ReplicatedJob: omitUndefined({ MaxConcurrent: replicas, TotalCompletions: replicas }),
    };
  }
  if (mode !== "" && mode !== "replicated") {
    const message = `must be replicated, global, replicated-job or global-job, got ${quote(mode)}`;
    problems.addMerged("convert/mode", place(`${at}.mode`), message);
  }
  return { Replicated: omitUndefined({ Replicas: replicas }) };
}

/** How the service is reached; undefined where nothing is said. */
export function convertEndpoint(
  mode: string,
  ports: readonly PortConfig[] = [],
): swarm.EndpointSpec | undefined {
  const sorted = ports.toSorted((left, right) => left.published - right.published);
  const Ports = sorted.map(({ target, published, protocol, mode: PublishMode }) =>
    omitEmpty({ Protocol: protocol, TargetPort: target, PublishedPort: published, PublishMode }),
  );
  return orNothing(omitEmpty({ Mode: mode.toLowerCase(), Ports }));
}

/** Where tasks may run; undefined where nothing is said. */
export function convertPlacement(deploy: DeployConfig): swarm.Placement | undefined {
  return orNothing(
    omitEmpty({
      Constraints: deploy.constraints,
      Preferences: deploy.preferences.map((spread) => ({ Spread: { SpreadDescriptor: spread } })),
      MaxReplicas: deploy.maxReplicas,
    }),
  );
}

/** How updates proceed; a block without parallelism updates one task at a time. */
export function convertUpdate(config: UpdateConfig | undefined): swarm.UpdateConfig | undefined {
  if (!config) return undefined;
  return {
    Parallelism: config.parallelism ?? 1,
    ...omitEmpty({
      Delay: config.delay,
      FailureAction: config.failureAction,
      Monitor: config.monitor,
      Order: config.order,
    }),
    MaxFailureRatio: config.maxFailureRatio,
  };
}

/** What a task may use and must have; undefined where nothing is said. */
export function convertResources(
  { name, deploy: { limits, reservations } }: ServiceConfig,
  { problems, place }: ConvertContext,
): swarm.TaskSpec["Resources"] {
  const cpus = (part: string, config: Limits | Reservations) => {
    const nano = config.cpus === "" ? 0 : parseCpus(config.cpus);
    if (typeof nano === "number") return nano;
    const at = place(`services.${name}.deploy.resources.${part}.cpus`);
    const message = `expected a number of CPUs, got ${quote(config.cpus)}: ${nano}; write it as "0.5"`;
    problems.addMerged("convert/cpus", at, message);
    return 0;
  };
  const Limits = limits && {
    ...omitEmpty({ NanoCPUs: cpus("limits", limits), MemoryBytes: limits.memoryBytes }),
    ...omitEmpty({ Pids: limits.pids }),
  };
  const Reservations = reservations && {
    ...omitEmpty({
      NanoCPUs: cpus("reservations", reservations),
      MemoryBytes: reservations.memoryBytes,
      GenericResources: reservations.genericResources.map(({ kind, value }) => ({
        DiscreteResourceSpec: { Kind: kind, Value: value },
      })),
    }),
  };
  return orNothing(
    omitUndefined({ Limits: orNothing(Limits), Reservations: orNothing(Reservations) }),
  );
}

/** When an ended task is started again: restart_policy, or else Compose's older `restart`. */
export function convertRestart(
  { name: service, restart, deploy: { restartPolicy: policy } }: ServiceConfig,
  { problems, place }: ConvertContext,
): swarm.RestartPolicy | undefined {
  if (policy) {
    return {
      ...omitEmpty({ Condition: policy.condition }),
      ...omitUndefined({
        Delay: policy.delay,
        MaxAttempts: policy.maxAttempts,
        Window: policy.window,
      }),
    };
  }
  const [name, count] = cut(restart, ":");
  const attempts = count === null || count === "" ? 0n : parseInteger(count);
  const isKnown = ["", "no", "always", "unless-stopped", "on-failure"].includes(name);
  if (!isKnown || attempts === undefined || (name === "" && restart !== "")) {
    const message = `is not a restart policy, got ${quote(restart)}; write no, always, unless-stopped or on-failure:3`;
    problems.addMerged("convert/restart", place(`services.${service}.restart`), message);
  }
  if (name === "always" || name === "unless-stopped") return { Condition: "any" };
  if (name !== "on-failure") return undefined;
  return { Condition: "on-failure", MaxAttempts: Number(BigInt.asUintN(64, attempts ?? 0n)) };
}

/** How the Engine finds out whether a container is well; undefined leaves it to the image. */
export function convertHealthcheck(
  check: HealthcheckConfig | undefined,
  problems: ProblemList,
): swarm.HealthConfig | undefined {
  if (!check) return undefined;
  if (check.disable) {
    if (check.test?.length) {
      const message = "has a test and is disabled; remove test, or disable";
      problems.addMerged("convert/health-test-and-disable", check.origin, message);
    }
    return { Test: ["NONE"] };
  }
  const { test, interval, timeout, startPeriod, startInterval, retries } = check;
  return orNothing(
    omitEmpty({
      Test: test,
      Interval: interval,
      Timeout: timeout,
      StartPeriod: startPeriod,
      StartInterval: startInterval,
      Retries: retries,
    }),
  );
}

/** Undefined for an object without keys: the Engine does not tell the two apart. */
export function orNothing<T extends object>(value: T | undefined): T | undefined {
  return value && Object.keys(value).length > 0 ? value : undefined;
}
