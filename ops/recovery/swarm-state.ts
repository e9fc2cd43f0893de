import type { Config, NodeConfig } from "../../config/config";
import type { Facts, ReachablePhone, SwarmFacts, SwarmNode } from "../../observe/facts";
import { isReachable } from "../../observe/parse-facts";
import { ourCluster } from "../../plan/check-facts";

/** A phone that answered, with its settings. */
export interface SeenPhone {
  readonly node: NodeConfig;
  readonly phone: ReachablePhone;
}

/** A phone that manages the swarm with a majority, and the swarm as it sees it. */
export interface LivingMaster extends SeenPhone {
  readonly swarm: SwarmFacts;
}

/** How far a manager's raft log reaches, as far as the phone could tell. */
export interface RaftPosition {
  readonly term: number;
  readonly index: number;
  /** When its files were written last, in Unix seconds. */
  readonly written: number;
}

/** The phones that answered. */
export function seenPhones(config: Config, facts: Facts): SeenPhone[] {
  return config.nodes.flatMap((node) => {
    const phone = facts.get(node.key);
    return isReachable(phone) ? [{ node, phone }] : [];
  });
}

/** The phones that manage with a majority; none where the swarm has lost it. */
export function livingMasters(config: Config, facts: Facts): LivingMaster[] {
  return seenPhones(config, facts).flatMap(({ node, phone }) =>
    phone.swarm === undefined ? [] : [{ node, phone, swarm: phone.swarm }],
  );
}

/** The masters of the settings that hold the swarm's state on disk, whether their engine runs or not. */
export function survivors(config: Config, facts: Facts): SeenPhone[] {
  const ours = ourCluster(config, facts);
  if (ours === undefined) return [];
  return seenPhones(config, facts).filter(
    ({ node, phone }) => node.role === "master" && phone.membership?.clusterId === ours,
  );
}

/** Entries of managers that raft no longer knows: what a recovery leaves until it has cleared up. */
export function staleEntries({ nodes }: SwarmFacts): SwarmNode[] {
  return nodes.filter(({ role, reachability }) => role === "manager" && reachability === "");
}

/** Phones with the state of the swarm as it was before a recovery: the living one has no entry for them, or a stale one. */
export function leftBehind(config: Config, facts: Facts, swarm: SwarmFacts): SeenPhone[] {
  const stale = staleEntries(swarm);
  return seenPhones(config, facts).filter(({ phone: { membership } }) => {
    if (membership?.clusterId !== swarm.clusterId) return false;
    const entry = swarm.nodes.find(({ id }) => id === membership.nodeId);
    return entry === undefined || stale.includes(entry);
  });
}

/** Reads what the raft script printed. */
export function parseRaftPosition(output: string): RaftPosition {
  const value = (name: string) => new RegExp(`^${name}=(.*)$`, "m").exec(output)?.[1] ?? "";
  const [term, index] = value("raft").split(" ").map(Number);
  return { term: term || 0, index: index || 0, written: Number(value("written")) || 0 };
}

/** The key of the phone whose log is the newest by raft's own rule: term, then index; where both are unknown, the last written. */
export function newestRaft(positions: ReadonlyMap<string, RaftPosition>): string | undefined {
  const order = ([, a]: [string, RaftPosition], [, b]: [string, RaftPosition]): number =>
    b.term - a.term || b.index - a.index || b.written - a.written;
  return [...positions].sort(order)[0]?.[0];
}

/** The managers of a swarm, as raft counts them. */
export function raftMembers({ nodes }: SwarmFacts): SwarmNode[] {
  return nodes.filter(({ reachability }) => reachability !== "");
}

/**
 * The master to back up: a follower, without which the majority stays. Or why there is none, in words for a user; a swarm of one may
 * only be stopped with `stopOnlyMaster`.
 */
export function chooseForBackup(
  living: readonly LivingMaster[],
  stopOnlyMaster: boolean,
): LivingMaster | string {
  const [view] = living;
  if (view === undefined) return "no master answers for the swarm";
  const members = raftMembers(view.swarm);
  const reachable = members.filter(({ reachability }) => reachability === "reachable").length;
  const needed = Math.floor(members.length / 2) + 1;
  if (members.length === 1) {
    return stopOnlyMaster
      ? view
      : `${view.node.key} is the only master, and its engine and all that runs on it stop meanwhile; --stop-the-only-master does it`;
  }
  if (reachable - 1 < needed) {
    return `the swarm needs ${needed} of its ${members.length} masters, and ${reachable} answer, so none may be stopped`;
  }
  const follower = living.find(({ phone }) =>
    members.some(
      ({ id, leader, reachability }) =>
        id === phone.membership?.nodeId && !leader && reachability === "reachable",
    ),
  );
  return follower ?? "no master but the leader answers over SSH";
}
