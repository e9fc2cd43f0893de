import { setTimeout as sleep } from "node:timers/promises";

/** Waits until `condition` holds; throws `<what>: not within N s` and what it last said when it does not. */
export async function waitUntil(
  what: string,
  timeoutSeconds: number,
  condition: () => Promise<boolean>,
): Promise<void> {
  const deadline = Date.now() + timeoutSeconds * 1000;
  let reason = "";
  for (;;) {
    try {
      if (await condition()) return;
    } catch (error) {
      reason = error instanceof Error ? `, got ${error.message}` : "";
    }
    if (Date.now() >= deadline) throw new Error(`${what}: not within ${timeoutSeconds} s${reason}`);
    await sleep(100);
  }
}
