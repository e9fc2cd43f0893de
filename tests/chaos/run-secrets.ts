import { randomBytes } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import type { CloudletProject } from "../support/cloudlet-project";
import { PASSWORDS, type Stack } from "./model";
import { PASSWORD_SETTINGS } from "./settings";

const SETTINGS_FILE = "Pulumi.e2e.yaml";

interface SettingsFile {
  readonly config?: Readonly<Record<string, unknown>>;
}

/** The passwords of one run: random texts that may stand nowhere in clear. */
export class RunSecrets {
  private readonly ciphertexts = new Map<string, unknown>();
  private readonly texts: string[] = [];

  /** Makes the passwords, and has the CLI encrypt each as it does a user's. */
  static async create(project: CloudletProject): Promise<RunSecrets> {
    const secrets = new RunSecrets();
    for (const [stack, setting] of Object.entries(PASSWORD_SETTINGS)) {
      for (let version = 0; version < PASSWORDS; version++) {
        const text = randomBytes(12).toString("hex");
        await project.setSecret(setting, text);
        const { config } = parse(readFileSync(project.path(SETTINGS_FILE), "utf8")) as SettingsFile;
        secrets.ciphertexts.set(`${stack} ${version}`, config?.[`cloudlet:${setting}`]);
        secrets.texts.push(text);
      }
    }
    const key = readFileSync(project.path(".cloudlet/simulated/id_ed25519"), "utf8");
    secrets.texts.push(...key.split("\n").slice(1, -2));
    return secrets;
  }

  /** The value of a password's setting, encrypted. */
  password(stack: Stack, version: number): unknown {
    return this.ciphertexts.get(`${stack} ${version}`);
  }

  /** A join token, which only the swarm makes. */
  add(text: string): void {
    if (!this.texts.includes(text)) this.texts.push(text);
  }

  /** Every text that may stand nowhere, also as it is encoded in requests. */
  all(): string[] {
    return this.texts.flatMap((text) => [text, Buffer.from(text).toString("base64")]);
  }

  /** Whether some secret stands in a text. */
  standIn(text: string): boolean {
    return this.all().some((secret) => text.includes(secret));
  }

  /** The project's files in which a secret stands; the login key's own file may hold it. */
  filesWithSecrets(project: CloudletProject): string[] {
    return [".cloudlet", ".state", SETTINGS_FILE, "images.e2e.lock.yml"]
      .flatMap((path) => filesIn(project.path(path)))
      .filter((path) => !path.includes("/.cloudlet/simulated/"))
      .filter((path) => this.standIn(readFileSync(path, "utf8")));
  }
}

/** Replaces all settings, encrypted ones included, and keeps what the CLI encrypts with. */
export function replaceSettings(
  project: CloudletProject,
  settings: Readonly<Record<string, unknown>>,
): void {
  const old = parse(readFileSync(project.path(SETTINGS_FILE), "utf8")) as SettingsFile;
  const config = Object.fromEntries(
    Object.entries(settings).map(([name, value]) => [`cloudlet:${name}`, value]),
  );
  project.writeFile(SETTINGS_FILE, stringify({ ...old, config }));
}

function filesIn(path: string): string[] {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats?.isFile() === true) return [path];
  if (stats?.isDirectory() !== true) return [];
  return readdirSync(path).flatMap((name) => filesIn(join(path, name)));
}
