import { existsSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { Command } from "commander";
import { ConfigError } from "../../config/problem";
import { copyDeclared } from "./declared-project";
import { eventLog, runPulumi } from "./run-pulumi";

interface Options {
  readonly stack: string;
  readonly project: string;
  readonly events?: string;
}

/** Previews what a project declares against nothing: no state, no passphrase, no secret and no phone are needed. */
async function previewDeclared({ stack, project, events }: Options): Promise<number> {
  const settings = `Pulumi.${stack}.yaml`;
  if (!existsSync(join(project, settings))) {
    const message = "expected the settings of a Pulumi stack, got no such file";
    throw new ConfigError([{ where: settings, message }]);
  }
  const log = eventLog(events);
  const directory = realpathSync(mkdtempSync(join(tmpdir(), "cloudlet-declared-")));
  try {
    const { secrets } = copyDeclared(resolve(project), directory, stack);
    delete process.env.PULUMI_CONFIG_PASSPHRASE_FILE;
    const variables = {
      ...log.variables,
      PULUMI_BACKEND_URL: `file://${directory}/.state`,
      PULUMI_CONFIG_PASSPHRASE: "",
    };
    const call = (...args: string[]) => runPulumi(["-C", directory, ...args], variables);
    const made = await call("stack", "init", "--no-select", stack);
    if (made !== 0) return made;
    const given = Object.entries(secrets).flatMap(([name, value]) => [
      "--secret",
      `${name}=${value}`,
    ]);
    const set =
      given.length === 0 ? 0 : await call("config", "set-all", "--stack", stack, ...given);
    if (set !== 0) return set;
    return await call("preview", "--stack", stack, "--non-interactive", ...log.args);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function main(): void {
  const program = new Command("npm run preview:declared --")
    .description(
      "previews what a project declares against nothing, without state, secrets and phones",
    )
    .option("-s, --stack <name>", "the Pulumi stack", "dev")
    .option("--project <directory>", "the project, such as a checkout of the target branch", ".")
    .option("--events <file>", "write the engine's events there, for npm run preview:report")
    .action(async (options: Options) => {
      process.exitCode = await previewDeclared(options);
    });
  program.parseAsync().catch((error: unknown) => {
    if (!(error instanceof ConfigError)) throw error;
    console.error(error.message);
    process.exitCode = 1;
  });
}

main();
