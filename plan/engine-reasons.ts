import { stackLabel } from "../compose/scoped-name";
import type { ConfigSpec, Labels, SecretSpec, ServiceSpec } from "../compose/swarm-spec";

/** Names in the swarm of what the docker provider writes for a stack: it refers to ids, which only those have in the program. */
export interface ProviderNames {
  readonly networks: ReadonlySet<string>;
  readonly secrets: ReadonlySet<string>;
  readonly configs: ReadonlySet<string>;
}

/** What the docker provider cannot say, or says so that it does harm, in words that end "the docker provider ...". */
const serviceReasons: readonly { reason: string; asks: (spec: ServiceSpec) => boolean }[] = [
  {
    // Swarm compares specs: every update, be it of a label, would restart all tasks (docs/decisions/012-engine-services.md).
    reason: "sends several environment variables in random order",
    asks: (spec) => (container(spec).Env ?? []).length > 1,
  },
  {
    reason: "knows no variables without a value",
    asks: (spec) => (container(spec).Env ?? []).some((line) => !line.includes("=")),
  },
  { reason: "knows no ulimits", asks: (spec) => container(spec).Ulimits !== undefined },
  { reason: "knows no tty", asks: (spec) => container(spec).TTY === true },
  { reason: "knows no stdin_open", asks: (spec) => container(spec).OpenStdin === true },
  {
    reason: "knows no limit of pids",
    asks: ({ TaskTemplate }) => TaskTemplate.Resources?.Limits?.Pids !== undefined,
  },
  {
    reason: "knows no jobs",
    asks: ({ Mode }) => (Mode.ReplicatedJob ?? Mode.GlobalJob) !== undefined,
  },
  {
    reason: "knows no rollback that fails into a rollback",
    asks: ({ RollbackConfig }) => RollbackConfig?.FailureAction === "rollback",
  },
  {
    reason: "reads a failure ratio back with one decimal",
    asks: ({ UpdateConfig, RollbackConfig }) =>
      [UpdateConfig, RollbackConfig].some((config) => !hasOneDecimal(config?.MaxFailureRatio ?? 0)),
  },
  {
    reason: "keeps no order of placement preferences",
    asks: ({ TaskTemplate }) => (TaskTemplate.Placement?.Preferences ?? []).length > 1,
  },
  {
    reason: "knows no start_interval",
    asks: (spec) => container(spec).Healthcheck?.StartInterval !== undefined,
  },
  {
    reason: "replaces a service whose container labels, extra hosts or sysctls change",
    asks: (spec) =>
      [
        ownLabels(container(spec).Labels),
        container(spec).Hosts ?? [],
        container(spec).Sysctls ?? {},
      ].some((value) => Object.keys(value).length > 0),
  },
  {
    reason: "knows no credential_spec of a config",
    asks: (spec) => Boolean(container(spec).Privileges?.CredentialSpec),
  },
  {
    reason: "knows no npipe and cluster volumes",
    asks: (spec) => mounts(spec).some(({ Type }) => !["bind", "volume", "tmpfs"].includes(Type)),
  },
  {
    reason: "knows no subpath and consistency of volumes",
    asks: (spec) =>
      mounts(spec).some(
        ({ VolumeOptions, Consistency }) => (VolumeOptions?.Subpath ?? Consistency) !== undefined,
      ),
  },
  {
    reason: "replaces a service whose volume labels change",
    asks: (spec) =>
      mounts(spec).some(({ VolumeOptions }) => ownLabels(VolumeOptions?.Labels).length > 0),
  },
];

const hasOneDecimal = (ratio: number) => Math.abs(ratio * 10 - Math.round(ratio * 10)) < 1e-9;
const container = (spec: ServiceSpec) => spec.TaskTemplate.ContainerSpec;
// The stack's own label never changes.
const ownLabels = (labels: Labels = {}) =>
  Object.keys(labels).filter((label) => label !== stackLabel);
const mounts = (spec: ServiceSpec) => container(spec).Mounts ?? [];

const REFERS_BY_ID = "refers by id, which what it did not write itself has in the swarm alone";

/** All reasons that there are, for people to read. */
export const SERVICE_ENGINE_REASONS: readonly string[] = [
  ...serviceReasons.map(({ reason }) => reason),
  REFERS_BY_ID,
];

/** Why a service is written through the Engine API and not by the docker provider; empty where the provider does it well. */
export function serviceEngineReasons(spec: ServiceSpec, names: ProviderNames): string[] {
  const reasons = serviceReasons.filter(({ asks }) => asks(spec)).map(({ reason }) => reason);
  return refersToIds(spec, names) ? reasons : [...reasons, REFERS_BY_ID];
}

function refersToIds({ TaskTemplate }: ServiceSpec, names: ProviderNames): boolean {
  const { Secrets = [], Configs = [] } = TaskTemplate.ContainerSpec;
  return (
    (TaskTemplate.Networks ?? []).every(({ Target }) => names.networks.has(Target)) &&
    Secrets.every(({ SecretName }) => names.secrets.has(SecretName)) &&
    Configs.every(({ ConfigName }) => names.configs.has(ConfigName))
  );
}

/** The same for a secret or a config. */
export function fileEngineReasons(spec: SecretSpec | ConfigSpec): string[] {
  return [
    "Driver" in spec ? "knows no drivers of secrets" : [],
    spec.Templating === undefined ? [] : "knows no template drivers",
  ].flat();
}
