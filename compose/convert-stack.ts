import type { ComposeConfig } from "./compose-config";
import { ComposeError } from "./compose-error";
import type { MapNode } from "./compose-node";
import { checkSchema } from "./check-schema";
import { convertConfigs, convertSecrets } from "./convert-files";
import type { ConvertContext } from "./convert-mounts";
import { convertNetworks } from "./convert-networks";
import { convertService } from "./convert-service";
import { fileVersion } from "./file-version";
import { interpolate } from "./interpolate";
import { merge } from "./merge";
import { normalise } from "./normalise";
import { toRecord } from "./omit-empty";
import { parseCompose } from "./parse-compose";
import { positionsOf, type Positions } from "./positions";
import type { Problem } from "./problem";
import { ProblemList } from "./problem-list";
import { scopedName } from "./scoped-name";
import type { SwarmSpec } from "./swarm-spec";

/** A stack's files and all that converting them depends on; nothing else is read. */
export interface StackSource {
  /** The stack's name. */
  stack: string;
  /** In the order of `-c`; `path` as the user wrote it, for messages. */
  files: readonly { path: string; text: string }[];
  environment: Readonly<Record<string, string>>;
  /** Absolute: the directory of the first file. */
  workingDirectory: string;
  /** For `~` in the sources of binds. */
  homeDirectory: string;
  /** For env_file, secrets and configs, by absolute path; undefined where there is no such file. */
  readFile(path: string): Uint8Array | undefined;
}

/** What `docker stack deploy` would send for a stack, and what later steps ask about it. */
export interface StackConversion {
  spec: SwarmSpec;
  warnings: Problem[];
  /** The key of each service in the stack's files, by full name. */
  serviceKeys: Record<string, string>;
  /** Full names of what must exist already, because a service uses it and the files call it external. */
  external: { networks: string[]; secrets: string[]; configs: string[] };
  /** By full name, the full names of the services that must run before a service is created; the docker CLI ignores that. */
  dependsOn: Record<string, string[]>;
  /** `file:line:column` of a key path such as `services.web.image`, or of what is nearest to it. */
  positions: Positions;
  /** The same for a key of the service with this full name. */
  where(service: string, key: string): string;
}

/** Converts a stack. Throws a ComposeError with all problems at once. */
export function convertStack(source: StackSource): StackConversion {
  const problems = new ProblemList();
  const documents = source.files.flatMap((file) => parseCompose(file, problems) ?? []);
  const config = loadFiles(documents, source, problems);
  const positions = positionsOf(documents);
  const place = (path: string) => ({ path, where: positions(path) });
  const context: ConvertContext = { stack: source.stack, config, problems, place };
  const conversion = convertConfig(context, positions, source);
  if (problems.problems.length > 0) throw new ComposeError(problems.problems);
  return conversion;
}

// Each file goes through all stages by itself; only then are they laid over each other.
function loadFiles(
  documents: readonly MapNode[],
  source: StackSource,
  problems: ProblemList,
): ComposeConfig {
  const lookup = (name: string) =>
    Object.hasOwn(source.environment, name) ? source.environment[name] : undefined;
  const environmentSource = {
    ...source,
    lookup,
    readFile: (path: string) => source.readFile(path),
  };
  let merged: ComposeConfig | undefined;
  let first: string | undefined;
  for (const document of documents) {
    const { minor, text } = fileVersion(document, first, problems);
    first ??= text;
    const interpolated = interpolate(document, lookup, problems);
    checkSchema(interpolated, minor, problems);
    const config = normalise(interpolated, { source: environmentSource, version: minor, problems });
    merged = merged ? merge(merged, config, problems) : config;
  }
  return merged ?? emptyConfig();
}

function emptyConfig(): ComposeConfig {
  return {
    services: new Map(),
    networks: new Map(),
    volumes: new Map(),
    secrets: new Map(),
    configs: new Map(),
  };
}

function convertConfig(
  context: ConvertContext,
  positions: Positions,
  source: StackSource,
): StackConversion {
  const { config, stack } = context;
  const readFile = (path: string) => source.readFile(path);
  const { networks, external } = convertNetworks(context);
  const secrets = convertSecrets(context, readFile);
  const configs = convertConfigs(context, readFile);
  const services = [...config.services.values()].map((service) => convertService(service, context));
  const serviceKeys = [...config.services.keys()].map(
    (key) => [scopedName(stack, key), key] as const,
  );
  const keys = new Map(serviceKeys);
  return {
    spec: {
      networks: toRecord(networks),
      secrets: toRecord(secrets),
      configs: toRecord(configs),
      services: toRecord(services.map((spec) => [spec.Name, spec] as const)),
    },
    warnings: context.problems.warnings,
    serviceKeys: toRecord(serviceKeys),
    external: { networks: external, ...externalFiles(config) },
    dependsOn: toRecord(dependencies(context)),
    positions,
    where: (service, key) => positions(`services.${keys.get(service) ?? service}.${key}`),
  };
}

function dependencies({ stack, config, problems, place }: ConvertContext): [string, string[]][] {
  return [...config.services.values()].map(({ name, dependsOn }) => {
    const others = [...new Set(dependsOn)].filter((other) => {
      const message = `names no service of the stack, got ${JSON.stringify(other)}; ignored`;
      if (!config.services.has(other))
        problems.warn("ignored/dependency", place(`services.${name}.depends_on`), message);
      return config.services.has(other);
    });
    return [scopedName(stack, name), others.map((other) => scopedName(stack, other))];
  });
}

function externalFiles({ services, secrets, configs }: ComposeConfig) {
  const used = (kind: "secrets" | "configs", objects: ComposeConfig["secrets"]) => {
    const keys = [...services.values()].flatMap((service) => [
      ...(service[kind] ?? []).map(({ source }) => source),
      ...(kind === "configs" ? [service.credentialSpec.config] : []),
    ]);
    const names = keys.flatMap((key) => {
      const object = objects.get(key);
      return object?.external ? [object.name] : [];
    });
    return [...new Set(names)];
  };
  return { secrets: used("secrets", secrets), configs: used("configs", configs) };
}
