import type { NodeConfig } from "../../config/config";
import type { PhoneFacts, ReachablePhone, SwarmNode } from "../../observe/facts";
import { isReachable } from "../../observe/parse-facts";
import { NODE_LABEL } from "../../plan/platform";
import type { PhoneStatus } from "./status-shape";

/** How a phone is, from its own words and from those of the swarm's managers, of which there may be none. */
export function phoneStatus(
  { key, address, role }: NodeConfig,
  facts: PhoneFacts | undefined,
  swarm: ReadonlyMap<string, SwarmNode>,
): PhoneStatus {
  const named = { key, address, role };
  if (!isReachable(facts)) {
    const entry = [...swarm.values()].find(({ labels }) => labels[NODE_LABEL] === key);
    const state = facts?.reason ?? "no answer";
    const detail = facts?.detail ?? "";
    return { ...named, ...inSwarm(entry), state, detail, temperatures: [] };
  }
  const entry = swarm.get(facts.membership?.nodeId ?? "");
  return {
    ...named,
    ...inSwarm(entry),
    state: stateOf(facts, entry, swarm.size > 0),
    ...conditionOf(facts),
  };
}

const inSwarm = (entry: SwarmNode | undefined) => ({
  leader: entry?.leader ?? false,
  swarmState: entry?.state,
});

function stateOf(
  { engine, membership }: ReachablePhone,
  entry: SwarmNode | undefined,
  isTold: boolean,
): PhoneStatus["state"] {
  if (!engine.installed) return "no docker";
  if (!engine.running) return "docker is off";
  if (membership !== undefined && !isTold) return "unknown";
  if (entry === undefined) return "not in the swarm";
  if (entry.state !== "ready") return "down";
  if (entry.availability === "drain") return "drained";
  return entry.availability === "pause" ? "paused" : "ready";
}

function conditionOf(phone: ReachablePhone) {
  const { condition, totalDiskBytes, freeDiskBytes } = phone;
  const { temperatures = [], ...known } = condition ?? {};
  return {
    ...known,
    machine: phone.machine,
    memory: phone.memory,
    disk:
      totalDiskBytes === undefined || freeDiskBytes === undefined
        ? undefined
        : { totalBytes: totalDiskBytes, freeBytes: freeDiskBytes },
    temperatures: [...temperatures].sort((a, b) => b.celsius - a.celsius),
    clockAheadSeconds: phone.clockAheadSeconds,
    engine: phone.engine.running ? { version: phone.engine.version } : undefined,
  };
}
