import { writeFileSync } from "node:fs";
import { join } from "node:path";
import execa from "execa";
import type { Plan } from "../../plan/plan";
import { CloudletProject } from "../support/cloudlet-project";
import { bareScript } from "./bare-scripts";
import type { BenchCloudlet } from "./bench-cloudlet";
import { readMoments, type Moments } from "./moments";

/** The ways to deploy that are compared, in the order of the table. */
export const WAYS = ["up", "wide", "sequential", "parallel"] as const;
/** More than there are resources that can be made at once; the engine's own default is four for each core. */
const WIDE = "--parallel=32";
/** One of them. */
export type Way = (typeof WAYS)[number];

/** A deployment's moments, and when the command ended, in seconds. */
export interface Deployment extends Moments {
  readonly ended: number;
}

/** Deploys both stacks to phones that are in no swarm, and frees the phones again. */
export async function deploy(cloudlet: BenchCloudlet, way: Way, plan: Plan): Promise<Deployment> {
  await cloudlet.disconnect();
  const begun = Date.now();
  if (way === "up") await cloudlet.up();
  else if (way === "wide") await cloudlet.up(WIDE);
  else await runScript(bareScript(plan, way), cloudlet.fleet.project.directory);
  const ended = (Date.now() - begun) / 1000;
  await cloudlet.settle();
  const moments = await readMoments(cloudlet.fleet, begun);
  await cloudlet.reset();
  return { ...moments, ended };
}

async function runScript(script: string, directory: string): Promise<void> {
  // A file, because ssh would take a script on standard input for its own.
  const file = join(directory, "bare.sh");
  writeFileSync(file, script, { mode: 0o600 });
  await execa("sh", [file], { cwd: directory, timeout: 300_000, stdin: "ignore" });
}

/** Seconds that nothing to do takes: of cloudlet, and of a program that declares nothing. */
export interface Idle {
  readonly up: number;
  readonly preview: number;
  /** The same once more, with the connections to the phones that the first left open for two minutes. */
  readonly upAgain: number;
  readonly previewAgain: number;
  readonly emptyUp: number;
  readonly emptyPreview: number;
}

// Plain JavaScript and none of our loader: the least that a program can be.
const EMPTY = `name: cloudlet
main: index.js
runtime: { name: nodejs, options: { typescript: false, packagemanager: npm } }
backend: { url: "file://./.state" }
`;

/** A project whose program declares nothing; the floor under every command. */
export async function emptyProject(): Promise<CloudletProject> {
  const project = await CloudletProject.create({});
  project.writeFile("Pulumi.yaml", EMPTY);
  project.writeFile("index.js", "module.exports = () => Promise.resolve({});\n");
  const { exitCode, output } = await project.up();
  if (exitCode !== 0) throw new Error(`up of the empty program failed:\n${output}`);
  return project;
}

/** Runs each command twice against what is deployed already, at first with no connection to a phone open. */
export async function idle(cloudlet: BenchCloudlet, empty: CloudletProject): Promise<Idle> {
  const emptyUp = await seconds(() => empty.up());
  await cloudlet.disconnect();
  const up = await seconds(() => cloudlet.up());
  const upAgain = await seconds(() => cloudlet.up());
  const emptyPreview = await seconds(() => empty.preview());
  await cloudlet.disconnect();
  const preview = await seconds(() => cloudlet.preview());
  const previewAgain = await seconds(() => cloudlet.preview());
  return { emptyUp, up, upAgain, emptyPreview, preview, previewAgain };
}

/** How long it takes, in seconds. */
export async function seconds(run: () => Promise<unknown>): Promise<number> {
  const begun = Date.now();
  await run();
  return (Date.now() - begun) / 1000;
}
