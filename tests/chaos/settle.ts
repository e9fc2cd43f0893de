import { setTimeout as pause } from "node:timers/promises";

/** How it ended: what was said last, and what was said last before nothing was. */
export interface Settled {
  readonly problems: readonly string[];
  readonly waitedFor: readonly string[];
}

/** Looks until there is nothing to say against what is seen, or the time is over. */
export async function settle(
  seconds: number,
  look: () => Promise<readonly string[]>,
): Promise<Settled> {
  const end = Date.now() + seconds * 1000;
  let waitedFor: readonly string[] = [];
  for (;;) {
    const problems = await look().catch((error: unknown) => [
      error instanceof Error ? error.message : String(error),
    ]);
    if (problems.length === 0 || Date.now() >= end) return { problems, waitedFor };
    waitedFor = problems;
    await pause(500);
  }
}
