import { createHash } from "node:crypto";
import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parse, stringify } from "yaml";
import { z } from "zod";
import { ConfigError } from "../../config/problem";
import { WORKSPACE } from "../../observe/ssh-config";
import { SECRETS_SETTING } from "./compare-declared";

const ROOT = resolve(__dirname, "../..");
/** What a program is not made of, or what would be its state, its connections and its secrets. */
const LEFT_BEHIND = /^(\..*|node_modules|docs|tests)$/;

/** Settings that can be previewed without a passphrase, and the values to give their secrets. */
export interface DeclaredSettings {
  readonly text: string;
  readonly secrets: Readonly<Record<string, string>>;
}

const settingsFile = z.object({ config: z.record(z.string(), z.unknown()).default({}) });

/**
 * Settings as they are declared: each secret has a stand-in of letters and digits that follows from its encrypted text, so that it
 * changes when the secret does and tells nothing. No phone is looked at, and no login key is touched.
 */
export function declaredSettings(text: string): DeclaredSettings {
  const { config } = settingsFile.parse(parse(text) ?? {});
  const secrets = Object.entries(config).flatMap(([name, value]): [string, string][] =>
    isSecure(value) && name !== "cloudlet:sshPrivateKey" ? [[name, standIn(value.secure)]] : [],
  );
  const plain = Object.entries(config).filter(([, value]) => !isSecure(value));
  const marks = secrets.map(([name, value]) => [name.replace("cloudlet:", ""), value]);
  const declared = {
    ...Object.fromEntries(plain.map(([name, value]) => [name, withoutCiphertext(value)])),
    "cloudlet:observe": "never",
    "cloudlet:ssh": withoutKey(config["cloudlet:ssh"]),
    [SECRETS_SETTING]: JSON.stringify(Object.fromEntries(marks)),
  };
  return { text: stringify({ config: declared }), secrets: Object.fromEntries(secrets) };
}

function isSecure(value: unknown): value is { secure: string } {
  return (
    typeof value === "object" &&
    value !== null &&
    "secure" in value &&
    typeof value.secure === "string"
  );
}

function standIn(ciphertext: string): string {
  return `standin${createHash("sha256").update(ciphertext).digest("hex").slice(0, 16)}`;
}

// A secret inside a plain setting, which the program refuses where it can read it.
function withoutCiphertext(value: unknown): unknown {
  if (isSecure(value)) return standIn(value.secure);
  if (Array.isArray(value)) return value.map(withoutCiphertext);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, entry]) => [key, withoutCiphertext(entry)]),
  );
}

function withoutKey(ssh: unknown): unknown {
  const rest = typeof ssh === "object" && ssh !== null && !Array.isArray(ssh) ? ssh : {};
  return { ...rest, identityFile: `${WORKSPACE}/no-key` };
}

/** Copies a project to where nothing of its state, its connections and its secrets is, with the settings of one stack. */
export function copyDeclared(project: string, directory: string, stack: string): DeclaredSettings {
  const path = `Pulumi.${stack}.yaml`;
  const settings = readDeclared(path, readFileSync(join(project, path), "utf8"));
  cpSync(project, directory, {
    recursive: true,
    dereference: true,
    filter: (source) => {
      const [top = ""] = source.slice(project.length).split("/").filter(Boolean);
      return !LEFT_BEHIND.test(top) && !/^Pulumi\..+\.yaml$/.test(top);
    },
  });
  // The modules of the program that runs: both sides of a comparison use the same.
  symlinkSync(join(ROOT, "node_modules"), join(directory, "node_modules"));
  mkdirSync(join(directory, ".state"));
  writeFileSync(join(directory, path), settings.text);
  return settings;
}

function readDeclared(path: string, text: string): DeclaredSettings {
  try {
    return declaredSettings(text);
  } catch {
    throw new ConfigError([{ where: path, message: "expected YAML, got something else" }]);
  }
}
