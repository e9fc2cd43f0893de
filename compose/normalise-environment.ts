import { readEnvFile } from "./env-file";
import { filePath, type Directories } from "./bind-path";
import type { Environment } from "./compose-config";
import type { ComposeNode } from "./compose-node";
import { quote } from "./describe-value";
import type { Fields } from "./read-fields";
import type { Lookup } from "./substitute";

/** Where environments come from: the deployer's variables, and the files that are named. */
export interface EnvironmentSource extends Directories {
  lookup: Lookup;
  readFile(path: string): Uint8Array | undefined;
}

/** The environment of a service: its env_files in order, then what stands under environment. */
export function normaliseEnvironment(fields: Fields, source: EnvironmentSource): Environment {
  const environment: Environment = new Map();
  const key = fields.node("env_file");
  const files: readonly ComposeNode[] = fields.items("env_file") ?? (key ? [key] : []);
  const fromFiles: Environment = new Map(files.flatMap((file) => readFile(file, fields, source)));
  const own = fields.nullablePairs("environment") ?? new Map<string, string | null>();
  for (const variables of [fromFiles, own]) {
    for (const [name, value] of variables) {
      const fromShell = value === null || value === "" ? source.lookup(name) : undefined;
      environment.set(name, fromShell ?? value);
      if (value === "" && fromShell) warnShell(name, fields);
    }
  }
  return environment;
}

function warnShell(name: string, fields: Fields): void {
  const at = fields.node("environment") ?? fields.node("env_file");
  if (!at) return;
  const message = `leaves ${name} empty, and Docker then sends what the deploying shell has for it`;
  fields.problems.warn("surprise/shell-value", at.origin, message);
}

function readFile(
  node: ComposeNode,
  { problems }: Fields,
  source: EnvironmentSource,
): [name: string, value: string][] {
  if (node.kind !== "string") return [];
  const data = source.readFile(filePath(node.value, source));
  if (!data) {
    problems.add(
      "load/env-file-missing",
      node.origin,
      `names a file that is not there, got ${quote(node.value)}`,
    );
    return [];
  }
  const { variables, problems: found } = readEnvFile(data, source.lookup);
  const [first] = found;
  if (first) {
    const lines = found.map(({ line, message }) => `line ${line} ${message}`).join(", ");
    problems.add("load/env-file", node.origin, `cannot be used: ${node.value} ${lines}`);
  }
  return variables;
}
