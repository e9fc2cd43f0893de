import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import execa from "execa";
import { ensureTools } from "../../../toolchain/install";

const root = resolve(__dirname, "../../..");
const stack = "test";

/** How a call of the CLI ended. */
export interface Outcome {
  exitCode: number;
  /** What the user saw, both outputs as they came. */
  output: string;
}

/** A small Pulumi program in a folder of its own, with its state beside it, run through the real CLI. */
export class PulumiProgram {
  readonly directory = mkdtempSync(join(tmpdir(), "cloudlet-program-"));

  static async create(
    source: string,
    options: object = { typescript: false },
  ): Promise<PulumiProgram> {
    await ensureTools({ log: (line) => process.stderr.write(`${line}\n`) });
    const program = new PulumiProgram();
    const project = {
      name: "program",
      runtime: { name: "nodejs", options },
      main: "index.js",
      backend: { url: "file://./state" },
    };
    program.write("Pulumi.yaml", JSON.stringify(project));
    program.write("package.json", "{}");
    program.write("index.js", source);
    mkdirSync(program.path("state"));
    symlinkSync(join(root, "node_modules"), program.path("node_modules"));
    await program.succeed("stack", "init", stack);
    return program;
  }

  path(name: string): string {
    return join(this.directory, name);
  }

  write(name: string, text: string): void {
    writeFileSync(this.path(name), text);
  }

  /** Starts the CLI and leaves it to the caller. */
  start(args: readonly string[], env: NodeJS.ProcessEnv = {}): execa.ExecaChildProcess {
    return execa(join(root, "node_modules/.bin/pulumi"), [...args, "--non-interactive"], {
      cwd: this.directory,
      env: {
        SSH_AUTH_SOCK: undefined, // the tests' own agents only
        PULUMI_CONFIG_PASSPHRASE: "test",
        PULUMI_SKIP_UPDATE_CHECK: "true",
        PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
        NO_COLOR: "1",
        ...env,
      },
      stdin: "ignore",
      all: true,
      reject: false,
    });
  }

  async run(args: readonly string[], env?: NodeJS.ProcessEnv): Promise<Outcome> {
    const { exitCode, all } = await this.start(args, env);
    return { exitCode, output: all ?? "" };
  }

  /** Runs the CLI; throws with what it printed unless it succeeds. */
  async succeed(...args: string[]): Promise<string> {
    const { exitCode, output } = await this.run(args);
    if (exitCode !== 0)
      throw new Error(`pulumi ${args.join(" ")}: exit code ${exitCode}\n${output}`);
    return output;
  }

  up(env?: NodeJS.ProcessEnv): Promise<Outcome> {
    return this.run(["up", "--yes", "--skip-preview", "-s", stack], env);
  }

  preview(...options: string[]): Promise<Outcome> {
    return this.run(["preview", "-s", stack, ...options]);
  }

  destroy(env?: NodeJS.ProcessEnv): Promise<Outcome> {
    return this.run(["destroy", "--yes", "--skip-preview", "-s", stack], env);
  }

  /** The stack's outputs, secrets included. */
  async outputs(): Promise<Record<string, unknown>> {
    const text = await this.succeed("stack", "output", "--json", "--show-secrets", "-s", stack);
    return JSON.parse(text) as Record<string, unknown>;
  }

  /** The state as it is stored, secrets encrypted. */
  exportState(): Promise<string> {
    return this.succeed("stack", "export", "-s", stack);
  }

  remove(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }
}

/** The part of an output that says what went wrong, without the CLI's indentation. */
export function diagnostics({ output }: Outcome): string {
  return (output.split("Diagnostics:")[1] ?? "").replace(/\n +/g, "\n");
}

/** Calls back until the condition holds; throws, saying what was awaited, when the time is up. */
export async function until(what: string, holds: () => boolean, limitMs = 20_000): Promise<void> {
  const deadline = Date.now() + limitMs;
  while (!holds()) {
    if (Date.now() > deadline) throw new Error(`not within ${limitMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
