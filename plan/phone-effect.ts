import type { Config, NodeConfig } from "../config/config";
import type { Facts, SwarmNode } from "../observe/facts";
import { isReachable } from "../observe/parse-facts";
import { membershipSteps, swarmNodesById } from "./membership";
import type { PlannedNode } from "./plan";

/** What the changes of a phone do to tasks and to the swarm's masters, a clause each; empty where that is not known. */
export interface PhoneEffects {
  readonly engine: readonly string[];
  readonly membership: readonly string[];
}

/** What a phone's resource says of its changes: what differs, and what mending it does. */
export function describeChanges(drift: readonly string[], effects: readonly string[]): string {
  return [...drift, ...(effects.length > 0 ? [`${EFFECT}${effects.join(", ")}`] : [])].join("; ");
}

/** Stands before the effects, for whoever takes the two apart again. */
export const EFFECT = "effect: ";

/** Of what is set right under running tasks. */
export const NO_RESTART = "no task restarts";

type Changes = Pick<PlannedNode, "key" | "drift" | "restarts">;

/** Reads the effects of all phones' changes off what the swarm's masters say of it; where none says anything, nothing is known. */
export function phoneEffects(
  { config, facts }: { config: Config; facts: Facts },
  planned: readonly Changes[],
): ReadonlyMap<string, PhoneEffects> {
  const entries = swarmNodesById(facts);
  const masters = [...entries.values()].filter(({ role }) => role === "manager");
  const counts = masters.length === 0 ? new Map<string, string>() : masterCounts(config, facts);
  return new Map(
    planned.map(({ key, drift, restarts }) => {
      const phone = facts.get(key);
      const node = config.nodes.find((each) => each.key === key);
      const nodeId = isReachable(phone) ? phone.membership?.nodeId : undefined;
      const entry = entries.get(nodeId ?? "");
      const runs = isReachable(phone) && phone.engine.running;
      const steady = entry !== undefined && runs && !restarts && drift.engine.length > 0;
      const moves = drift.membership.some((what) => what.startsWith("address "));
      const membership = [
        counts.get(key) ?? [],
        ...(entry === undefined || node === undefined
          ? []
          : [
              availabilityEffect(node, entry),
              moves ? rejoinEffects(entry, masters) : [],
              restarts ? restartEffects(entry, masters) : [],
            ]),
      ].flat();
      return [key, { engine: steady ? [NO_RESTART] : [], membership }] as const;
    }),
  );
}

/** For each phone that becomes a master or is one no more, how many there are before and after it. */
function masterCounts(config: Config, facts: Facts): Map<string, string> {
  let count = [...swarmNodesById(facts).values()].filter(({ role }) => role === "manager").length;
  const words = new Map<string, string>();
  for (const { action, phone } of membershipSteps(config, facts).filter((step) => step.manager)) {
    const before = count;
    count += action === "join" || action === "promote" ? 1 : -1;
    if (action !== "remove") words.set(phone, `the swarm has ${before} -> ${count} masters`);
  }
  return words;
}

function availabilityEffect(node: NodeConfig, entry: SwarmNode): string[] {
  if (node.availability === entry.availability) return [];
  const effects: Readonly<Record<NodeConfig["availability"], string>> = {
    active: "it gets new tasks again, and none moves back by itself",
    pause: "its tasks stay, and it gets no new ones",
    drain: "its tasks move to other phones",
  };
  return [effects[node.availability]];
}

// Docker knows no other address for a node than the one it joined with.
function rejoinEffects(entry: SwarmNode, masters: readonly SwarmNode[]): string[] {
  const away = masters.includes(entry) ? [awayMaster(masters, "until then")] : [];
  return [
    "it leaves the swarm and joins again",
    "its tasks end and start on other phones",
    ...away,
  ];
}

function restartEffects(entry: SwarmNode, masters: readonly SwarmNode[]): string[] {
  const others = masters.filter((one) => one !== entry);
  const isMaster = others.length < masters.length;
  const answering = others.filter(({ reachability }) => reachability === "reachable");
  // The script that restarts it asks the same again (swarm/restart-script.ts).
  if (isMaster && others.length > 0 && answering.length * 2 <= masters.length) {
    return ["its engine restarts in a later run, as the other masters would be no majority"];
  }
  return [
    "its tasks move to other phones first",
    ...(isMaster ? [awayMaster(masters, "for some seconds")] : []),
  ];
}

const awayMaster = ({ length }: readonly SwarmNode[], howLong: string): string =>
  length === 1
    ? `the swarm has no master ${howLong}`
    : `one of ${length} masters is away ${howLong}`;
