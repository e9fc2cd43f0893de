import { randomInt } from "node:crypto";
import { Command, InvalidArgumentError } from "commander";
import { endProviders } from "./break-off";
import { ChaosRun, Violation, type StepReport } from "./chaos-run";
import { describeModel, describeStep } from "./describe";
import { keepDiagnostics } from "./diagnostics";
import { ARM_PHONES, CONTAINERS } from "./phone-kinds";
import type { Model } from "./model";
import type { Step } from "./step";
import { firstModel, stepsOf } from "./steps";

// `npm run chaos -- --seed N --minutes M`: random faults and legal changes of the settings on SIMULATED phones, `up` after each.

/** A check that takes longer says why. */
const LONG_CHECK_SECONDS = 8;
const MOST_LISTED = 100;

interface Options {
  readonly seed: number;
  readonly minutes: number;
  readonly steps: number;
  readonly list: boolean;
  readonly arm: boolean;
}

async function main({ seed, minutes, steps, list, arm }: Options): Promise<void> {
  console.log(`chaos: seed ${seed}, ${minutes} min, SIMULATED ${arm ? "ARM " : ""}phones`);
  const first = firstModel(seed);
  console.log(`step 0  begin: ${describeModel(first)}`);
  if (list) {
    listSteps(stepsOf(seed, arm), first, Math.min(steps, MOST_LISTED));
    return;
  }
  const run = await ChaosRun.open(first, arm ? ARM_PHONES : CONTAINERS);
  process.once("SIGINT", () => void run.fleet.close().finally(() => process.exit(130)));
  const started = Date.now();
  const end = started + minutes * 60_000;
  let number = 0;
  let what = "begin";
  try {
    report(started, await run.begin());
    let before = first;
    for (const step of stepsOf(seed, arm)) {
      if (Date.now() >= end || number >= steps) break;
      number += 1;
      what = describeStep(step, before);
      before = step.after;
      console.log(`step ${number}  ${what}`);
      report(started, await run.do(step));
    }
    what = "destroy";
    console.log(`end  destroy, after ${number} steps`);
    await run.end();
    console.log(`chaos: clean, seed ${seed}, ${number} steps, ${secondsSince(started)} s`);
  } catch (error) {
    process.exitCode = 1;
    const said = error instanceof Violation ? error.message : String(error);
    const directory = await keepDiagnostics(run.fleet, run.outputs, run.secrets);
    console.log(
      `chaos: VIOLATION, seed ${seed}, step ${number} (${what}), after ${secondsSince(started)} s\n${said}\nwhat phones and CLI said: ${directory}`,
    );
  } finally {
    endProviders(run.fleet);
    await run.fleet.close();
  }
}

function listSteps(steps: Iterable<Step>, first: Model, count: number): void {
  let number = 0;
  let before = first;
  for (const step of steps) {
    if (number >= count) return;
    number += 1;
    console.log(`step ${number}  ${describeStep(step, before)}`);
    before = step.after;
  }
}

function report(started: number, report: StepReport): void {
  const { upSeconds, checkSeconds, longestGapSeconds, waitedFor } = report;
  console.log(
    `        +${secondsSince(started)} s  up ${upSeconds.toFixed(1)} s, checks ${checkSeconds.toFixed(1)} s, longest time without a manager ${longestGapSeconds.toFixed(1)} s`,
  );
  if (checkSeconds > LONG_CHECK_SECONDS && waitedFor.length > 0)
    console.log(`        waited for: ${waitedFor.join("; ").replaceAll("\n", " ")}`);
}

const secondsSince = (moment: number): string => ((Date.now() - moment) / 1000).toFixed(0);

function number(text: string): number {
  const value = Number(text);
  if (!Number.isFinite(value) || value < 0)
    throw new InvalidArgumentError("expected a number that is not negative");
  return value;
}

const program = new Command("npm run chaos --")
  .description("random faults and legal changes of the settings on simulated phones")
  .option("--seed <number>", "decides all steps", number, randomInt(1_000_000))
  .option("--minutes <number>", "no step begins after that time", number, 10)
  .option("--steps <number>", "at most so many steps", number, Infinity)
  .option("--arm", "emulated ARM phones, whose clocks and disks can go wrong too", false)
  .option("--list", `only print the steps, ${MOST_LISTED} at most`, false)
  .action(main);
void program.parseAsync();
