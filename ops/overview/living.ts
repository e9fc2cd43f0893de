import type { SwarmNode } from "../../observe/facts";
import { isReachable } from "../../observe/parse-facts";
import { swarmNodesById } from "../../plan/membership";
import { NODE_LABEL } from "../../plan/platform";
import type { LookedAt } from "../status/look";
import { phoneStatus } from "../status/phone-status";
import { runs, serviceStatus } from "../status/service-status";
import type { PhoneStatus } from "../status/status-shape";

/** What a look at a cloudlet adds to its picture. */
export interface Living {
  /** In UTC, for people. */
  readonly at: string;
  /** By key, those that are not declared included. */
  readonly phones: ReadonlyMap<string, LivingPhone>;
  /** By full name; undefined where no master answers for the swarm. */
  readonly services: ReadonlyMap<string, LivingService> | undefined;
  /** Members of the swarm that no phone of the settings is. */
  readonly strangers: readonly Stranger[];
}

/** How a phone is, in a word or two that fit under its name. */
export interface LivingPhone {
  readonly word: string;
  /** What the word leaves open; else empty. */
  readonly reason: string;
  readonly isDown: boolean;
  /** Whether the swarm gives it new tasks. */
  readonly takesTasks: boolean;
}

/** What of a service really runs. */
export interface LivingService {
  readonly wanted: number;
  readonly running: number;
  readonly isJob: boolean;
  /** Running tasks by phone. */
  readonly tasksOn: ReadonlyMap<string, number>;
}

/** A member of the swarm by its own words; its key is its host name, where that is its alone. */
export interface Stranger {
  readonly key: string;
  readonly address: string;
  readonly role: "master" | "compute";
}

/** Reads off a look, as `npm run status` does, what a picture shows of it. */
export function livingOf({ config, facts, view, built }: LookedAt, at: Date): Living {
  const entries = swarmNodesById(facts);
  const statuses = config.nodes.map((node) => phoneStatus(node, facts.get(node.key), entries));
  const keys = new Set(config.nodes.map(({ key }) => key));
  const ids = new Set(
    [...facts.values()].filter(isReachable).map(({ membership }) => membership?.nodeId),
  );
  // An entry under a declared phone's name is what that phone was before.
  const strange = [...entries.values()].filter(
    ({ id, labels }) => !ids.has(id) && !keys.has(labels[NODE_LABEL] ?? ""),
  );
  const names = namesOf(strange, keys);
  const nameOf = (phone = ""): string => names.get(phone) ?? phone;
  return {
    at: `${at.toISOString().slice(0, 16).replace("T", " ")} UTC`,
    phones: new Map([
      ...statuses.map((status) => [status.key, livingPhone(status)] as const),
      ...strange.map((entry) => [nameOf(idInTasks(entry)), livingStranger(entry)] as const),
    ]),
    services:
      view &&
      new Map(
        view.services.map((service) => {
          const { wanted, running, mode } = serviceStatus(service, built);
          const phones = service.tasks.filter(runs).map(({ phone }) => nameOf(phone));
          const isJob = mode.endsWith("job");
          return [service.name, { wanted, running, isJob, tasksOn: counted(phones) }];
        }),
      ),
    strangers: strange.map((entry) => ({
      key: nameOf(idInTasks(entry)),
      address: entry.address,
      role: entry.role === "manager" ? "master" : "compute",
    })),
  };
}

/** How tasks name the phone that they are on. */
const idInTasks = ({ id, labels }: SwarmNode): string => labels[NODE_LABEL] ?? id;

function namesOf(strange: readonly SwarmNode[], taken: ReadonlySet<string>) {
  const hostnames = strange.map(({ hostname }) => hostname);
  const isUnique = (name: string) =>
    !taken.has(name) && hostnames.filter((one) => one === name).length === 1;
  return new Map(
    strange.map((entry) => {
      const id = idInTasks(entry);
      return [id, isUnique(entry.hostname) ? entry.hostname : id];
    }),
  );
}

/** Of these the swarm may know more than this machine, which cannot reach them. */
const UNREACHED: readonly string[] = ["no answer", "login refused", "wrong host key"];

function livingPhone({ state, swarmState, leader }: PhoneStatus): LivingPhone {
  const isUnreached = UNREACHED.includes(state);
  const isDown =
    swarmState === "down" ||
    ["no docker", "docker is off"].includes(state) ||
    (state === "no answer" && swarmState !== "ready");
  const takesTasks = !isDown && !["drained", "paused"].includes(state);
  const known = { isDown, takesTasks };
  if (isDown) return { ...known, word: "down", reason: state === "down" ? "answers here" : state };
  if (leader) return { ...known, word: "leader now", reason: state === "ready" ? "" : state };
  const reason = isUnreached && swarmState !== undefined ? `swarm: ${swarmState}` : "";
  return { ...known, word: state, reason };
}

function livingStranger({ state, leader, availability }: SwarmNode): LivingPhone {
  const isDown = state === "down";
  const word = isDown ? "down" : leader ? "leader now" : state;
  const takesTasks = !isDown && availability === "active";
  return { word, reason: "not declared", isDown, takesTasks };
}

function counted(names: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}
