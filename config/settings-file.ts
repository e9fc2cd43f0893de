import { parse } from "yaml";
import type { RawSettings } from "./parse-config";
import { ConfigError } from "./problem";
import { parseValue } from "./read-settings";

/**
 * Reads the plain settings of a `Pulumi.<stack>.yaml` without the engine, for commands that need no secret's value.
 * Throws a {@link ConfigError} where the file is not such a one.
 */
export function readSettingsFile(path: string, text: string, project: string): RawSettings {
  const config = configOf(path, text);
  const prefix = `${project}:`;
  const own = Object.entries(config)
    .filter(([name]) => name.startsWith(prefix))
    .map(([name, value]): [string, unknown] => [name.slice(prefix.length), value]);
  return {
    values: Object.fromEntries(own.filter(([, value]) => !isSecure(value)).map(asProgramSees)),
    secretNames: own.filter(([, value]) => isSecure(value)).map(([name]) => name),
  };
}

function configOf(path: string, text: string): object {
  let document: unknown;
  try {
    document = parse(text);
  } catch {
    throw new ConfigError([{ where: path, message: "expected YAML, got something else" }]);
  }
  const config: unknown =
    typeof document === "object" && document !== null && "config" in document
      ? document.config
      : {};
  return typeof config === "object" && config !== null ? config : {};
}

function isSecure(value: unknown): boolean {
  return typeof value === "object" && value !== null && "secure" in value;
}

// `pulumi config set` writes `"600"` and `"false"`, people write `600` and `false`; the program sees the same.
function asProgramSees([name, value]: [string, unknown]): [string, unknown] {
  return [name, typeof value === "string" ? parseValue(value) : value];
}
