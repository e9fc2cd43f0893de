import { createHash, scryptSync } from "node:crypto";
import { ComposeError } from "../compose/compose-error";
import { convertStack, type StackConversion } from "../compose/convert-stack";
import type { ConfigSpec, SecretSpec, ServiceSpec } from "../compose/swarm-spec";
import type { Config, StackConfig } from "../config/config";
import { showValue, type Problem } from "../config/problem";
import type { ImageLock } from "../images/lock-file";
import { mapRecord } from "./map-record";
import { pinImages } from "./pin-images";
import type { PlannedService, PlannedStack } from "./planned-stack";
import { findGaps } from "./provider-gaps";
import { publishOnOneNode } from "./routing-mesh";
import { stackEnvironment } from "./stack-environment";

/** What a stack is planned from; reading files is the caller's. */
export interface StackInputs {
  readonly config: Config;
  readonly secrets: Readonly<Record<string, string>>;
  readonly lock: ImageLock;
  readonly lockPath: string;
  readonly projectDirectory: string;
  readFile(path: string): Uint8Array | undefined;
}

/** A planned stack, or why there is none; `usedSecrets` are the secret settings that it asks for. */
export interface StackPlan {
  readonly stack: PlannedStack | undefined;
  readonly problems: readonly Problem[];
  readonly notes: readonly string[];
  readonly usedSecrets: readonly string[];
}

/** Settles one stack: converts its files, gives its secrets their content, pins its images, and places its services. */
export function planStack(stack: StackConfig, inputs: StackInputs): StackPlan {
  const { environment, problems, usedSecrets } = stackEnvironment(stack, inputs);
  const files = stack.files.map((path) => ({ path, text: readText(inputs, path) }));
  const missing = files
    .filter(({ text }) => text === undefined)
    .map(({ path }) => noSuchFile(stack, path));
  if (problems.length + missing.length > 0) {
    return { stack: undefined, problems: [...problems, ...missing], notes: [], usedSecrets };
  }
  try {
    const conversion = convertStack({
      stack: stack.name,
      files: files.map(({ path, text = "" }) => ({ path, text })),
      environment,
      workingDirectory: directoryOf(`${inputs.projectDirectory}/${files[0]?.path ?? ""}`),
      // A home is a machine's own: what stands below ~ would differ from one preview to the next.
      homeDirectory: "/root",
      readFile: (path) => inputs.readFile(path),
    });
    return settle(stack, conversion, inputs, usedSecrets);
  } catch (error) {
    if (!(error instanceof ComposeError)) throw error;
    return { stack: undefined, problems: error.problems, notes: [], usedSecrets };
  }
}

function settle(
  stack: StackConfig,
  conversion: StackConversion,
  inputs: StackInputs,
  usedSecrets: readonly string[],
): StackPlan {
  const { config } = inputs;
  const given = giveSecrets(stack, conversion, inputs);
  const names = {
    ...contentNames(given.secrets, slowHash(stack.name)),
    ...contentNames(conversion.spec.configs, quickHash),
  };
  const pinned = pinImages(conversion, { lock: inputs.lock, lockPath: inputs.lockPath, config });
  const services = Object.values(pinned.services)
    .map((spec) => renameReferences(spec, names))
    .map((spec) => publishOnOneNode(spec, config));
  const problems = [...pinned.problems, ...findGaps(conversion, given.names)];
  const used = [...usedSecrets, ...given.usedSecrets];
  const notes = conversion.warnings.map(({ where, message }) => `${where}: ${message}`);
  if (problems.length > 0) return { stack: undefined, problems, notes, usedSecrets: used };
  const sensitive = used.flatMap((name) => inputs.secrets[name] ?? []);
  return {
    stack: {
      name: stack.name,
      networks: planObjects(conversion.spec.networks, {}),
      secrets: planObjects(given.secrets, names),
      configs: planObjects(conversion.spec.configs, names),
      services: services.map((spec) => planService(spec, config)),
      sensitive,
      revision: quickHash(maskAll(JSON.stringify(services), sensitive, slowHash(stack.name)), ""),
      readyTimeoutSeconds: config.readyTimeoutSeconds,
    },
    problems,
    notes,
    usedSecrets: used,
  };
}

