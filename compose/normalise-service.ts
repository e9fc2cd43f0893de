import type {
  AttachmentConfig,
  CredentialSpec,
  HealthcheckConfig,
  LoggingConfig,
  ServiceConfig,
  Ulimit,
} from "./compose-config";
import type { ComposeNode, MapNode } from "./compose-node";
import { got } from "./describe-value";
import { normaliseDeploy } from "./normalise-deploy";
import { normaliseEnvironment, type EnvironmentSource } from "./normalise-environment";
import { normaliseFileReferences } from "./normalise-file-references";
import { normaliseMounts } from "./normalise-mounts";
import { normalisePorts } from "./normalise-ports";
import { byBytes } from "./omit-empty";
import type { ProblemList } from "./problem-list";
import { cut, Fields } from "./read-fields";
import type { Origin } from "./source-file";
import { splitCommand } from "./split-command";

/** Brings a service of one file into its long form: every short form written out, files read. */
export function normaliseService(
  name: string,
  node: MapNode,
  source: EnvironmentSource,
  problems: ProblemList,
): ServiceConfig {
  const fields = new Fields(node, problems);
  warnRestart(fields);
  refuseSharedMemory(fields);
  return {
    ...readProcess(fields),
    ...readContainer(fields),
    name,
    origin: node.origin,
    environment: normaliseEnvironment(fields, source),
    healthcheck: readHealthcheck(fields),
    ports: normalisePorts(fields),
    volumes: normaliseMounts(fields, source),
    networks: readNetworks(fields),
    networkOrigins: readNetworkOrigins(fields),
    secrets: normaliseFileReferences(fields, "secrets"),
    configs: normaliseFileReferences(fields, "configs"),
    dependsOn: fields.strings("depends_on") ?? [],
    deploy: normaliseDeploy(fields),
  };
}

function readProcess(fields: Fields) {
  return {
    image: fields.text("image"),
    command: readCommand(fields, "command"),
    entrypoint: readCommand(fields, "entrypoint"),
    workingDir: fields.text("working_dir"),
    user: fields.text("user"),
    hostname: fields.text("hostname"),
    isolation: fields.text("isolation"),
    stopSignal: fields.text("stop_signal"),
    stopGracePeriod: fields.duration("stop_grace_period"),
    restart: fields.text("restart"),
    tty: fields.flag("tty"),
    stdinOpen: fields.flag("stdin_open"),
    readOnly: fields.flag("read_only"),
    init: fields.maybeFlag("init"),
  };
}

// The schema takes a number here; the CLI's next stage does not, though the key has no effect.
function refuseSharedMemory(fields: Fields): void {
  const size = fields.node("shm_size");
  if (size?.kind !== "integer" && size?.kind !== "float") return;
  fields.problems.add("decode/type", size.origin, `must be a string${got(size)}; put it in quotes`);
}

function warnRestart(fields: Fields): void {
  const restart = fields.node("restart");
  if (!restart) return;
  const decides = fields.fields("deploy")?.fields("restart_policy") !== undefined;
  const message = decides
    ? "has no effect in a swarm: deploy.restart_policy decides"
    : "is not meant for a swarm, but Docker goes by it; write deploy.restart_policy";
  fields.problems.warn("ignored/key", restart.origin, message);
}

function readContainer(fields: Fields) {
  return {
    labels: fields.pairs("labels"),
    sysctls: fields.pairs("sysctls"),
    capAdd: fields.strings("cap_add") ?? [],
    capDrop: fields.strings("cap_drop") ?? [],
    ulimits: readUlimits(fields),
    dns: fields.textOrList("dns"),
    dnsSearch: fields.textOrList("dns_search"),
    extraHosts: readExtraHosts(fields),
    logging: readLogging(fields),
    credentialSpec: readCredentialSpec(fields),
  };
}

function readCommand(fields: Fields, key: string): string[] | undefined {
  const node = fields.node(key);
  if (node?.kind !== "string") return fields.strings(key);
  const words = splitCommand(node.value);
  if (typeof words !== "string") return words;
  fields.problems.add(
    "decode/command",
    node.origin,
    `cannot be split into words: ${words}${got(node)}`,
  );
  return undefined;
}

