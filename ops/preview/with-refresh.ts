import { Command } from "commander";
import { pulumiJson } from "../pulumi";
import { canRefresh } from "./can-refresh";
import { eventLog, runPulumi } from "./run-pulumi";

interface Options {
  readonly stack?: string;
  readonly refresh?: boolean | string;
  readonly events?: string;
}

/** `pulumi preview` or `pulumi up` that reads back what it can, with all other options passed on; ends with the CLI's exit code. */
export async function runWithRefresh(
  verb: "preview" | "up",
  argv: readonly string[],
): Promise<void> {
  const program = new Command(`npm run ${verb} --`)
    .description(
      `pulumi ${verb}, which reads back what is in the swarm where a majority of the masters answers`,
    )
    .option("-s, --stack <name>", "the Pulumi stack; else the one that is selected")
    .option("-r, --refresh [value]", "read back in any case; =false: in no case")
    .option("--events <file>", "write the engine's events there, for npm run preview:report")
    .allowUnknownOption()
    .allowExcessArguments()
    .addHelpText("after", `\nAll other options are those of \`npx pulumi ${verb}\`.`)
    .action(async (options: Options, { args }: Command) => {
      process.exitCode = await run(verb, options, args);
    });
  await program.parseAsync([...argv], { from: "user" });
}

async function run(verb: string, options: Options, rest: readonly string[]): Promise<number> {
  const stack = options.stack ?? (await selectedStack());
  const log = eventLog(options.events);
  const args = [
    verb,
    ...(stack === undefined ? [] : ["--stack", stack]),
    ...(await refreshArgs(options.refresh, stack)),
    ...log.args,
    ...rest,
  ];
  return runPulumi(args, log.variables);
}

async function refreshArgs(
  asked: Options["refresh"],
  stack: string | undefined,
): Promise<string[]> {
  if (asked !== undefined) return [`--refresh=${String(asked)}`];
  return stack !== undefined && (await canRefresh(stack)) ? ["--refresh"] : [];
}

async function selectedStack(): Promise<string | undefined> {
  const stacks = await pulumiJson(["stack", "ls"]);
  const selected = Array.isArray(stacks) ? stacks.find(isCurrent) : undefined;
  return selected?.name;
}

function isCurrent(stack: unknown): stack is { name: string } {
  return (
    typeof stack === "object" && stack !== null && "current" in stack && stack.current === true
  );
}
