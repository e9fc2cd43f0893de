import type { Config, NodeConfig } from "../config/config";
import type { Problem } from "../config/problem";
import type { Facts, PhoneFacts, SwarmNode } from "../observe/facts";
import { isReachable } from "../observe/parse-facts";
import { NODE_LABEL } from "./platform";

/** One change of who is in the swarm. A manager that is removed is demoted first. */
export interface MembershipStep {
  readonly action: "join" | "promote" | "demote" | "remove";
  /** The phone's key; its node's id where the swarm knows none. */
  readonly phone: string;
  /** The node's id in the swarm; the phone's key where it has none yet. */
  readonly node: string;
  /** Whether its vote counts: after a join or a promotion, before a demotion or a removal. */
  readonly manager: boolean;
  /** Whether it answers the other managers. */
  readonly up: boolean;
}

/**
 * The steps from the swarm as its managers see it to the declared one, in the order in which the swarm component and its scripts
 * take them: dead managers go first, then managers are added, then living ones go. So those that answer stay more than half of all at
 * every step, if they are so at the first and after the last.
 */
export function membershipSteps(config: Config, facts: Facts): MembershipStep[] {
  const entries = [...swarmNodesById(facts).values()];
  const places = inOrderOfJoining(config.nodes).map((node) => findPlace(node, facts, entries));
  const arrivals = places.filter(({ answers }) => answers).flatMap(arrivalsOf);
  const departures = departuresOf(places, entries);
  const dead = departures.filter(({ manager, up }) => manager && !up);
  const living = departures.filter((step) => !dead.includes(step));
  return [...dead, ...arrivals, ...living];
}

/** Masters first, each group by key: the order in which they are let in. */
export function inOrderOfJoining(nodes: readonly NodeConfig[]): NodeConfig[] {
  const rank = ({ role }: NodeConfig): number => (role === "master" ? 0 : 1);
  return [...nodes].sort((a, b) => rank(a) - rank(b));
}

/** The entries of the swarm as the declared phones that manage it see it, by node id. */
export function swarmNodesById(facts: Facts): ReadonlyMap<string, SwarmNode> {
  const views = [...facts.values()].filter(isReachable).flatMap(({ swarm }) => swarm?.nodes ?? []);
  return new Map(views.map((node) => [node.id, node]));
}

interface Place {
  readonly node: NodeConfig;
  /** What does not answer is left as it is until it does. */
  readonly answers: boolean;
  readonly entry: SwarmNode | undefined;
  /** What stood in the place before: reflashed, wiped, or taken out of the swarm by hand. */
  readonly former: readonly SwarmNode[];
}

function findPlace(node: NodeConfig, facts: Facts, entries: readonly SwarmNode[]): Place {
  const phone = facts.get(node.key);
  const labelled = entries.filter(({ labels }) => labels[NODE_LABEL] === node.key);
  if (!isReachable(phone)) return { node, answers: false, entry: labelled[0], former: [] };
  const entry = entries.find(({ id }) => id === phone.membership?.nodeId);
  return { node, answers: true, entry, former: labelled.filter((one) => one !== entry) };
}

function arrivalsOf({ node, entry, former }: Place): MembershipStep[] {
  const manager = node.role === "master";
  const phone = { phone: node.key, manager, up: true };
  if (entry === undefined)
    return [{ action: "join", ...phone, node: node.key }, ...former.map(removal)];
  const promoted = manager && entry.role === "worker";
  return [
    ...(promoted ? [{ action: "promote" as const, ...phone, node: entry.id }] : []),
    ...former.map(removal),
  ];
}

function departuresOf(places: readonly Place[], entries: readonly SwarmNode[]): MembershipStep[] {
  const demoted = places.flatMap(({ node, entry }) =>
    node.role === "compute" && entry?.role === "manager" ? [demotion(entry)] : [],
  );
  const placed = new Set(places.flatMap(({ entry, former }) => [entry, ...former]));
  return [...demoted, ...entries.filter((entry) => !placed.has(entry)).map(removal)];
}

const demotion = (entry: SwarmNode): MembershipStep => ({ ...removal(entry), action: "demote" });

function removal({ id, labels, role, state, reachability }: SwarmNode): MembershipStep {
  const up = role === "manager" ? reachability === "reachable" : state === "ready";
  return {
    action: "remove",
    phone: labels[NODE_LABEL] ?? id,
    node: id,
    manager: role === "manager",
    up,
  };
}

/**
 * Refuses a change after which the managers that answer would be no majority, in whatever order it was made, and one that no phone
 * of the settings could make.
 */
export function checkMembership(config: Config, facts: Facts): Problem[] {
  const managers = [...swarmNodesById(facts).values()].filter(({ role }) => role === "manager");
  if (managers.length === 0) return checkManagedFromOutside(config, facts);
  const votes = new Map(managers.map((entry) => [entry.id, removal(entry)]));
  const steps = membershipSteps(config, facts);
  for (const step of steps.filter(({ manager }) => manager)) {
    if (step.action === "join" || step.action === "promote") votes.set(step.node, step);
    else votes.delete(step.node);
  }
  const silent = [...votes.values()].filter(({ up }) => !up);
  if (steps.length === 0 || silent.length * 2 < votes.size) return [];
  const names = silent.map(({ phone }) => phone).join(", ");
  const answering = votes.size - silent.length;
  return [
    {
      where: "cloudlet:nodes",
      message:
        `expected that more than half of the masters answer once the change is made, got ${answering} of ${votes.size}, as ${names} ` +
        `${silent.length === 1 ? "does" : "do"} not; switch on what is off first, or give its role to a phone that answers`,
    },
  ];
}

/** Phones of the settings in a swarm that none of the settings' phones manages, and its managers' addresses. */
export function managedFromOutside(
  config: Config,
  facts: Facts,
): { members: NodeConfig[]; addresses: string[] } {
  const managersOf = ({ key }: NodeConfig): readonly string[] => {
    const phone = facts.get(key);
    return isReachable(phone) ? (phone.membership?.managers ?? []) : [];
  };
  const members = config.nodes.filter((node) => managersOf(node).length > 0);
  // An engine that was demoted goes on naming itself for some time (20.10).
  const noManagers = config.nodes.filter(({ key }) => isNoManager(facts.get(key)));
  const known = new Set(members.flatMap(managersOf));
  for (const { address } of noManagers) known.delete(address);
  const addresses = [...known].sort();
  const isOutside =
    swarmNodesById(facts).size === 0 &&
    addresses.length > 0 &&
    config.nodes.every(({ address }) => !known.has(address));
  return isOutside ? { members, addresses } : { members: [], addresses: [] };
}

function isNoManager(phone: PhoneFacts | undefined): boolean {
  if (!isReachable(phone)) return false;
  return phone.membership === undefined || phone.membership.manager === false;
}

// All masters were replaced at once, and what is left of the swarm cannot let anybody in; or it is none of ours.
function checkManagedFromOutside(config: Config, facts: Facts): Problem[] {
  const { members, addresses } = managedFromOutside(config, facts);
  if (members.length === 0) return [];
  const names = members.map(({ key }) => key).join(", ");
  const leave = members.map(
    ({ user, address }) => `ssh ${user}@${address} docker swarm leave --force`,
  );
  return [
    {
      where: "cloudlet:nodes",
      message:
        `expected one of the phones that manage the swarm of ${names}, which alone can let others in, got none of ${addresses.join(", ")}; ` +
        "keep one of them in the settings for one `up`, and take it out afterwards; " +
        `if that is another swarm, which may lose ${members.length === 1 ? "it" : "them"}: ${leave.join("; ")}`,
    },
  ];
}