function readUlimits(fields: Fields): Map<string, Ulimit> {
  const limits = new Map<string, Ulimit>();
  const node = fields.node("ulimits");
  for (const [name, value] of node?.kind === "map" ? node.entries : []) {
    const limit = readUlimit(value, fields.problems);
    if (limit) limits.set(name, limit);
  }
  return limits;
}

function readUlimit(node: ComposeNode, problems: ProblemList): Ulimit | undefined {
  if (node.kind === "integer") return { soft: Number(node.value), hard: Number(node.value) };
  if (node.kind === "map") {
    const [soft, hard] = ["soft", "hard"].map((key) => node.entries.get(key));
    if (soft?.kind === "integer" && hard?.kind === "integer") {
      return { soft: Number(soft.value), hard: Number(hard.value) };
    }
  }
  problems.add(
    "decode/ulimit",
    node.origin,
    `must be a whole number, or soft and hard${got(node)}`,
  );
  return undefined;
}

function readExtraHosts(fields: Fields): string[] {
  const node = fields.node("extra_hosts");
  if (node?.kind === "map") {
    const pairs = [...node.entries].flatMap(([host, value]) => {
      if (value.kind === "string") return [`${host}:${value.value}`];
      if (value.kind !== "null") refuseAddress(value, fields.problems);
      return [];
    });
    return pairs.sort(byBytes).map(unbracket);
  }
  return (fields.strings("extra_hosts") ?? []).flatMap((item) => {
    const [host, address] = item.includes("=") ? cut(item, "=") : cut(item, ":");
    return address === null ? [] : [unbracket(`${host}:${address}`)];
  });
}

// Docker would send Go's words for a type that it did not expect.
function refuseAddress(node: ComposeNode, problems: ProblemList): void {
  problems.add("decode/type", node.origin, `must be an address${got(node)}; put it in quotes`);
}

function unbracket(entry: string): string {
  const [host, address] = cut(entry, ":");
  return `${host}:${(address ?? "").replace(/^\[(.+)\]$/s, "$1")}`;
}

function readLogging(fields: Fields): LoggingConfig | undefined {
  const logging = fields.fields("logging");
  return logging && { driver: logging.text("driver"), options: logging.pairs("options") };
}

function readCredentialSpec(fields: Fields): CredentialSpec {
  const spec = fields.fields("credential_spec");
  const [config = "", file = "", registry = ""] = ["config", "file", "registry"].map((key) =>
    spec?.text(key),
  );
  return { config, file, registry };
}

function readHealthcheck(fields: Fields): HealthcheckConfig | undefined {
  const check = fields.fields("healthcheck");
  if (!check) return undefined;
  const test = check.node("test");
  const command = test?.kind === "string" ? ["CMD-SHELL", test.value] : check.strings("test");
  if (test?.kind === "string" && test.value === "NONE") {
    const message = `runs a command called NONE, as Docker does; write disable: true to have no check`;
    check.problems.warn("surprise/health-none", test.origin, message);
  }
  return {
    origin: check.origin,
    test: command,
    disable: check.flag("disable"),
    timeout: check.duration("timeout"),
    interval: check.duration("interval"),
    startPeriod: check.duration("start_period"),
    startInterval: check.duration("start_interval"),
    retries: check.count("retries"),
  };
}

function readNetworks(fields: Fields): Map<string, AttachmentConfig | null> | undefined {
  const names = fields.strings("networks");
  if (names) return new Map(names.map((name) => [name, null]));
  const networks = fields.fields("networks");
  const node = fields.node("networks");
  if (!networks || node?.kind !== "map") return undefined;
  return new Map(
    [...node.entries.keys()].map((name) => {
      const attachment = networks.fields(name);
      if (!attachment) return [name, null];
      const aliases = attachment.strings("aliases");
      return [name, { aliases, driverOpts: attachment.pairs("driver_opts") }];
    }),
  );
}

function readNetworkOrigins(fields: Fields): Map<string, Origin> {
  const node = fields.node("networks");
  const items = node?.kind === "list" ? node.items : [];
  const named = items.flatMap((item): [string, Origin][] =>
    item.kind === "string" ? [[item.value, item.origin]] : [],
  );
  const keyed = node?.kind === "map" ? [...node.entries] : [];
  return new Map([...named, ...keyed.map(([key, { origin }]): [string, Origin] => [key, origin])]);
}
