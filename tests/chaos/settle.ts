import { setTimeout as pause } from "node:timers/promises";
import type { PhoneKind } from "./phone-kinds";

/** How it ended: what was said last, and what was said last before nothing was. */
export interface Settled {
  readonly problems: readonly string[];
  readonly waitedFor: readonly string[];
}

/** Looks until there is nothing to say against what is seen, or the time is over; rests between looks. */
export async function settle(
  { settleSeconds, restSeconds }: Pick<PhoneKind, "settleSeconds" | "restSeconds">,
  look: () => Promise<readonly string[]>,
): Promise<Settled> {
  const end = Date.now() + settleSeconds * 1000;
  let waitedFor: readonly string[] = [];
  for (;;) {
    const problems = await look().catch((error: unknown) => [
      error instanceof Error ? error.message : String(error),
    ]);
    if (problems.length === 0 || Date.now() >= end) return { problems, waitedFor };
    waitedFor = problems;
    await pause(restSeconds * 1000);
  }
}