/**
 * The stack's secrets, with those that the file calls external and the settings hold. `portainer_password` is found
 * in the setting that `secrets` names for it, or in `cloudlet:portainerPassword`.
 */
function giveSecrets(stack: StackConfig, conversion: StackConversion, { secrets }: StackInputs) {
  const given: Record<string, SecretSpec> = { ...conversion.spec.secrets };
  const names: string[] = [];
  const usedSecrets: string[] = [];
  for (const name of conversion.external.secrets) {
    const setting = stack.secrets[name] ?? camelCase(name);
    const value = secrets[setting];
    if (value === undefined) continue;
    names.push(name);
    usedSecrets.push(setting);
    given[name] = {
      Name: `${stack.name}_${name}`,
      Labels: { "com.docker.stack.namespace": stack.name },
      Data: Buffer.from(value).toString("base64"),
    };
  }
  return { secrets: given, names, usedSecrets };
}

function camelCase(name: string): string {
  return name.replace(/[_-]+([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

type Hash = (data: string, name: string) => string;
/** Long enough to tell contents apart, short enough for Docker's 64 characters. */
const HASH_LENGTH = 10;

const quickHash: Hash = (data) =>
  createHash("sha256").update(data).digest("hex").slice(0, HASH_LENGTH);
// The name of a secret is no secret: a quick hash in it would let a weak password be guessed offline.
const slowHash =
  (stack: string): Hash =>
  (data, name) =>
    scryptSync(data, `cloudlet ${stack} ${name}`, 16).toString("hex").slice(0, HASH_LENGTH);

// A hash over secrets must be as slow as theirs.
function maskAll(text: string, sensitive: readonly string[], hash: Hash): string {
  return sensitive.reduce((masked, value) => masked.replaceAll(value, hash(value, "")), text);
}

/** Key in the spec -> the object's name in the swarm: a changed content is a new object, as Swarm's cannot change. */
function contentNames(
  objects: Readonly<Record<string, SecretSpec | ConfigSpec>>,
  hash: Hash,
): Record<string, string> {
  return mapRecord(objects, ({ Name, Data }) =>
    Data === undefined ? Name : `${Name}_${hash(Data, Name)}`,
  );
}

function renameReferences(spec: ServiceSpec, names: Readonly<Record<string, string>>): ServiceSpec {
  const { ContainerSpec } = spec.TaskTemplate;
  const Secrets = ContainerSpec.Secrets?.map((reference) => ({
    ...reference,
    SecretName: names[reference.SecretName] ?? reference.SecretName,
  }));
  const Configs = ContainerSpec.Configs?.map((reference) => ({
    ...reference,
    ConfigName: names[reference.ConfigName] ?? reference.ConfigName,
  }));
  return {
    ...spec,
    TaskTemplate: {
      ...spec.TaskTemplate,
      ContainerSpec: { ...ContainerSpec, ...(Secrets && { Secrets }), ...(Configs && { Configs }) },
    },
  };
}

function planObjects<Spec extends { Name: string }>(
  specs: Readonly<Record<string, Spec>>,
  names: Readonly<Record<string, string>>,
) {
  return Object.entries(specs).map(([key, spec]) => ({
    logicalName: spec.Name,
    spec: { ...spec, Name: names[key] ?? spec.Name },
  }));
}

function planService(spec: ServiceSpec, { nodes }: Config): PlannedService {
  const master = nodes.find(({ role }) => role === "master");
  const ports = spec.EndpointSpec?.Ports ?? [];
  const addresses = ports.flatMap(({ PublishedPort, Protocol }) =>
    master === undefined || PublishedPort === undefined || Protocol === "udp"
      ? []
      : [`http://${master.address}:${PublishedPort}`],
  );
  return { logicalName: spec.Name, spec, addresses };
}

function readText({ projectDirectory, readFile }: StackInputs, path: string): string | undefined {
  const bytes = readFile(`${projectDirectory}/${path}`);
  return bytes === undefined ? undefined : Buffer.from(bytes).toString();
}

function directoryOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/"));
}

function noSuchFile({ name }: StackConfig, path: string): Problem {
  return {
    where: `cloudlet:stacks.${name}.file`,
    message: `expected a stack file of this project, got ${showValue(path)}: no such file`,
  };
}
