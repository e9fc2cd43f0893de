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
    if (known === undefined) changes.push(`${name}: new, ${image.digest}`);
    else if (!isSame(known, image)) changes.push(`${name}: ${known.digest} -> ${image.digest}`);
    else return [name, known];
    return [name, image];
  });
  for (const name of Object.keys(old)) {
    if (!found.has(name)) changes.push(`${name}: no stack asks for it any more`);
  }
  return { lock: Object.fromEntries(entries), changes };
}

function isSame(a: LockedImage, b: LockedImage): boolean {
  return a.digest === b.digest && a.platforms.join() === b.platforms.join();
}
