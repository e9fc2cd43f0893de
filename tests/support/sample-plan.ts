import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Config } from "../../config/config";
import { ConfigError, type Problem } from "../../config/problem";
import { formatLock, type ImageLock } from "../../images/lock-file";
import type { Facts } from "../../observe/facts";
import type { Plan } from "../../plan/plan";
import { planCloudlet, planStacks } from "../../plan/plan-cloudlet";
import { sampleConfig } from "./sample-config";

const ROOT = join(__dirname, "../..");
export const LOCK_PATH = "images.test.lock.yml";
export const NOW = 1_795_000_000;

/** What a test's plan is made from; `files` are laid over the project's own. */
export interface SamplePlanInputs {
  readonly settings?: object;
  readonly secrets?: Readonly<Record<string, string>>;
  readonly facts?: (config: Config) => Facts;
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
  readonly lock?: ImageLock;
  readonly dryRun?: boolean;
}

/** Plans the sample phones with the stacks that the settings name. Throws a ConfigError, as the program does. */
export function samplePlan(inputs: SamplePlanInputs): Plan {
  const { settings = {}, secrets = {}, files = {}, dryRun = false } = inputs;
  const config = sampleConfig(settings, Object.keys(secrets));
  const withLock = { [LOCK_PATH]: formatLock(inputs.lock ?? lockAll(files)), ...files };
  const stackPlans = planStacks({
    config,
    secrets,
    lockPath: LOCK_PATH,
    projectDirectory: ROOT,
    readFile: (path) => readLaidOver(withLock, path),
  });
  const facts = inputs.facts?.(config) ?? new Map();
  return planCloudlet({ config, stackPlans, facts, dryRun, now: NOW });
}

/** The problems for which a plan is refused; none where it is not. */
export function planProblems(inputs: SamplePlanInputs): readonly Problem[] {
  try {
    samplePlan(inputs);
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.problems;
  }
}

function readLaidOver(files: SamplePlanInputs["files"], path: string): Uint8Array | undefined {
  const relative = path.slice(ROOT.length + 1);
  const text = files?.[relative];
  if (text !== undefined) return typeof text === "string" ? Buffer.from(text) : text;
  return statSync(path, { throwIfNoEntry: false })?.isFile() ? readFileSync(path) : undefined;
}

/** Text of a lock that knows every image of the project's stack files. */
export function lockAllImages(): string {
  return formatLock(lockAll({}));
}

const STACK_FILES = ["stacks/portainer_agent.yml", "stacks/go_coffee.yml"];

// Every image of the stack files, with a build for every platform; the digest follows from the name.
function lockAll(files: SamplePlanInputs["files"]): ImageLock {
  const own = Object.entries(files ?? {}).flatMap(([path, text]) =>
    /\.ya?ml$/.test(path) && typeof text === "string" ? [{ path, text }] : [],
  );
  const ours = STACK_FILES.map((path) => ({ path, text: readFileSync(join(ROOT, path), "utf8") }));
  const images = [...own, ...ours].flatMap(({ text }) =>
    [...text.matchAll(/image: *(\S+)/g)].map(([, image = ""]) => image),
  );
  return Object.fromEntries(images.map((image) => [image, lockedImage(image)]));
}

/** A lock's entry with a build for every platform, and a digest that follows from the name. */
export function lockedImage(image: string): ImageLock[string] {
  const digest = `sha256:${Buffer.from(image).toString("hex").padEnd(64, "0").slice(0, 64)}`;
  return {
    digest,
    platforms: ["linux/amd64", "linux/arm/v7", "linux/arm64"],
    resolved: "2026-11-22",
  };
}
