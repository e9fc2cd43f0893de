import { writeFileSync } from "node:fs";
import execa from "execa";
import type { Config } from "../../config/config";
import { ConfigError } from "../../config/problem";
import { findCredentials, registryAuth } from "../../images/credentials";
import { distributionRequests, parseDistribution } from "../../images/engine-look-up";
import { parseImageReference } from "../../images/image-reference";
import { formatLock, parseLock, type LockedImage } from "../../images/lock-file";
import { updateLock } from "../../images/lock-images";
import { resolveImage, type ResolveOptions } from "../../images/resolve-image";
import { ENGINE_DIALOG, parseEngineAnswers } from "../../observe/engine-api";
import { openWorkspace } from "../../observe/observe";
import { ON_MASTER } from "../../observe/ssh-config";
import { imageAsWritten } from "../../plan/pin-images";
import { readStack } from "../../plan/read-stack";
import { readFileIfThere, readStackSettings } from "../project";

/** How to look images up. */
export interface LockOptions {
  readonly stack: string;
  /** Asked for what would come from Docker Hub: `http://10.86.0.2:5000`. */
  readonly mirror?: string;
  /** Only compare, and write nothing. */
  readonly check?: boolean;
}

/** What a look-up found. */
export interface LockResult {
  /** One line for each image that is new, moved or gone. */
  readonly changes: readonly string[];
  readonly asked: "a master's engine" | "the registries";
}

/**
 * Looks up every image of a Pulumi stack's stack files, writes `images.<stack>.lock.yml`, and says what changed. Asks a master's
 * engine, which sees what the phones see; before there is one, or with a mirror given, the registries.
 */
export async function lockStackImages({
  stack,
  mirror,
  check = false,
}: LockOptions): Promise<LockResult> {
  const path = `images.${stack}.lock.yml`;
  const { lock: old } = parseLock(path, readFileIfThere(path)?.toString());
  const today = new Date().toISOString().slice(0, 10);
  const { config, images } = imagesOf(stack);
  const byMaster = mirror === undefined ? await askMaster(config, images, today) : undefined;
  const found =
    byMaster ??
    (await askRegistries(images, { today, ...(mirror === undefined ? {} : { mirror }) }));
  const { lock, changes } = updateLock(old, found);
  if (!check && changes.length > 0) writeFileSync(path, formatLock(lock));
  return { changes, asked: byMaster === undefined ? "the registries" : "a master's engine" };
}

type Found = ReadonlyMap<string, LockedImage>;

// The phones' own view: their mirrors, their network. Undefined where no master answers yet.
async function askMaster(
  config: Config,
  images: readonly string[],
  today: string,
): Promise<Found | undefined> {
  if (images.length === 0) return new Map();
  if (!(await openWorkspace(config, { privateKey: undefined, dryRun: true }))) return undefined;
  const asked = await Promise.all(
    images.map(async (image) => {
      const { registry } = parseImageReference(image);
      const login = await findCredentials(registry);
      return [image, login && registryAuth(login, registry)] as const;
    }),
  );
  const script = `${ENGINE_DIALOG}\nengine_dialog docker | base64`;
  const { stdout, exitCode } = await execa("sh", [ON_MASTER, script], {
    input: distributionRequests(asked),
    reject: false,
  });
  if (exitCode !== 0) return undefined;
  const answers = parseEngineAnswers(stdout);
  return new Map(
    images.map((image, index) => [image, parseDistribution(image, answers[index], today)]),
  );
}

async function askRegistries(images: readonly string[], options: ResolveOptions): Promise<Found> {
  return new Map(
    await Promise.all(
      images.map(async (image) => [image, await resolveImage(image, options)] as const),
    ),
  );
}

function imagesOf(stack: string): { config: Config; images: string[] } {
  const { config, secretNames } = readStackSettings(stack);
  // Images do not depend on secrets; any text makes the files readable.
  const secrets = Object.fromEntries(secretNames.map((name) => [name, "unknown"]));
  const readings = config.stacks.map((entry) =>
    readStack(entry, {
      config,
      secrets,
      projectDirectory: process.cwd(),
      readFile: readFileIfThere,
    }),
  );
  const problems = readings.flatMap((reading) => reading.problems);
  if (problems.length > 0) throw new ConfigError(problems);
  const services = readings.flatMap(({ conversion }) =>
    Object.values(conversion?.spec.services ?? {}),
  );
  return { config, images: [...new Set(services.map(imageAsWritten))].sort() };
}
