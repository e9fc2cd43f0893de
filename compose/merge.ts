import type {
  AttachmentConfig,
  ComposeConfig,
  Environment,
  FileReference,
  HealthcheckConfig,
  LoggingConfig,
  MountConfig,
  PortConfig,
  ServiceConfig,
} from "./compose-config";
import { mergeDeploy } from "./merge-deploy";
import { append, mergePairs, mergeValue } from "./merge-value";
import { byBytes } from "./omit-empty";
import type { ProblemList } from "./problem-list";

/** Lays one file over another as `docker stack deploy -c base -c override` does. */
export function merge(
  base: ComposeConfig,
  override: ComposeConfig,
  problems: ProblemList,
): ComposeConfig {
  const services = new Map(base.services);
  for (const [name, service] of override.services) {
    const below = services.get(name);
    services.set(name, below ? mergeService(below, service, problems) : service);
  }
  return {
    services,
    networks: new Map([...base.networks, ...override.networks]),
    volumes: new Map([...base.volumes, ...override.volumes]),
    secrets: new Map([...base.secrets, ...override.secrets]),
    configs: new Map([...base.configs, ...override.configs]),
  };
}

// An empty value, false or 0 in the later file changes nothing, as in the CLI.
function mergeService(
  base: ServiceConfig,
  over: ServiceConfig,
  problems: ProblemList,
): ServiceConfig {
  return {
    ...mergeScalars(base, over),
    command: replaceList(base.command, over.command),
    entrypoint: replaceList(base.entrypoint, over.entrypoint),
    environment: mergeEnvironment(base.environment, over.environment),
    labels: mergePairs(base.labels, over.labels),
    sysctls: mergePairs(base.sysctls, over.sysctls),
    capAdd: [...base.capAdd, ...over.capAdd],
    capDrop: [...base.capDrop, ...over.capDrop],
    ulimits: new Map([...base.ulimits, ...over.ulimits]),
    dns: append(base.dns, over.dns),
    dnsSearch: append(base.dnsSearch, over.dnsSearch),
    extraHosts: [...base.extraHosts, ...over.extraHosts],
    logging: mergeLogging(base, over, problems),
    credentialSpec: {
      config: over.credentialSpec.config || base.credentialSpec.config,
      file: over.credentialSpec.file || base.credentialSpec.file,
      registry: over.credentialSpec.registry || base.credentialSpec.registry,
    },
    healthcheck: mergeHealthcheck(base.healthcheck, over.healthcheck, problems),
    ports: mergePorts(base.ports, over.ports),
    volumes: mergeMounts(base.volumes, over.volumes),
    networks: mergeNetworks(base.networks, over.networks),
    networkOrigins: new Map([...(base.networkOrigins ?? []), ...(over.networkOrigins ?? [])]),
    secrets: mergeReferences(base.secrets, over.secrets),
    configs: mergeReferences(base.configs, over.configs),
    dependsOn: [...base.dependsOn, ...over.dependsOn],
    deploy: mergeDeploy(base.deploy, over.deploy),
  };
}

function mergeScalars(base: ServiceConfig, over: ServiceConfig): ServiceConfig {
  return {
    ...base,
    image: over.image || base.image,
    workingDir: over.workingDir || base.workingDir,
    user: over.user || base.user,
    hostname: over.hostname || base.hostname,
    isolation: over.isolation || base.isolation,
    stopSignal: over.stopSignal || base.stopSignal,
    restart: over.restart || base.restart,
    tty: over.tty || base.tty,
    stdinOpen: over.stdinOpen || base.stdinOpen,
    readOnly: over.readOnly || base.readOnly,
    init: mergeValue(base.init, over.init),
    stopGracePeriod: mergeValue(base.stopGracePeriod, over.stopGracePeriod),
  };
}

function replaceList<T>(base: T[] | undefined, over: T[] | undefined): T[] | undefined {
  return over && over.length > 0 ? over : (base ?? over);
}

function mergeEnvironment(base: Environment, over: Environment): Environment {
  const merged: Environment = new Map(base);
  for (const [name, value] of over) {
    const isEmpty = value === null || value === "";
    if (!isEmpty || !base.get(name)) merged.set(name, value);
  }
  return merged;
}

function mergeLogging(
  { logging: base, origin }: ServiceConfig,
  { logging: over }: ServiceConfig,
  problems: ProblemList,
): LoggingConfig | undefined {
  if (!base || !over) return base ?? over;
  const isOther = base.driver !== over.driver && base.driver !== "" && over.driver !== "";
  if (isOther) return over;
  const driver = base.driver || over.driver;
  if (base.options) return { driver, options: mergePairs(base.options, over.options) };
  if (over.options) {
    const message =
      "gets no logging options from the later file, as in Docker, because the earlier has none; repeat the driver's options in the first file";
    problems.warn("surprise/merged-logging", origin, message);
  }
  return { driver };
}

function mergeHealthcheck(
  base: HealthcheckConfig | undefined,
  over: HealthcheckConfig | undefined,
  problems: ProblemList,
): HealthcheckConfig | undefined {
  if (!base || !over) return base ?? over;
  if (base.test?.length && over.test?.length) {
    const message = "has a test in several files, and Docker appends one to the other; keep one";
    problems.warn("surprise/merged-test", over.origin, message);
  }
  return {
    origin: over.origin,
    test: append(base.test, over.test),
    disable: over.disable || base.disable,
    timeout: mergeValue(base.timeout, over.timeout),
    interval: mergeValue(base.interval, over.interval),
    startPeriod: mergeValue(base.startPeriod, over.startPeriod),
    startInterval: mergeValue(base.startInterval, over.startInterval),
    retries: over.retries ?? base.retries,
  };
}

function mergeNetworks(
  base: Map<string, AttachmentConfig | null> | undefined,
  over: Map<string, AttachmentConfig | null> | undefined,
): Map<string, AttachmentConfig | null> | undefined {
  if (!base || !over) return base ?? over;
  const merged = new Map(base);
  for (const [name, attachment] of over) {
    const below = merged.get(name);
    if (!below) merged.set(name, attachment);
    else if (attachment) merged.set(name, { ...below, aliases: attachment.aliases });
  }
  return merged;
}

// By published port: where neither says one, the last wins, as in the CLI.
function mergePorts(base?: PortConfig[], over?: PortConfig[]): PortConfig[] | undefined {
  if (!base) return over;
  const byPort = mergeBy(base, over, ({ published }) => published);
  return byPort.sort((left, right) => left.published - right.published);
}

function mergeMounts(base?: MountConfig[], over?: MountConfig[]): MountConfig[] | undefined {
  if (!base) return over;
  const byTarget = mergeBy(base, over, ({ target }) => target);
  return byTarget.sort((left, right) => byBytes(left.target, right.target));
}

function mergeReferences(
  base?: FileReference[],
  over?: FileReference[],
): FileReference[] | undefined {
  if (!base) return over;
  const bySource = mergeBy(base, over, ({ source }) => source);
  return bySource.sort((left, right) => byBytes(left.source, right.source));
}

function mergeBy<T>(base: T[], over: T[] | undefined, key: (item: T) => string | number): T[] {
  return [...new Map([...base, ...(over ?? [])].map((item) => [key(item), item])).values()];
}
