import type { Config, NodeConfig } from "../config/config";
import type { Problem } from "../config/problem";
import type { Facts, PhoneFacts } from "../observe/facts";
import { isReachable } from "../observe/parse-facts";
import { ourCluster } from "./check-facts";
import { isPerhapsAlone, managersByAnswer } from "./election";
import { managedFromOutside } from "./membership";

/**
 * Whether the swarm has lost its majority for good: no manager answers for it, and the masters that are left cannot regain one. Or
 * whether it has two, after a recovery. One problem that names who is missing and what to do, or none. A preview shows it as a note, as it does with phones that are off.
 */
export function checkQuorum(config: Config, facts: Facts): Problem[] {
  const phones = [...facts.values()].filter(isReachable);
  if (phones.every(({ membership }) => membership === undefined)) return [];
  if (phones.some(({ swarm }) => swarm !== undefined)) return checkSplit(facts);
  // Somebody else's majority: checkMembership says whose.
  if (managedFromOutside(config, facts).members.length > 0) return [];
  const masters = config.nodes.filter(({ role }) => role === "master");
  const ours = ourCluster(config, facts);
  const left = masters.filter(({ key }) => isMemberOf(ours, facts.get(key)));
  const needed = Math.floor(masters.length / 2) + 1;
  if (left.length >= needed) return [];

  const off = masters.filter(({ key }) => facts.get(key)?.reachable === false);
  // Masters that are in no swarm may not have joined yet: a swarm of fewer, whose engines are stopped, is repaired by starting them.
  const proven = left.some(({ key }) => isRunning(facts.get(key)));
  if (!proven && off.length <= masters.length - needed) return [];

  const missing = masters
    .filter((master) => !left.includes(master))
    .map((master) => describeMissing(master, facts.get(master.key)));
  return [
    {
      where: "cloudlet:nodes",
      message:
        `expected ${needed} of ${masters.length} masters, without which the swarm takes no change, ` +
        `got ${left.length === 0 ? "none" : `${left.length} (${keysOf(left)})`}, ` +
        `missing ${missing.join(", ")}; ${advise(left, off, needed)}`,
    },
  ];
}

/**
 * What to say where half of the swarm's managers or more do not answer this machine, and one still answers for the swarm: a leader
 * notices only after a while that it is alone, and until then a lost majority looks like masters that this machine alone cannot reach.
 */
export function checkAlone(facts: Facts): Problem[] {
  if (!isPerhapsAlone(facts)) return [];
  const { silent, answering } = managersByAnswer(facts);
  const all = silent.length + answering.length;
  const needed = Math.floor(all / 2) + 1;
  return [
    {
      where: "cloudlet:nodes",
      message:
        `expected ${needed} of ${all} masters, without which the swarm takes no change, got ${answering.length} (${answering.join(", ")}), ` +
        `missing ${silent.join(", ")}; it takes a leader half a minute to notice that it is alone: look again then, or bring ` +
        `back ${needed - answering.length} of them`,
    },
  ];
}

function checkSplit(facts: Facts): Problem[] {
  const split = splitSwarm(facts);
  if (split === undefined) return [];
  const message =
    `expected masters of one swarm, got ${split.join(" and ")}, which both manage it and do not know each other: masters that were ` +
    "given up have come back together; say whose state counts: `npm run recover -- --master KEY`";
  return [{ where: "cloudlet:nodes", message }];
}

/**
 * Two masters that both answer for the swarm and do not know each other, by key: after a recovery the lost masters have come back,
 * and are a majority of the swarm as it was. Seen so with engine 20.10: raft does not stop them.
 */
export function splitSwarm(facts: Facts): [string, string] | undefined {
  const living = [...facts].flatMap(([key, phone]) =>
    isReachable(phone) && phone.swarm
      ? [{ key, swarm: phone.swarm, id: phone.membership?.nodeId }]
      : [],
  );
  for (const one of living) {
    const managers = one.swarm.nodes.filter(({ reachability }) => reachability !== "");
    const other = living.find(
      ({ id, swarm }) =>
        swarm.clusterId === one.swarm.clusterId && managers.every((manager) => manager.id !== id),
    );
    if (other !== undefined) return [one.key, other.key];
  }
  return undefined;
}

function isMemberOf(cluster: string | undefined, phone: PhoneFacts | undefined): boolean {
  return cluster !== undefined && isReachable(phone) && phone.membership?.clusterId === cluster;
}

function isRunning(phone: PhoneFacts | undefined): boolean {
  return isReachable(phone) && phone.engine.running;
}

function describeMissing({ key, address }: NodeConfig, phone: PhoneFacts | undefined): string {
  if (phone === undefined) return `${key} (not looked at)`;
  if (!phone.reachable) return `${key} (${phone.reason} at ${address}: ${phone.detail})`;
  if (phone.membership === undefined) return `${key} (in no swarm any more at ${address})`;
  return `${key} (in another swarm at ${address})`;
}

function advise(left: readonly NodeConfig[], off: readonly NodeConfig[], needed: number): string {
  const lacking = needed - left.length;
  const remedies = [
    off.length < lacking
      ? []
      : off.length === lacking
        ? `bring back ${keysOf(off)}`
        : `bring back ${lacking} of ${keysOf(off)}`,
    left.length === 0
      ? "restore a backup with `npm run backup -- --restore FILE --master KEY`"
      : "where they are lost, go on with what is left: `npm run recover`",
  ].flat();
  return remedies.join("; ");
}

function keysOf(nodes: readonly NodeConfig[]): string {
  return nodes.map(({ key }) => key).join(", ");
}
