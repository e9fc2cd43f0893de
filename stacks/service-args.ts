import type { ServiceArgs, types } from "@pulumi/docker";
import type { Input } from "@pulumi/pulumi";
import type * as swarm from "../compose/swarm-spec";
import { goDuration } from "./go-duration";

type TaskSpec = types.input.ServiceTaskSpec;
type Container = types.input.ServiceTaskSpecContainerSpec;

/** Ids that exist only after deployment, by the full name of what they belong to. */
export interface ObjectIds {
  readonly networks: Readonly<Record<string, Input<string>>>;
  readonly secrets: Readonly<Record<string, Input<string>>>;
  readonly configs: Readonly<Record<string, Input<string>>>;
}

/** The engine's own grace period; the provider would send 0, which kills every container at once. */
const DEFAULT_STOP_GRACE_PERIOD = 10_000_000_000;

/**
 * Says in the docker provider's words what the Engine API's spec says. Whatever the provider fills in differently from
 * `docker stack deploy` is written out here, and every unit is spelled as the provider reads it back.
 */
export function serviceArgs(spec: swarm.ServiceSpec, ids: ObjectIds): ServiceArgs {
  const { Mode, EndpointSpec, UpdateConfig, RollbackConfig } = spec;
  return {
    name: spec.Name,
    labels: labels(spec.Labels),
    mode:
      Mode.Global === undefined
        ? { replicated: { replicas: Mode.Replicated?.Replicas ?? 1 } }
        : { global: true },
    taskSpec: taskSpec(spec.TaskTemplate, ids),
    endpointSpec: endpointSpec(EndpointSpec),
    updateConfig: UpdateConfig && updateConfig(UpdateConfig),
    rollbackConfig: RollbackConfig && updateConfig(RollbackConfig),
  };
}

function taskSpec(task: swarm.TaskSpec, ids: ObjectIds): TaskSpec {
  const { ContainerSpec, Networks, Placement, Resources, RestartPolicy, LogDriver } = task;
  return {
    containerSpec: containerSpec(ContainerSpec, ids),
    networksAdvanceds: Networks?.map(({ Target, Aliases, DriverOpts }) => ({
      // By id: a name is read back as an id, and then every refresh replaces the service.
      id: lookUp(ids.networks, Target),
      aliases: Aliases,
      driverOpts: DriverOpts && Object.entries(DriverOpts).map(([key, value]) => `${key}=${value}`),
    })),
    placement: placement(Placement),
    resources: Resources && {
      limits: Resources.Limits && {
        nanoCpus: Resources.Limits.NanoCPUs,
        memoryBytes: Resources.Limits.MemoryBytes,
      },
      reservation: Resources.Reservations && reservation(Resources.Reservations),
    },
    restartPolicy: restartPolicy(RestartPolicy),
    logDriver: LogDriver && { name: LogDriver.Name, options: LogDriver.Options },
  };
}

function containerSpec(container: swarm.ContainerSpec, ids: ObjectIds): Container {
  return {
    image: container.Image,
    labels: container.Labels && labels(container.Labels),
    commands: container.Command,
    args: container.Args,
    hostname: container.Hostname,
    env: container.Env && environment(container.Env),
    dir: container.Dir,
    user: container.User,
    init: container.Init,
    isolation: container.Isolation,
    readOnly: container.ReadOnly,
    stopSignal: container.StopSignal,
    stopGracePeriod: goDuration(container.StopGracePeriod ?? DEFAULT_STOP_GRACE_PERIOD),
    sysctl: container.Sysctls,
    capAdds: container.CapabilityAdd,
    capDrops: container.CapabilityDrop,
    hosts: container.Hosts?.map((line) => {
      const [ip = "", host = ""] = line.split(" ");
      return { ip, host };
    }),
    dnsConfig: container.DNSConfig && {
      nameservers: container.DNSConfig.Nameservers ?? [],
      searches: container.DNSConfig.Search,
      options: container.DNSConfig.Options,
    },
    healthcheck: healthcheck(container.Healthcheck),
    mounts: container.Mounts?.map(mount),
    secrets: container.Secrets?.map(({ SecretName, File }) => ({
      secretId: lookUp(ids.secrets, SecretName),
      secretName: SecretName,
      ...fileTarget(File),
    })),
    configs: container.Configs?.flatMap(({ ConfigName, File }) =>
      File === undefined
        ? []
        : [
            {
              configId: lookUp(ids.configs, ConfigName),
              configName: ConfigName,
              ...fileTarget(File),
            },
          ],
    ),
  };
}

