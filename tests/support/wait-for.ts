import { setTimeout as pause } from "node:timers/promises";

/** Asks again and again until there is an answer; fails after the deadline with what went wrong last. */
export async function waitFor<Answer>(
  what: string,
  seconds: number,
  ask: () => Promise<Answer | undefined>,
): Promise<Answer> {
  const end = Date.now() + seconds * 1000;
  let last = "no answer";
  while (Date.now() < end) {
    try {
      const answer = await ask();
      if (answer !== undefined) return answer;
      last = "not yet";
    } catch (error) {
      last = error instanceof Error ? error.message : String(error);
    }
    await pause(200);
  }
  throw new Error(`waited ${seconds} s for ${what}: ${last}`);
}
