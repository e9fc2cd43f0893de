import { join } from "node:path";
import execa from "execa";

// `npm run check`: all that can be checked without an engine or a phone. One line for each step; its output only if it failed.

interface Step {
  readonly name: string;
  readonly command: readonly [tool: string, ...args: string[]];
}

// Of files that have not changed, only `npm run lint` looks at again whether another's types make them wrong.
const cached = (tool: string) => [
  ...["--cache", "--cache-location", join("node_modules", ".cache", tool, "check")],
  ...["--cache-strategy", "content"],
];

const TYPES = join("node_modules", ".cache", "tsc", "check.tsbuildinfo");

// Tests and static checks take about as long, so that two cores end together.
const lanes: readonly (readonly Step[])[] = [
  [{ name: "tests", command: ["jest", "--selectProjects", "unit", "program", "--maxWorkers=2"] }],
  [
    { name: "types", command: ["tsc", "--noEmit", "--incremental", "--tsBuildInfoFile", TYPES] },
    { name: "lint", command: ["eslint", ".", ...cached("eslint")] },
    { name: "format", command: ["prettier", "--check", ".", ...cached("prettier")] },
  ],
];

async function run({ name, command: [tool, ...args] }: Step): Promise<boolean> {
  const started = Date.now();
  const { exitCode, all } = await execa(join("node_modules/.bin", tool), args, {
    all: true,
    reject: false,
    stdin: "ignore",
  });
  const passed = exitCode === 0;
  const seconds = ((Date.now() - started) / 1000).toFixed(1);
  console.log(`${passed ? "passed" : "FAILED"}  ${name.padEnd(6)} ${seconds.padStart(6)} s`);
  if (!passed) console.log(all === "" ? `${tool} ended without a word` : all);
  return passed;
}

async function runLane(steps: readonly Step[]): Promise<boolean> {
  let passed = true;
  for (const step of steps) passed = (await run(step)) && passed;
  return passed;
}

async function main(): Promise<void> {
  const results = await Promise.all(lanes.map(runLane));
  process.exitCode = results.every(Boolean) ? 0 : 1;
}

void main();
