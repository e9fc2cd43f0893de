import type { NodeConfig } from "../config/config";
import type { PlannedStack } from "./planned-stack";

/** Everything that is decided before the first resource is declared: plain data, the same for the same inputs. */
export interface Plan {
  /** Masters first, in the order in which they join; then the computes. */
  readonly nodes: readonly PlannedNode[];
  readonly swarm: PlannedSwarm;
  readonly stacks: readonly PlannedStack[];
  /** What the operator should know and nothing has to be refused for. */
  readonly notes: readonly string[];
}

/** A phone with all that its scripts need to know. */
export interface PlannedNode extends NodeConfig {
  /** The user's labels and ours: the phone's key and its platform. */
  readonly nodeLabels: Readonly<Record<string, string>>;
  /** Answers of `uname -m` that run the platform's images. */
  readonly machines: readonly string[];
  /** The firewall drop-in, whole: Swarm's ports are open to the cloudlet's own phones, and to nobody else. */
  readonly firewall: string;
  /** What differs on the phone from what is declared, in the user's words; empty where nobody looked. */
  readonly drift: { readonly engine: readonly string[]; readonly membership: readonly string[] };
  /** A manager that is to become a worker: only after the new managers are there. */
  readonly demoted: boolean;
  /** The number that the next repair of the engine leaves on the phone. */
  readonly nextRepair: number;
  /** Tells the next repair of the membership from every earlier one: Unix seconds, as nothing on the phone counts those. */
  readonly nextJoin: number;
}

/** Where the swarm begins when there is none yet. */
export interface PlannedSwarm {
  readonly firstMaster: PlannedNode;
  /** All masters were looked at and none is in a swarm: what the state knows of one is gone. */
  readonly gone: boolean;
  /** Tells one beginning from the next: Unix seconds. */
  readonly generation: number;
}
