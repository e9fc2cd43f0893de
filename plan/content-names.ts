import { createHash, scryptSync } from "node:crypto";
import type { ConfigSpec, SecretSpec, ServiceSpec } from "../compose/swarm-spec";
import type { Problem } from "../config/problem";
import { mapRecord } from "./map-record";

/** The names in the swarm of a stack's secrets and configs, by their full name in the stack. */
export interface ContentNames {
  readonly secrets: Readonly<Record<string, string>>;
  readonly configs: Readonly<Record<string, string>>;
}

/** Long enough to tell contents apart. */
const HASH_LENGTH = 10;
/** Swarm's limit for the names of secrets and configs. */
const MAX_NAME_LENGTH = 64;

type Hash = (data: string, name: string) => string;

const quickHash: Hash = (data) =>
  createHash("sha256").update(data).digest("hex").slice(0, HASH_LENGTH);
// The name of a secret is no secret: a quick hash in it would let a weak password be guessed offline. One try takes a
// hundredth of a second, which every preview spends on every secret.
const slowHash =
  (stack: string): Hash =>
  (data, name) =>
    scryptSync(data, `cloudlet ${stack} ${name}`, 16, { N: 4096 })
      .toString("hex")
      .slice(0, HASH_LENGTH);

/** Names what has a content after it: a changed content is a new object, as Swarm's cannot change. */
export function nameContents(
  stack: string,
  secrets: Readonly<Record<string, SecretSpec>>,
  configs: Readonly<Record<string, ConfigSpec>>,
): ContentNames {
  return { secrets: addHash(secrets, slowHash(stack)), configs: addHash(configs, quickHash) };
}

function addHash(
  objects: Readonly<Record<string, SecretSpec | ConfigSpec>>,
  hash: Hash,
): Record<string, string> {
  return mapRecord(objects, (spec) => `${spec.Name}_${hash(contentOf(spec), spec.Name)}`);
}

// All that makes one object another; nothing but the data where that is all there is.
function contentOf({ Data = "", ...spec }: SecretSpec | ConfigSpec): string {
  const drivers = ["Driver" in spec ? spec.Driver : undefined, spec.Templating];
  return drivers.every((driver) => driver === undefined) ? Data : JSON.stringify([Data, drivers]);
}

/** A problem for each name that is too long: the engine would find out only when half of the stack is there. */
export function checkLengths(stack: string, { secrets, configs }: ContentNames): Problem[] {
  return [...Object.values(secrets), ...Object.values(configs)]
    .filter((text) => text.length > MAX_NAME_LENGTH)
    .map((text) => ({
      where: `cloudlet:stacks.${stack}`,
      message: `expected names of secrets and configs that have at most ${MAX_NAME_LENGTH} characters with the stack's name and a hash, got "${text}"; shorten one of them`,
    }));
}

/** A service that refers to secrets and configs by their names in the swarm. */
export function renameReferences(spec: ServiceSpec, names: ContentNames): ServiceSpec {
  const { ContainerSpec } = spec.TaskTemplate;
  const Secrets = ContainerSpec.Secrets?.map((reference) => ({
    ...reference,
    SecretName: names.secrets[reference.SecretName] ?? reference.SecretName,
  }));
  const Configs = ContainerSpec.Configs?.map((reference) => ({
    ...reference,
    ConfigName: names.configs[reference.ConfigName] ?? reference.ConfigName,
  }));
  const credential = ContainerSpec.Privileges?.CredentialSpec;
  const Privileges = credential?.Config !== undefined && {
    CredentialSpec: {
      ...credential,
      Config: names.configs[credential.Config] ?? credential.Config,
    },
  };
  return {
    ...spec,
    TaskTemplate: {
      ...spec.TaskTemplate,
      ContainerSpec: {
        ...ContainerSpec,
        ...(Secrets && { Secrets }),
        ...(Configs && { Configs }),
        ...(Privileges && { Privileges }),
      },
    },
  };
}

/** Changes with anything that the services are made of. Where they hold a secret it must be kept like one: it is quick to guess by. */
export function revisionOf(services: readonly ServiceSpec[]): string {
  return quickHash(JSON.stringify(services), "");
}
