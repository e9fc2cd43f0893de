import { fstatSync } from "node:fs";

/**
 * Ends this process, after `cleanUp`, when the engine asks for it or is gone, however it ended: its end of the
 * pipe that is our standard input closes with it. (`kill -9` leaves no other sign.)
 */
export function endWithTheEngine(cleanUp: () => Promise<void>): void {
  const end = () => void cleanUp().finally(() => process.exit(0));
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, end);
  const input = fstatSync(0);
  if (!input.isFIFO() && !input.isSocket()) return; // started by hand
  process.stdin.once("end", end).once("error", end).resume();
}
