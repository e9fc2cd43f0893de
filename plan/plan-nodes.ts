import type { Config, NodeConfig } from "../config/config";
import type { Facts, ReachablePhone, SwarmNode } from "../observe/facts";
import { isReachable } from "../observe/parse-facts";
import { engineSettings, settingsDrift, type EngineSettings } from "./engine-settings";
import { firewallText, sha256 } from "./firewall";
import { inOrderOfJoining, swarmNodesById } from "./membership";
import { phoneEffects } from "./phone-effect";
import type { PlannedNode } from "./plan";
import { machinesOf, NODE_LABEL, PLATFORM_LABEL } from "./platform";
import type { RegistryCertificates } from "./registry-certificates";

/** The preflight warns from the same on. */
const CLOCK_BEHIND_SECONDS = 30;

/**
 * Settles what each phone shall be and what differs from it. `now` is the time in Unix seconds. In the order of the swarm's changes:
 * masters first, then those that are masters no more, then the other computes.
 */
export function planNodes(
  config: Config,
  facts: Facts,
  now: number,
  registryCertificates: RegistryCertificates = {},
): PlannedNode[] {
  const known = swarmNodesById(facts);
  const settings = engineSettings(config);
  const planned = inOrderOfJoining(config.nodes).map((node) =>
    planNode(config, node, facts, { known, settings, registryCertificates, now }),
  );
  const effects = phoneEffects({ config, facts }, planned);
  const rank = ({ role, demoted }: PlannedNode): number =>
    role === "master" ? 0 : demoted ? 1 : 2;
  return planned
    .map((node) => ({ ...node, effects: effects.get(node.key) ?? node.effects }))
    .sort((a, b) => rank(a) - rank(b));
}

interface Surroundings {
  readonly settings: EngineSettings;
  readonly registryCertificates: RegistryCertificates;
  readonly known: ReadonlyMap<string, SwarmNode>;
  readonly now: number;
}

function planNode(
  config: Config,
  node: NodeConfig,
  facts: Facts,
  { known, settings, registryCertificates, now }: Surroundings,
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
    engineSettings: settings,
    registryCertificates,
    effects: { engine: [], membership: [] },
    nextJoin: now,
  };
  if (!isReachable(phone)) {
    const entries = [...known.values()];
    const waits = entries.some(({ labels }) => labels[NODE_LABEL] === node.key);
    const drift = { engine: [], membership: [] };
    return {
      ...planned,
      drift,
      demoted: false,
      waits,
      restarts: false,
      words: [],
      nextRepair: now,
    };
  }
  const entry = phone.membership === undefined ? undefined : known.get(phone.membership.nodeId);
  // A member whose masters cannot say anything of the swarm, as they have no majority, has not drifted.
  const untold = phone.membership !== undefined && known.size === 0;
  const engine = engineDrift(phone, node, sha256(firewall));
  const shared = sharedThings(config, node, phone, facts);
  const unsettled = settingsDrift(settings, phone.engine.daemonJson, phone.engine.daemonOurs);
  // A new mirror is the one setting that a running engine takes.
  const restarts =
    entry !== undefined &&
    phone.engine.running &&
    (phone.engine.restartPending === true ||
      shared.length > 0 ||
      unsettled.some((what) => !what.includes("registry-mirrors")));
  const membership =
    untold || phone.engine.silent
      ? []
      : membershipDrift(entry, node, nodeLabels, phone.membership?.address);
  return {
    ...planned,
    drift: {
      engine: [
        ...engine,
        ...(phone.engine.installed ? unsettled : []),
        ...shared.map((what) =>
          what === "rename"
            ? "its hostname is another phone's too"
            : "its machine id is another phone's too",
        ),
      ],
      membership: [...membership, ...(restarts ? ["its engine has to restart"] : [])],
    },
    restarts,
    words: [...shared, ...leavingAddresses(config, known).map((address) => `leaves:${address}`)],
    demoted: node.role === "compute" && entry?.role === "manager",
    waits: false,
    nextRepair: Math.max(now, (phone.repairs ?? 0) + 1),
  };
}

function engineDrift(
  { engine, ...phone }: ReachablePhone,
  { user }: NodeConfig,
  firewallHash: string,
): string[] {
  const behind = -(phone.clockAheadSeconds ?? 0);
  return [
    engine.installed ? [] : "docker is not installed",
    !engine.installed || engine.enabledAtBoot ? [] : "docker is not enabled at boot",
    !engine.installed || engine.running || engine.silent ? [] : "docker is not running",
    !engine.running || engine.userHasAccess ? [] : `${user} may not use docker`,
    behind < CLOCK_BEHIND_SECONDS ? [] : `its clock is ${behind} s behind`,
    (phone.changedFiles ?? []).map((file) => `${file} is not as it was left`),
    phone.firewall === "closed" ? "the firewall is closed to the other phones" : [],
    phone.firewall !== "open" || phone.firewallHash === firewallHash
      ? []
      : "the firewall's drop-in is not as declared",
  ].flat();
}

// Swarm's managers talk to each other until the last step: one that cannot reach the others any more holds everything up.
function leavingAddresses(
  { nodes }: Config,
  known: ReadonlyMap<string, SwarmNode>,
): readonly string[] {
  const declared = new Set(nodes.map(({ address }) => address));
  const addresses = [...known.values()].map(({ address }) => address);
  return [...new Set(addresses)].filter((one) => /^[\d.]+$/.test(one) && !declared.has(one)).sort();
}

// A member keeps its machine id: what gave it its address may go by that.
function sharedThings(
  { nodes }: Config,
  { key }: NodeConfig,
  { hostname, machineId, membership }: ReachablePhone,
  facts: Facts,
): string[] {
  const others = nodes.filter((node) => node.key !== key).map((node) => facts.get(node.key));
  const answering = others.filter(isReachable);
  const rename = hostname !== key && answering.some((other) => other.hostname === hostname);
  const isCopy =
    membership === undefined &&
    machineId !== undefined &&
    answering.some((other) => other.machineId === machineId);
  return [...(rename ? ["rename"] : []), ...(isCopy ? ["machine-id"] : [])];
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
