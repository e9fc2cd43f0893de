import { setTimeout as sleep } from "node:timers/promises";
import type { Facts } from "./facts";

/** Masters notice that their leader is dead, and a leader that it is alone, after some 20 s (engine 20.10). */
const ELECTION_SECONDS = 40;

/** Looks again while `isUnsettled` says of what was seen that masters may be electing a leader. Gives what was seen last. */
export async function afterElection(
  first: Facts,
  isUnsettled: (facts: Facts) => boolean,
  look: () => Promise<Facts>,
): Promise<Facts> {
  const end = Date.now() + ELECTION_SECONDS * 1000;
  let facts = first;
  while (isUnsettled(facts) && Date.now() < end) {
    await sleep(1000);
    facts = await look();
  }
  return facts;
}
