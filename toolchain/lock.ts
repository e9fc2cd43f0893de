import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

const pollMs = 300;

/**
 * Runs the work while no other process does, on this lock file. A holder that has died is passed over. `waiting` is
 * called once if there is a live one; rejects if that one holds the lock for longer than the limit.
 */
export async function withLock<T>(
  file: string,
  limitMs: number,
  waiting: (holder: number) => void,
  work: () => Promise<T>,
): Promise<T> {
  mkdirSync(dirname(file), { recursive: true });
  const deadline = Date.now() + limitMs;
  let told = false;
  while (!take(file)) {
    const holder = holderOf(file);
    if (!isAlive(holder)) {
      // Two may remove the lock of a dead one at once, and then both work: double work, but nothing else, as
      // every result is renamed into its place.
      rmSync(file, { force: true });
      continue;
    }
    if (Date.now() > deadline) {
      throw new Error(`${file}: expected to be released, got held by process ${holder}; end it`);
    }
    if (!told) waiting(holder);
    told = true;
    await delay(pollMs);
  }
  try {
    return await work();
  } finally {
    rmSync(file, { force: true });
  }
}

/** Takes the lock if it is free. A link appears with its content, so that no one reads an empty lock. */
function take(file: string): boolean {
  const own = `${file}.${process.pid}`;
  writeFileSync(own, String(process.pid));
  try {
    linkSync(own, file);
    return true;
  } catch {
    return false;
  } finally {
    rmSync(own, { force: true });
  }
}

function holderOf(file: string): number {
  try {
    return Number(readFileSync(file, "utf8"));
  } catch {
    return 0;
  }
}

function isAlive(pid: number): boolean {
  if (!(pid > 0)) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (problem) {
    return problem instanceof Error && "code" in problem && problem.code === "EPERM";
  }
}
