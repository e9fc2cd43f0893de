import type { ImageLock, LockedImage } from "./lock-file";

/** What looking images up anew found. */
export interface LockChange {
  readonly lock: ImageLock;
  /** One line for each image that is new, moved or gone. */
  readonly changes: readonly string[];
}

/**
 * Compares a lock with what the images stand for now. An image that did not move keeps its whole entry, so that only
 * what changed shows as changed.
 */
export function updateLock(old: ImageLock, found: ReadonlyMap<string, LockedImage>): LockChange {
  const changes: string[] = [];
  const entries = [...found].map(([name, image]): [string, LockedImage] => {
    const known = old[name];
    const change = describeChange(known, image);
    if (known !== undefined && change === undefined) return [name, known];
    changes.push(`${name}: ${change}`);
    return [name, image];
  });
  for (const name of Object.keys(old)) {
    if (!found.has(name)) changes.push(`${name}: no stack asks for it any more`);
  }
  return { lock: Object.fromEntries(entries), changes };
}

function describeChange(known: LockedImage | undefined, found: LockedImage): string | undefined {
  if (known === undefined) return `new, ${found.digest}`;
  if (known.digest !== found.digest) return `${known.digest} -> ${found.digest}`;
  const builds = found.platforms.join(", ");
  return known.platforms.join(", ") === builds
    ? undefined
    : `${found.digest}, now with builds for ${builds}`;
}
