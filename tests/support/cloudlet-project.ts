import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import execa from "execa";
import { parse, stringify } from "yaml";
import { closeWorkspace } from "../../observe/ssh-agent";
import { ensureTools } from "../../toolchain/install";

const ROOT = resolve(__dirname, "../..");
/** What a checkout of the program is made of; the rest is tools and tests. */
const PROGRAM = [
  ...["index.ts", "cloudlet.ts", "outputs.ts", "providers.ts", "package.json", "tsconfig.json"],
  ...["Pulumi.yaml", "program-loader.cjs"],
  ...["config", "observe", "plan", "compose", "images", "nodes", "swarm", "stacks"],
];
const STACK = "e2e";

/** How a run of the CLI ended. */
export interface PulumiResult {
  readonly exitCode: number;
  /** Standard output and error as the user saw them, one after the other as they came. */
  readonly output: string;
}

/** How one of our own commands ended. */
export interface CommandResult extends PulumiResult {
  readonly stdout: string;
  readonly stderr: string;
}

/** One changed resource of a preview: what happens to it, its type and its name in the program. */
export type Step = readonly [op: string, name: string];

/** A checkout of cloudlet of its own, with its own settings, state and `.cloudlet` folder, driven through the real CLI. */
export class CloudletProject {
  readonly directory = mkdtempSync(join(tmpdir(), "cloudlet-e2e-"));

  static async create(
    settings: object,
    secrets: Readonly<Record<string, string>> = {},
  ): Promise<CloudletProject> {
    await ensureTools({ log: (line) => process.stderr.write(`${line}\n`) });
    const project = new CloudletProject();
    for (const part of PROGRAM) cpSync(join(ROOT, part), project.path(part), { recursive: true });
    symlinkSync(join(ROOT, "node_modules"), project.path("node_modules"));
    mkdirSync(project.path(".state"));
    project.writeSettings(settings);
    await project.pulumi(["stack", "init", STACK]);
    for (const [name, value] of Object.entries(secrets)) await project.setSecret(name, value);
    return project;
  }

  path(name: string): string {
    return join(this.directory, name);
  }

  /** Replaces the plain settings and keeps the secret ones. */
  writeSettings(settings: object): void {
    const file = this.path(`Pulumi.${STACK}.yaml`);
    const old = existsSync(file) ? (parse(readFileSync(file, "utf8")) as { config?: object }) : {};
    const kept = Object.entries(old.config ?? {}).filter(([, value]) => isSecure(value));
    const plain = Object.entries(settings).map(([name, value]) => [`cloudlet:${name}`, value]);
    writeFileSync(file, stringify({ ...old, config: Object.fromEntries([...plain, ...kept]) }));
  }

  setSecret(name: string, value: string): Promise<PulumiResult> {
    return this.pulumi(["config", "set", "-s", STACK, "--secret", `cloudlet:${name}`], value);
  }

  writeFile(name: string, text: string): void {
    mkdirSync(join(this.path(name), ".."), { recursive: true });
    writeFileSync(this.path(name), text);
  }

  /** One of our commands, such as "status/status", as `npm run` starts it without a terminal; never throws for an exit code. */
  async command(name: string, ...options: readonly string[]): Promise<CommandResult> {
    const script = join(ROOT, "ops", `${name}.ts`);
    const words = [script, "--stack", STACK, ...options];
    const result = await execa(join(ROOT, "node_modules/.bin/tsx"), words, {
      cwd: this.directory,
      env: { COLUMNS: "80", NO_COLOR: "1" },
      stdin: "ignore",
      all: true,
      reject: false,
    });
    const { exitCode, stdout, stderr, all: output = "" } = result;
    return { exitCode: exitCode ?? 1, stdout, stderr, output };
  }

  /** Any call of the CLI; never throws for an exit code. */
  async pulumi(
    args: readonly string[],
    input = "",
    onOutput: (text: string) => void = () => undefined,
  ): Promise<PulumiResult> {
    // A user's own agent would answer in place of the one that is tried here.
    const env = { ...process.env };
    delete env.SSH_AUTH_SOCK;
    const running = execa(join(ROOT, "node_modules/.bin/pulumi"), [...args], {
      cwd: this.directory,
      extendEnv: false,
      env: {
        ...env,
        PULUMI_CONFIG_PASSPHRASE: "",
        PULUMI_SKIP_UPDATE_CHECK: "true",
        PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
        NO_COLOR: "1",
      },
      input,
      all: true,
      reject: false,
    });
    running.all?.on("data", (data: Buffer) => {
      onOutput(data.toString());
    });
    const result = await running;
    return { exitCode: result.exitCode ?? 1, output: result.all ?? "" };
  }

  up(...options: string[]): Promise<PulumiResult> {
    return this.pulumi([
      "up",
      "-s",
      STACK,
      "--yes",
      "--skip-preview",
      "--non-interactive",
      ...options,
    ]);
  }

  /** An `up` that has to end well; what it said. */
  async upOrThrow(): Promise<string> {
    const { exitCode, output } = await this.up();
    if (exitCode !== 0) throw new Error(`up failed:\n${output}`);
    return output;
  }

  preview(...options: string[]): Promise<PulumiResult> {
    return this.pulumi(["preview", "-s", STACK, "--non-interactive", ...options]);
  }

  destroy(): Promise<PulumiResult> {
    return this.pulumi(["destroy", "-s", STACK, "--yes", "--skip-preview", "--non-interactive"]);
  }

  /** What a preview would do, without what stays as it is. Throws with the CLI's words where there is none. */
  async plannedSteps(...options: string[]): Promise<Step[]> {
    const { exitCode, output } = await this.preview("--json", ...options);
    const json = output.slice(output.indexOf("{"));
    if (exitCode !== 0) throw new Error(`preview failed:\\n${output}`);
    const { steps } = JSON.parse(json) as { steps: { op: string; urn: string }[] };
    return steps
      .filter(({ op }) => op !== "same" && op !== "refresh")
      .map(({ op, urn }) => [op, urn.split("::").at(-1) ?? urn]);
  }

  /** The stack's state as `pulumi stack export` writes it, secrets encrypted. */
  async exportState(): Promise<string> {
    return (await this.pulumi(["stack", "export", "-s", STACK])).output;
  }

  /** Ends what the project left running on this machine, and its folder. */
  async remove(): Promise<void> {
    await closeWorkspace(this.directory);
    rmSync(this.directory, { recursive: true, force: true });
  }
}

function isSecure(value: unknown): boolean {
  return typeof value === "object" && value !== null && "secure" in value;
}
