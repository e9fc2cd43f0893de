import type { NodeConfig } from "../config/config";
import type { LabelledObject } from "../observe/facts";
import type { EngineSettings } from "./engine-settings";
import type { PhoneEffects } from "./phone-effect";
import type { PlannedStack } from "./planned-stack";
import type { RegistryCertificates } from "./registry-certificates";

/** Everything that is decided before the first resource is declared: plain data, the same for the same inputs. */
export interface Plan {
  /** Masters first, in the order in which they join; then those that are masters no more; then the other computes. */
  readonly nodes: readonly PlannedNode[];
  readonly swarm: PlannedSwarm;
  readonly stacks: readonly PlannedStack[];
  /** What the swarm holds under a stack's label and no stack file declares; removed if the settings say so. */
  readonly undeclared: readonly LabelledObject[];
  readonly prune: boolean;
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
  /** What mending that does to tasks and masters. */
  readonly effects: PhoneEffects;
  /** A manager that is to become a worker: only after the new managers are there. */
  readonly demoted: boolean;
  /** A member that does not answer while the swarm does: it stays as it is, and its changes wait until it is back. */
  readonly waits: boolean;
  readonly engineSettings: EngineSettings;
  readonly registryCertificates: RegistryCertificates;
  /** A member whose engine has to restart: one phone after the other, drained first. */
  readonly restarts: boolean;
  /**
   * Words for its provisioning: "rename" and "machine-id" where another phone has its name or id, "leaves:ADDRESS" for each phone that
   * leaves the swarm in this run and has to be let in until then.
   */
  readonly words: readonly string[];
  /** The number that the next repair of the engine leaves on the phone: Unix seconds, unless its clock was ahead once. */
  readonly nextRepair: number;
  /** Tells the next repair of the membership from every earlier one: Unix seconds, as nothing on the phone counts those. */
  readonly nextJoin: number;
}

/** Where the swarm begins when there is none yet. */
export interface PlannedSwarm {
  readonly firstMaster: PlannedNode;
  /** Where a new one takes its networks from, in CIDR notation; undefined leaves it to Docker. */
  readonly pool: string | undefined;
  /** None: all masters were looked at, none is in a swarm, and what the state knows of one is gone. Unknown where nobody looked. */
  readonly found: "none" | "some" | "unknown";
  /** Tells one beginning from the next: Unix seconds. */
  readonly generation: number;
}
