import { setTimeout as sleep } from "node:timers/promises";
import type { Config } from "../config/config";
import type { Facts, PhoneFacts } from "./facts";
import { isReachable } from "./parse-facts";

/** Masters notice that their leader is dead, and have another, after some 20 s (engine 20.10). */
const ELECTION_SECONDS = 40;

/**
 * Looks again while masters elect a leader: until they have one nobody knows who is in the swarm, and so whether a phone that does not
 * answer may be missing. Gives what was seen last; a majority that is lost is none to wait for.
 */
export async function afterElection(
  config: Config,
  first: Facts,
  look: () => Promise<Facts>,
): Promise<Facts> {
  const end = Date.now() + ELECTION_SECONDS * 1000;
  let facts = first;
  while (isElecting(config, facts) && Date.now() < end) {
    await sleep(1000);
    facts = await look();
  }
  return facts;
}

/** Whether no master answers for the swarm, and the engines of more than half of them could elect one that does. */
export function isElecting({ nodes }: Config, facts: Facts): boolean {
  if ([...facts.values()].some((phone) => isReachable(phone) && phone.swarm !== undefined))
    return false;
  const masters = nodes.filter(({ role }) => role === "master").map(({ key }) => facts.get(key));
  const electors = masters.filter(isElector);
  const silent = masters.filter((phone) => !isReachable(phone));
  return electors.length > silent.length + masters.filter(isStoppedManager).length;
}

const isManager = (phone: PhoneFacts | undefined) =>
  isReachable(phone) && phone.membership?.manager === true;

const isElector = (phone: PhoneFacts | undefined) =>
  isReachable(phone) && isManager(phone) && (phone.engine.running || phone.engine.silent === true);

const isStoppedManager = (phone: PhoneFacts | undefined) => isManager(phone) && !isElector(phone);
