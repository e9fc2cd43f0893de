import { basename } from "node:path";
import { parseConfig } from "../../config/parse-config";
import type { Config } from "../../config/config";
import { readSettingsFile } from "../../config/settings-file";
import { formatLock, type ImageLock } from "../../images/lock-file";
import { WORKSPACE } from "../../observe/ssh-config";
import { imageAsWritten } from "../../plan/pin-images";
import { planCloudlet, planStacks } from "../../plan/plan-cloudlet";
import { machinesOf } from "../../plan/platform";
import { readStack, type StackFiles } from "../../plan/read-stack";
import type { ColourScheme } from "./colours";
import type { Living } from "./living";
import { overviewModel } from "./model";
import { PROJECT } from "../project";
import { renderOverview } from "./render-overview";

/** What a picture is drawn from; nothing else is read. */
export interface OverviewSource {
  /** The settings file, for messages and as a caption. */
  readonly path: string;
  readonly text: string;
  readonly projectDirectory: string;
  readonly readFile: StackFiles["readFile"];
  /** What a look found; without it the picture is as declared. */
  readonly living?: Living;
  readonly scheme?: ColourScheme;
}

const LOCK = "images.lock.yml";

/** Draws the cloudlet of a settings file as SVG, without any secret. Throws a ConfigError with all that is wrong in it. */
export function overviewOfSettings({
  path,
  text,
  living,
  scheme = "as the reader likes it",
  ...files
}: OverviewSource): string {
  const raw = readSettingsFile(path, text, PROJECT);
  const config = parseConfig(raw);
  // A secret's value is in no picture, but a stack file cannot be read without one.
  const secrets = Object.fromEntries(raw.secretNames.map((name) => [name, "unknown"]));
  const lock = formatLock(lockOfAll(config, { ...files, config, secrets }));
  const lockPath = `${files.projectDirectory}/${LOCK}`;
  const stackPlans = planStacks({
    config,
    secrets,
    lockPath: LOCK,
    projectDirectory: files.projectDirectory,
    readFile: (name) => (name === lockPath ? Buffer.from(lock) : files.readFile(name)),
  });
  // Of the look only the picture knows: what an `up` would refuse now is drawn all the same.
  const plan = planCloudlet({ config, stackPlans, facts: new Map(), dryRun: true, now: 0 });
  const simulated = config.ssh.identityFile.startsWith(`${WORKSPACE}/simulated/`);
  return renderOverview(
    overviewModel(plan, { ...(living && { living }), declaredIn: basename(path), simulated }),
    scheme,
  );
}

// A picture is of the settings, and must not wait for a registry: every image is taken to have every build.
function lockOfAll(config: Config, files: StackFiles): ImageLock {
  const services = config.stacks.flatMap((stack) =>
    Object.values(readStack(stack, files).conversion?.spec.services ?? {}),
  );
  const image = {
    digest: `sha256:${"0".repeat(64)}`,
    platforms: Object.keys(machinesOf),
    resolved: "never",
  };
  return Object.fromEntries(services.map((spec) => [imageAsWritten(spec), image]));
}
