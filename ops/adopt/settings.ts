import { parseConfig } from "../../config/parse-config";
import { ConfigError } from "../../config/problem";
import { readSettingsFile } from "../../config/settings-file";
import { settingsSchema, type Settings } from "../../config/settings-schema";
import { PROJECT } from "../project";
import { withEntry, withoutEntry } from "../settings-file";

const NODES = ["config", `${PROJECT}:nodes`];

/** A settings file as it is before a phone is adopted: it may have no phones yet, or not be there. */
export interface SettingsBefore {
  readonly path: string;
  readonly text: string | undefined;
  readonly settings: Settings;
  /** The login key is a secret setting. */
  readonly hasSecretKey: boolean;
}

/** The beginning of an adopt command for the same settings. */
export function adoptCommand({ path }: SettingsBefore): string {
  return `npm run adopt -- --stack ${path.replace(/^.*Pulumi\.|\.yaml$/g, "")}`;
}

/** What is to be written, and what cloudlet says against it that more phones put right. */
export interface SettingsAfter {
  readonly text: string;
  readonly notes: readonly string[];
}

/** An entry of `cloudlet:nodes`. */
export type NodeEntry = Partial<Settings["nodes"][string]> &
  Pick<Settings["nodes"][string], "address" | "role" | "hostKey">;

/** Reads a settings file. Throws a {@link ConfigError} where cloudlet would refuse it for anything but its phones' number. */
export function readBefore(path: string, text: string | undefined): SettingsBefore {
  const { values, secretNames } = readSettingsFile(path, text ?? "", PROJECT);
  const complete = { ...values, nodes: values.nodes ?? {} };
  const parsed = settingsSchema.safeParse(complete);
  if (!parsed.success) {
    parseConfig({ values: complete, secretNames });
    throw parsed.error; // parseConfig has said it in our words
  }
  return { path, text, settings: parsed.data, hasSecretKey: secretNames.includes("sshPrivateKey") };
}

/** The settings with one more phone. Throws a {@link ConfigError} where cloudlet would refuse the result for more than its number of masters. */
export function addPhone(before: SettingsBefore, key: string, entry: NodeEntry): SettingsAfter {
  return judge(before.path, withEntry(before.text, [...NODES, key], entry));
}

/** The settings without a phone. */
export function removePhone(before: SettingsBefore, key: string): SettingsAfter {
  return judge(before.path, withoutEntry(before.text ?? "", [...NODES, key]));
}

function judge(path: string, text: string): SettingsAfter {
  try {
    parseConfig(readSettingsFile(path, text, PROJECT));
    return { text, notes: [] };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const others = error.problems.filter(({ where, message }) => !isAboutMasters(where, message));
    if (others.length > 0) throw new ConfigError(others);
    return { text, notes: error.problems.map(({ where, message }) => `${where}: ${message}`) };
  }
}

function isAboutMasters(where: string, message: string): boolean {
  return where === `${PROJECT}:nodes` && message.startsWith("expected 1, 3, 5 or 7 masters");
}
