import { Command } from "commander";
import { shellQuote } from "../../observe/shell-quote";
import { readStackSettings } from "../project";
import { runCommand } from "../recovery/swarm-phones";
import { findSwarm, requireService } from "./find-swarm";
import { findTask, type FoundTask } from "./find-task";
import { openPhones } from "./open-phones";
import { runSsh } from "./run-ssh";

interface Options {
  readonly stack: string;
  readonly phone?: string;
}

const program = new Command("npm run exec --")
  .description("runs a command in the container of a running task, on the phone where that is")
  .option("-s, --stack <name>", "the Pulumi stack", "dev")
  .option("-p, --phone <key>", "the task on this phone, where there are several")
  .argument("<service>", "its name in the swarm: coffee_web")
  .argument("[command...]", "what to run in the container", ["sh"])
  .passThroughOptions()
  .action(async (service: string, command: string[], { stack, phone }: Options) => {
    // In "exec SERVICE -- COMMAND" too the words after the service are the command.
    const words = command[0] === "--" ? command.slice(1) : command;
    const { config } = readStackSettings(stack);
    await openPhones(config);
    const found = await findSwarm(config);
    const task = findTask(requireService(found, service), phone);
    const isInteractive = process.stdin.isTTY && process.stdout.isTTY;
    if (isInteractive) console.error(`${service} on ${task.phone}`);
    await runSsh([
      isInteractive ? "-t" : "-T",
      task.phone,
      execCommand(task, words, isInteractive),
    ]);
  });

/** The command for the phone's shell; the container gets each word as it is. */
export function execCommand(
  { containerId }: FoundTask,
  command: readonly string[],
  isInteractive: boolean,
): string {
  return ["docker", "exec", isInteractive ? "-it" : "-i", containerId, ...command]
    .map(shellQuote)
    .join(" ");
}

if (require.main === module) runCommand(() => program.parseAsync());
