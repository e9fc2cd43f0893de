import { existsSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { z } from "zod";

// What the CLI writes beside the state while it works on a stack (pulumi 3.259, file backend).
const lock = z.object({ pid: z.number(), hostname: z.string() });

/** Where the file backend of `Pulumi.yaml` keeps the locks of a stack. */
export function lockDirectory(project: string, stack: string): string {
  return join(".state/.pulumi/locks/organization", project, stack);
}

/** Whether a stack is locked by nothing but processes of this machine that are no more: an `up` that was killed. */
export function isLockStale(directory: string): boolean {
  if (!existsSync(directory)) return false;
  const locks = readdirSync(directory).filter((name) => name.endsWith(".json"));
  return locks.length > 0 && locks.every((name) => isDead(join(directory, name)));
}

/**
 * Removes the attribute files that a killed CLI left empty; without them the state is read as it is, with them it cannot be.
 * Only for a stack that nobody works on.
 */
export function removeTornFiles(project: string, stack: string): void {
  for (const file of [`${stack}.json`, `${stack}.json.bak`]) {
    const attributes = join(".state/.pulumi/stacks", project, `${file}.attrs`);
    if (existsSync(attributes) && statSync(attributes).size === 0) rmSync(attributes);
  }
}

function isDead(file: string): boolean {
  const { data } = lock.safeParse(JSON.parse(readFileSync(file, "utf8")));
  return data?.hostname === hostname() && !existsSync(`/proc/${data.pid}`);
}
