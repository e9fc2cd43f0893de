import type { Config, NodeConfig } from "../config/config";
import type { Facts, ReachablePhone, SwarmNode } from "../observe/facts";
import { isReachable } from "../observe/parse-facts";
import { firewallText, sha256 } from "./firewall";
import type { PlannedNode } from "./plan";
import { machinesOf, NODE_LABEL, PLATFORM_LABEL } from "./platform";

/** Settles what each phone shall be and what differs from it. `now` is the time in Unix seconds. Masters come first. */
export function planNodes(config: Config, facts: Facts, now: number): PlannedNode[] {
  const inOrder = [...config.nodes].sort((a, b) => rank(a) - rank(b));
  const known = swarmNodesById(facts);
  return inOrder.map((node) => planNode(config, node, facts, { known, now }));
}

const rank = ({ role }: NodeConfig): number => (role === "master" ? 0 : 1);

/** The entries of the swarm as the declared masters see it, by node id. */
export function swarmNodesById(facts: Facts): ReadonlyMap<string, SwarmNode> {
  const views = [...facts.values()].filter(isReachable).flatMap(({ swarm }) => swarm?.nodes ?? []);
  return new Map(views.map((node) => [node.id, node]));
}

interface Surroundings {
  readonly known: ReadonlyMap<string, SwarmNode>;
  readonly now: number;
}

function planNode(
  config: Config,
  node: NodeConfig,
  facts: Facts,
  { known, now }: Surroundings,
): PlannedNode {
  const phone = facts.get(node.key);
  const peers = config.nodes.filter(({ key }) => key !== node.key).map(({ address }) => address);
  const firewall = firewallText(peers);
  const nodeLabels = { ...node.labels, [NODE_LABEL]: node.key, [PLATFORM_LABEL]: node.platform };
  const planned = {
    ...node,
    nodeLabels,
    firewall,
    machines: machinesOf[node.platform],
    nextJoin: now,
  };
  if (!isReachable(phone)) {
    return { ...planned, drift: { engine: [], membership: [] }, demoted: false, nextRepair: now };
  }
  const entry = phone.membership === undefined ? undefined : known.get(phone.membership.nodeId);
  // A member whose masters cannot say anything of the swarm, as they have no majority, has not drifted.
  const untold = phone.membership !== undefined && known.size === 0;
  return {
    ...planned,
    drift: {
      engine: engineDrift(phone, node, sha256(firewall)),
      membership:
        phone.engine.running && !untold
          ? membershipDrift(entry, node, nodeLabels, phone.membership?.address)
          : [],
    },
    demoted: node.role === "compute" && entry?.role === "manager",
    nextRepair: phone.repairs === undefined ? now : phone.repairs + 1,
  };
}

function engineDrift(
  { engine, ...phone }: ReachablePhone,
  { user }: NodeConfig,
  firewallHash: string,
): string[] {
  return [
    engine.installed ? [] : "docker is not installed",
    !engine.installed || engine.enabledAtBoot ? [] : "docker is not enabled at boot",
    !engine.installed || engine.running ? [] : "docker is not running",
    !engine.running || engine.userHasAccess ? [] : `${user} may not use docker`,
    phone.firewall === "closed" ? "the firewall is closed to the other phones" : [],
    phone.firewall !== "open" || phone.firewallHash === firewallHash
      ? []
      : "the firewall's drop-in is not as declared",
  ].flat();
}

function membershipDrift(
  entry: SwarmNode | undefined,
  { role, availability, address }: NodeConfig,
  labels: Readonly<Record<string, string>>,
  knownAt = address,
): string[] {
  if (entry === undefined) return ["it is not a member of the swarm"];
  const is = entry.role === "manager" ? "master" : "compute";
  return [
    knownAt === address ? [] : `address ${address} -> ${knownAt}`,
    is === role ? [] : `role ${role} -> ${is}`,
    entry.availability === availability
      ? []
      : `availability ${availability} -> ${entry.availability}`,
    ...Object.entries(labels)
      .filter(([label, value]) => entry.labels[label] !== value)
      .map(([label, value]) => `label ${label}: ${value} -> ${entry.labels[label] ?? "(missing)"}`),
  ].flat();
}
