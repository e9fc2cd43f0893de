import { createHash, scryptSync } from "node:crypto";
import type { StackConversion } from "../compose/convert-stack";
import type { ConfigSpec, SecretSpec, ServiceSpec } from "../compose/swarm-spec";
import type { Config, StackConfig } from "../config/config";
import type { Problem } from "../config/problem";
import type { ImageLock } from "../images/lock-file";
import { mapRecord } from "./map-record";
import { pinImages } from "./pin-images";
import type { PlannedService, PlannedStack } from "./planned-stack";
import { findGaps } from "./provider-gaps";
import { publishOnOneNode } from "./routing-mesh";
import { readStack, type StackFiles } from "./read-stack";

/** What a stack is planned from. */
export interface StackInputs extends StackFiles {
  readonly lock: ImageLock;
  readonly lockPath: string;
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
  const { conversion, problems, usedSecrets } = readStack(stack, inputs);
  if (conversion === undefined) return { stack: undefined, problems, notes: [], usedSecrets };
  return settle(stack, conversion, inputs, usedSecrets);
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
