import { writeFileSync } from "node:fs";
import { ConfigError } from "../config/problem";
import { formatLock, parseLock, type LockedImage } from "../images/lock-file";
import { updateLock } from "../images/lock-images";
import { resolveImage } from "../images/resolve-image";
import { imageAsWritten } from "../plan/pin-images";
import { readStack } from "../plan/read-stack";
import { readFileIfThere, readStackSettings } from "./project";

/** How to look images up. */
export interface LockOptions {
  readonly stack: string;
  /** Asked for what would come from Docker Hub: `http://10.86.0.2:5000`. */
  readonly mirror?: string;
  /** Only compare, and write nothing. */
  readonly check?: boolean;
}

/** Looks up every image of a Pulumi stack's stack files, writes `images.<stack>.lock.yml`, and says what changed. */
export async function lockStackImages({
  stack,
  mirror,
  check = false,
}: LockOptions): Promise<readonly string[]> {
  const path = `images.${stack}.lock.yml`;
  const { lock: old } = parseLock(path, readFileIfThere(path)?.toString());
  const today = new Date().toISOString().slice(0, 10);
  const found = new Map<string, LockedImage>();
  await Promise.all(
    imagesOf(stack).map(async (image) => {
      found.set(
        image,
        await resolveImage(image, { today, ...(mirror === undefined ? {} : { mirror }) }),
      );
    }),
  );
  const { lock, changes } = updateLock(old, found);
  if (!check && changes.length > 0) writeFileSync(path, formatLock(lock));
  return changes;
}

function imagesOf(stack: string): string[] {
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
  return [...new Set(services.map(imageAsWritten))].sort();
}
