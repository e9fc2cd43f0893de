import { Command, InvalidArgumentError } from "commander";
import { Refusal, runCommand } from "../recovery/swarm-phones";
import { openLook } from "./look";
import { renderStatus } from "./render-status";
import { statusOf } from "./status-of";
import type { Status } from "./status-shape";
import { watch } from "./watch";

const DEFAULT_WIDTH = 80;

interface Options {
  readonly stack: string;
  readonly json?: boolean;
  readonly watch?: boolean;
  readonly interval: number;
}

function main(): void {
  const program = new Command("npm run status --")
    .description(
      "shows phones, stacks and services on one screen, problems first; exits with 1 where there is one",
    )
    .option("-s, --stack <name>", "the Pulumi stack", "dev")
    .option("-w, --watch", "look and draw again and again, until Ctrl-C")
    .option("-i, --interval <seconds>", "how long to wait before the next look", parseSeconds, 5)
    .option("--json", "for programs, as in docs/status.schema.json")
    .action(run);
  runCommand(() => program.parseAsync());
}

async function run({ stack, json, watch: again, interval }: Options): Promise<void> {
  const { stdout } = process;
  if (again === true && (json === true || !stdout.isTTY))
    throw new Refusal("--watch: expected a terminal to draw on, and no --json");
  const look = await openLook(stack);
  const ask = async () => statusOf(stack, await look(), new Date());
  if (again === true) {
    const stop = new AbortController();
    process.once("SIGINT", () => {
      stop.abort();
    });
    const draw = async () => drawn(await ask());
    await watch(draw, { screen: stdout, seconds: interval, signal: stop.signal });
    process.exit(); // a look that is under way is not waited for
  }
  const status = await ask();
  stdout.write(json === true ? `${JSON.stringify(status, null, 2)}\n` : drawn(status));
  if (!status.well) process.exitCode = 1;
}

function drawn(status: Status): string {
  const { isTTY, columns } = process.stdout;
  const width = Number(process.env.COLUMNS) || columns || DEFAULT_WIDTH;
  return renderStatus(status, { width, colour: isTTY && !process.env.NO_COLOR });
}

function parseSeconds(text: string): number {
  const seconds = Number(text);
  if (seconds >= 1) return seconds;
  throw new InvalidArgumentError("expected a number of seconds, 1 or more");
}

if (require.main === module) main();
