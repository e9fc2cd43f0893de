import { Command } from "commander";
import { shellQuote } from "../../observe/shell-quote";
import { readStackSettings } from "../project";
import { runCommand } from "../recovery/swarm-phones";
import type { ServiceView } from "../status/swarm-view";
import { findSwarm, requireService } from "./find-swarm";
import { openPhones } from "./open-phones";
import { runSsh } from "./run-ssh";

/** OpenSSH's answer where a command was ended by a signal. */
const INTERRUPTED = 255;

interface Options {
  readonly stack: string;
  readonly follow?: boolean;
  readonly timestamps?: boolean;
  readonly tail?: string;
  readonly since?: string;
}

const program = new Command("npm run logs --")
  .description("shows what all tasks of a service wrote, wherever they run")
  .option("-s, --stack <name>", "the Pulumi stack", "dev")
  .option("-f, --follow", "go on with what they write from now on, until Ctrl-C")
  .option("-n, --tail <lines>", "only the last lines of each task")
  .option("--since <time>", "only what is newer: 10m, 2h, 2026-01-31T12:00:00Z")
  .option("-t, --timestamps", "with the time of each line")
  .argument("<service>", "its name in the swarm: coffee_web")
  .action(async (service: string, options: Options) => {
    const { config } = readStackSettings(options.stack);
    await openPhones(config);
    const found = await findSwarm(config);
    for (const phone of silentPhones(requireService(found, service)))
      console.error(`${phone} is down: what tasks wrote there is missing`);
    await runSsh([terminalOption(), found.master, logsCommand(service, options)]);
    // Ctrl-C is how following ends.
    if (options.follow === true && process.exitCode === INTERRUPTED) process.exitCode = 0;
  });

/** The command for a master's shell. */
export function logsCommand(
  service: string,
  { follow, timestamps, tail, since }: Omit<Options, "stack">,
): string {
  return [
    ...["docker", "service", "logs"],
    ...(follow === true ? ["--follow"] : []),
    ...(timestamps === true ? ["--timestamps"] : []),
    ...(tail === undefined ? [] : ["--tail", tail]),
    ...(since === undefined ? [] : ["--since", since]),
    service,
  ]
    .map(shellQuote)
    .join(" ");
}

function silentPhones({ tasks }: ServiceView): string[] {
  const silent = tasks.flatMap(({ phone, phoneIsReady }) => (phoneIsReady ? [] : (phone ?? [])));
  return [...new Set(silent)].sort();
}

// With a terminal of its own, the command there ends with the one here, and not at the next line that it would write.
function terminalOption(): string {
  return process.stdin.isTTY && process.stdout.isTTY ? "-t" : "-nT";
}

if (require.main === module) runCommand(() => program.parseAsync());
