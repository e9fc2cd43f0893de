import { z } from "zod";
import type { RawSettings } from "./parse-config";
import { ConfigError } from "./problem";
import { settingsSchema } from "./settings-schema";

/** The project's settings as the engine hands them over: text by full name (`cloudlet:nodes`). */
export interface SettingsSource {
  readonly project: string;
  readonly all: Readonly<Record<string, string>>;
  /** The full names of the secret ones, as the JSON list that the engine hands to every program. */
  readonly secretNames: string;
}

/** Settings with the secret ones apart, so that what is parsed, shown and passed on never holds a secret's value. */
export interface SplitSettings {
  readonly raw: RawSettings;
  readonly secrets: Readonly<Record<string, string>>;
}

/** Splits the engine's settings into plain values and secrets. Throws a {@link ConfigError} where a secret hides inside a plain setting. */
export function readSettings({ project, all, secretNames }: SettingsSource): SplitSettings {
  const prefix = `${project}:`;
  const secretFullNames = new Set(z.array(z.string()).parse(JSON.parse(secretNames)));
  const known = new Set(Object.keys(settingsSchema.shape));
  const values: Record<string, unknown> = {};
  const secrets: Record<string, string> = {};
  const hidden: string[] = [];
  for (const [fullName, text] of Object.entries(all)) {
    if (!fullName.startsWith(prefix)) continue;
    const name = fullName.slice(prefix.length);
    if (!secretFullNames.has(fullName)) values[name] = parseValue(text);
    else if (known.has(name)) hidden.push(fullName);
    else secrets[name] = text;
  }
  if (hidden.length > 0) {
    const message =
      "expected a plain setting, got one with a secret in it; give the secret a top-level key of its own and name that";
    throw new ConfigError(hidden.map((where) => ({ where, message })));
  }
  return { raw: { values, secretNames: Object.keys(secrets) }, secrets };
}

/** What a value stands for that came as text: the engine stores everything but text as JSON. */
export function parseValue(text: string): unknown {
  if (!/^([{[]|true$|false$|-?\d+$)/.test(text)) return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