function lookUp(ids: Readonly<Record<string, Input<string>>>, name: string): Input<string> {
  const id = ids[name];
  if (id === undefined)
    throw new Error(`no id for ${name}: the plan names what it does not declare`);
  return id;
}

/** Labels in the docker provider's form. */
export function labels(map: swarm.Labels): { label: string; value: string }[] {
  return Object.entries(map).map(([label, value]) => ({ label, value }));
}

function environment(env: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    env.map((line) => {
      const at = line.indexOf("=");
      return [line.slice(0, at), line.slice(at + 1)];
    }),
  );
}

function fileTarget({ Name, UID, GID, Mode }: swarm.FileTarget) {
  return { fileName: Name, fileUid: UID, fileGid: GID, fileMode: Mode };
}

function healthcheck(
  check: swarm.HealthConfig | undefined,
): types.input.ServiceTaskSpecContainerSpecHealthcheck | undefined {
  if (check === undefined || Object.keys(check).length === 0) return undefined;
  return {
    tests: check.Test ?? [],
    interval: goDuration(check.Interval ?? 0),
    timeout: goDuration(check.Timeout ?? 0),
    startPeriod: goDuration(check.StartPeriod ?? 0),
    retries: check.Retries ?? 0,
  };
}

function mount(mount: swarm.Mount): types.input.ServiceTaskSpecContainerSpecMount {
  const { Type, Source, Target, ReadOnly, BindOptions, VolumeOptions, TmpfsOptions } = mount;
  return {
    type: Type,
    source: Source,
    target: Target,
    readOnly: ReadOnly,
    bindOptions: BindOptions && { propagation: BindOptions.Propagation },
    volumeOptions: VolumeOptions && {
      noCopy: VolumeOptions.NoCopy,
      labels: VolumeOptions.Labels && labels(VolumeOptions.Labels),
      driverName: VolumeOptions.DriverConfig?.Name,
      driverOptions: VolumeOptions.DriverConfig?.Options,
    },
    tmpfsOptions: TmpfsOptions && { sizeBytes: TmpfsOptions.SizeBytes },
  };
}

function placement(
  placement: swarm.Placement | undefined,
): types.input.ServiceTaskSpecPlacement | undefined {
  if (placement === undefined || Object.keys(placement).length === 0) return undefined;
  return {
    constraints: placement.Constraints,
    // The descriptor alone: the `spread=` of the provider's documentation would be taken for a part of it.
    prefs: placement.Preferences?.map(({ Spread }) => Spread.SpreadDescriptor),
    maxReplicas: placement.MaxReplicas,
  };
}

function reservation(
  reservations: swarm.Reservations,
): types.input.ServiceTaskSpecResourcesReservation {
  return {
    nanoCpus: reservations.NanoCPUs,
    memoryBytes: reservations.MemoryBytes,
    genericResources: reservations.GenericResources && {
      discreteResourcesSpecs: reservations.GenericResources.map(
        ({ DiscreteResourceSpec: { Kind, Value } }) => `${Kind}=${Value}`,
      ),
    },
  };
}

// All four or none: a block without its delay is sent as no delay, a hot loop of crashing tasks.
function restartPolicy(
  policy: swarm.RestartPolicy | undefined,
): types.input.ServiceTaskSpecRestartPolicy | undefined {
  if (policy === undefined) return undefined;
  return {
    condition: policy.Condition ?? "any",
    delay: goDuration(policy.Delay ?? 5_000_000_000),
    maxAttempts: policy.MaxAttempts ?? 0,
    window: goDuration(policy.Window ?? 0),
  };
}

function endpointSpec(
  endpoint: swarm.EndpointSpec | undefined,
): types.input.ServiceEndpointSpec | undefined {
  if (endpoint === undefined || Object.keys(endpoint).length === 0) return undefined;
  return {
    mode: endpoint.Mode,
    ports: endpoint.Ports?.map(({ TargetPort, PublishedPort, Protocol, PublishMode }) => ({
      targetPort: TargetPort,
      publishedPort: PublishedPort,
      protocol: Protocol ?? "tcp",
      publishMode: PublishMode ?? "ingress",
    })),
  };
}

function updateConfig(config: swarm.UpdateConfig): types.input.ServiceUpdateConfig {
  return {
    parallelism: config.Parallelism,
    delay: goDuration(config.Delay ?? 0),
    failureAction: config.FailureAction ?? "pause",
    monitor: goDuration(config.Monitor ?? 5_000_000_000),
    maxFailureRatio: String(config.MaxFailureRatio ?? 0),
    order: config.Order ?? "stop-first",
  };
}
