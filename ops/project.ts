import { existsSync, readFileSync } from "node:fs";
import type { Config } from "../config/config";
import { parseConfig } from "../config/parse-config";
import { ConfigError } from "../config/problem";
import { readSettingsFile } from "../config/settings-file";

/** The project's name in `Pulumi.yaml`, which is the namespace of its settings. */
export const PROJECT = "cloudlet";

/** What a command needs to know of a Pulumi stack of this project, without the engine and without any secret. */
export interface StackSettings {
  readonly config: Config;
  readonly secretNames: readonly string[];
}

/** Reads a Pulumi stack's settings file in the working directory. Throws a {@link ConfigError}. */
export function readStackSettings(stack: string): StackSettings {
  const path = `Pulumi.${stack}.yaml`;
  if (!existsSync(path)) {
    const message =
      "expected the settings of a Pulumi stack, got no such file; start from Pulumi.example.yaml";
    throw new ConfigError([{ where: path, message }]);
  }
  const raw = readSettingsFile(path, readFileSync(path, "utf8"), PROJECT);
  return { config: parseConfig(raw), secretNames: raw.secretNames };
}

/** Content of a file, undefined where there is none. */
export function readFileIfThere(path: string): Buffer | undefined {
  return existsSync(path) ? readFileSync(path) : undefined;
}
