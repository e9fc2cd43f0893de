import { cpus, loadavg } from "node:os";
import { Command, InvalidArgumentError } from "commander";
import { table } from "./figures";
import { percentile, putLoad, type Load } from "./put-load";

// `npm run load -- http://PHONE:8888/`: what a page of the cloudlet can bear.

interface Options {
  readonly users: readonly number[];
  readonly seconds: number;
}

const DEFAULT: Options = { users: [1, 100, 300], seconds: 60 };

async function main(urls: readonly string[], { users, seconds }: Options): Promise<void> {
  await Promise.all(urls.map(requireAnswer));
  const rows = table(["users", "answers a second", "p50", "p95", "slowest", "answers", "failures"]);
  for (const count of users) {
    console.error(`load: ${count} users for ${seconds} s`);
    rows.push(rowOf(await putLoad(urls, count, seconds)));
  }
  const load = loadavg().map((value) => value.toFixed(1));
  console.log(`${urls.join(" ")}: each user asks at most once a second, and again only after the answer
${rows.toString()}
This machine: ${cpus().length} x ${cpus()[0]?.model ?? "CPU"}; load ${load.join(", ")}`);
}

function rowOf({ users, seconds, times, failures }: Load): (string | number)[] {
  const took = (milliseconds = NaN) => `${milliseconds.toFixed(0)} ms`;
  return [
    ...[users, (times.length / seconds).toFixed(1)],
    ...[took(percentile(times, 50)), took(percentile(times, 95)), took(times.at(-1))],
    ...[times.length, failures],
  ];
}

async function requireAnswer(url: string): Promise<void> {
  try {
    const { status } = await fetch(url, { signal: AbortSignal.timeout(30_000) });
    if (status === 200) return;
    throw new Error(`status ${status}`);
  } catch (error) {
    const { message, cause } = error as Error;
    const reason = cause instanceof Error ? cause.message : message;
    throw new Error(`${url}: expected a page to put a load on, got ${reason}`, { cause: error });
  }
}

function count(text: string): number {
  if (!/^[1-9]\d{0,3}$/.test(text)) {
    throw new InvalidArgumentError(`Expected a number from 1 to 9999, got "${text}".`);
  }
  return Number(text);
}

const counts = (text: string): number[] => text.split(",").map(count);

function address(text: string, before: readonly string[] = []): string[] {
  if (!URL.canParse(text) || !/^https?:/.test(text)) {
    throw new InvalidArgumentError(`Expected an address such as http://10.0.0.11:8888/.`);
  }
  return [...before, text];
}

new Command("npm run load --")
  .description("asks web addresses as so many users at once would, and tells what they got")
  .argument("<url...>", "addresses; the users are divided among them", address)
  .option(
    "--users <numbers>",
    `how many at once, one after the other: ${DEFAULT.users.join()}`,
    counts,
  )
  .option("--seconds <number>", `for how long each: ${DEFAULT.seconds}`, count)
  .action((urls: string[], options: Partial<Options>) => main(urls, { ...DEFAULT, ...options }))
  .parseAsync()
  .catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  });
