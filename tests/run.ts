import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import execa from "execa";
import { installMissing, requireLinuxRoot } from "../sim/host";
import { ensureTools } from "../toolchain/install";

// `npm test`: everything the tests need, then all tests, then one line that counts them.

/** What tests run on this machine itself: the phones' shell, and a server for the command provider. They fail where one is missing. */
const PROGRAMS = { busybox: "busybox", "/usr/sbin/sshd": "openssh-server" };

interface Count {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

interface JestReport {
  numPassedTests: number;
  numFailedTests: number;
  numPendingTests: number;
  numTodoTests: number;
  numRuntimeErrorTestSuites: number;
}

const report = join(mkdtempSync(join(tmpdir(), "cloudlet-tests-")), "report.json");

async function runJest(...selection: string[]): Promise<Count> {
  rmSync(report, { force: true }); // of the selection before
  const args = ["--json", "--outputFile", report, "--selectProjects", ...selection];
  // jest's JSON goes to the file, its words for people to standard error.
  const { exitCode } = await execa("node_modules/.bin/jest", args, {
    stdio: ["ignore", "ignore", "inherit"],
    reject: false,
  });
  if (!existsSync(report)) return { passed: 0, failed: 1, skipped: 0 };
  const result = JSON.parse(readFileSync(report, "utf8")) as JestReport;
  const failed = result.numFailedTests + result.numRuntimeErrorTestSuites;
  return {
    passed: result.numPassedTests,
    // A run that jest calls failed is never counted as passed, whatever its numbers say.
    failed: exitCode === 0 ? failed : Math.max(failed, 1),
    skipped: result.numPendingTests + result.numTodoTests,
  };
}

/** The jest options that choose the tests on simulated phones. */
type Selection = readonly [project: string, ...options: string[]];
const ON_CONTAINERS: Selection = ["e2e"];
/** What takes long on emulated phones is left to `npm run test:arm`. */
const ON_ARM: Selection = ["arm", "--testPathPatterns", "arm/masters"];

async function skip([project, ...options]: Selection, reason: string): Promise<Count> {
  const list = ["--selectProjects", project, ...options, "--listTests"];
  const { stdout } = await execa("node_modules/.bin/jest", list);
  const files = stdout.split("\n").filter((file) => file.endsWith(".test.ts"));
  const tests = files.map(
    (file) => readFileSync(file, "utf8").match(/^\s*(it|test|slow)(\.each)?[(<]/gm)?.length ?? 0,
  );
  const skipped = tests.reduce((sum, count) => sum + count, 0);
  console.error(`\nskipped ${skipped} tests of ${project}: ${reason}`);
  return { passed: 0, failed: 0, skipped };
}

/** Why this machine cannot simulate phones; undefined where it can. */
function whyNoPhones(): string | undefined {
  try {
    requireLinuxRoot();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

async function main(): Promise<void> {
  const log = (line: string) => console.error(line);
  const noPhones = whyNoPhones();
  if (noPhones === undefined) await installMissing(PROGRAMS, log);
  const counts = [await runJest("unit", "program")];
  if (noPhones === undefined) {
    await ensureTools({ log });
    // Each file has phones of its own, and waits for them most of the time: three files leave two cores some rest.
    counts.push(await runJest(...ON_CONTAINERS, "--maxWorkers=3"));
    // Emulated processors need both.
    counts.push(await runJest(...ON_ARM, "--runInBand"));
  } else {
    for (const selection of [ON_CONTAINERS, ON_ARM]) counts.push(await skip(selection, noPhones));
  }
  const sum = (key: keyof Count) => counts.reduce((total, count) => total + count[key], 0);
  console.log(`${sum("passed")} passed, ${sum("failed")} failed, ${sum("skipped")} skipped`);
  process.exitCode = sum("failed") > 0 ? 1 : 0;
}

void main();
