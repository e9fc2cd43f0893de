import type { FileObjectConfig, FileReference, ServiceConfig } from "./compose-config";
import type { ConvertContext } from "./convert-mounts";
import { quote } from "./describe-value";
import { byBytes, toRecord } from "./omit-empty";
import type { Place } from "./problem-list";
import { scopedName, stackLabels, warnSameNames } from "./scoped-name";
import type {
  ConfigReference,
  ConfigSpec,
  FileTarget,
  SecretReference,
  SecretSpec,
} from "./swarm-spec";

/** Reads a file of the stack; undefined where there is none. */
export type ReadFile = (path: string) => Uint8Array | undefined;

// What the Engine takes; more (or nothing at all) it refuses only when the object is created.
const mostBytes = { secret: 500 * 1024 - 1, config: 1000 * 1024 - 1 };

/** The secrets to be created: all that are declared and not external, used or not. */
export function convertSecrets(
  context: ConvertContext,
  readFile: ReadFile,
): Map<string, SecretSpec> {
  const own = [...context.config.secrets].filter(([, { external }]) => !external);
  warnSameNames(own, context);
  return new Map(
    own.map(([key, object]) => {
      const name = object.name || scopedName(context.stack, key);
      const hasDriver = object.driver !== "";
      const Options = object.driverOpts?.size ? toRecord(object.driverOpts) : undefined;
      const Driver = { Name: object.driver, ...(Options && { Options }) };
      const Data = hasDriver ? undefined : readData("secret", object, context, readFile);
      return [name, { ...common(name, object, context, Data), ...(hasDriver && { Driver }) }];
    }),
  );
}

/** The configs to be created: all that are declared and not external, used or not. */
export function convertConfigs(
  context: ConvertContext,
  readFile: ReadFile,
): Map<string, ConfigSpec> {
  const own = [...context.config.configs].filter(([, { external }]) => !external);
  warnSameNames(own, context);
  return new Map(
    own.map(([key, object]) => {
      const name = object.name || scopedName(context.stack, key);
      return [name, common(name, object, context, readData("config", object, context, readFile))];
    }),
  );
}

function common(
  Name: string,
  { labels, templateDriver }: FileObjectConfig,
  { stack }: ConvertContext,
  Data: string | undefined,
): ConfigSpec {
  return {
    Name,
    Labels: stackLabels(stack, labels),
    ...(Data !== undefined && Data !== "" && { Data }),
    ...(templateDriver !== "" && { Templating: { Name: templateDriver } }),
  };
}

function readData(
  what: "secret" | "config",
  { origin, file, fileWritten, fileOrigin }: FileObjectConfig,
  { problems }: ConvertContext,
  readFile: ReadFile,
): string | undefined {
  if (!fileOrigin) {
    const message = "has no content; name a file, or say external: true";
    problems.addMerged("convert/no-file", origin, message);
    return undefined;
  }
  const data = readFile(file);
  if (!data) {
    const message = `names a file that is not there, got ${quote(fileWritten)}`;
    problems.addMerged("convert/file-missing", fileOrigin, message);
    return undefined;
  }
  if (data.length === 0) {
    problems.warn(
      "surprise/size",
      fileOrigin,
      `is an empty file, which the Engine refuses as a ${what}`,
    );
  } else if (data.length > mostBytes[what]) {
    const message = `is larger than the Engine takes as a ${what}: ${mostBytes[what]} bytes at most, got ${data.length}`;
    problems.warn("surprise/size", fileOrigin, message);
  }
  return Buffer.from(data).toString("base64");
}

/** The secrets that a service sees, sorted by name. */
export function convertSecretReferences(
  service: ServiceConfig,
  context: ConvertContext,
): SecretReference[] {
  const references = convertReferences("secret", service, context);
  return references.map(({ name, File }) => ({ File, SecretName: name }));
}

/** The configs that a service sees, sorted by name; one for its credentials is not a file. */
export function convertConfigReferences(
  service: ServiceConfig,
  context: ConvertContext,
): ConfigReference[] {
  const files = convertReferences("config", service, context);
  const references: ConfigReference[] = files.map(({ name, File }) => ({ File, ConfigName: name }));
  const { config: key } = service.credentialSpec;
  if (key !== "") {
    const name = findName("config", key, context);
    const place = context.place(`services.${service.name}.credential_spec.config`);
    if (name === undefined) refuseUndefined("config", key, place, context);
    else references.push({ ConfigName: name, Runtime: {} });
  }
  return references.sort((left, right) => byBytes(left.ConfigName, right.ConfigName));
}

function convertReferences(
  what: "secret" | "config",
  service: ServiceConfig,
  context: ConvertContext,
): { name: string; File: FileTarget }[] {
  const targets = new Set<string>();
  const references = (what === "secret" ? service.secrets : service.configs) ?? [];
  const found = references.flatMap((reference) => {
    const name = findName(what, reference.source, context);
    if (name === undefined) {
      refuseUndefined(what, reference.source, reference.origin, context);
      return [];
    }
    const File = convertTarget(reference);
    if (targets.has(File.Name)) {
      const message = `has the same target as another ${what}, got ${quote(File.Name)}; set target`;
      context.problems.addMerged("convert/duplicate-target", reference.origin, message);
    }
    targets.add(File.Name);
    return [{ name, File }];
  });
  return found.sort((left, right) => byBytes(left.name, right.name));
}

function convertTarget({ source, target, uid, gid, mode }: FileReference): FileTarget {
  return { Name: target || source, UID: uid || "0", GID: gid || "0", Mode: mode ?? 0o444 };
}

function findName(
  what: "secret" | "config",
  key: string,
  { stack, config }: ConvertContext,
): string | undefined {
  const object = (what === "secret" ? config.secrets : config.configs).get(key);
  return object && (object.name || scopedName(stack, key));
}

function refuseUndefined(
  what: "secret" | "config",
  key: string,
  place: Place,
  { problems }: ConvertContext,
): void {
  const message = `uses a ${what} that is not defined, got ${quote(key)}; define it under the top-level ${what}s`;
  problems.addMerged(`convert/undefined-${what}`, place, message);
}
