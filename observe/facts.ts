/** What one phone said of itself, or why it said nothing. A phone that cannot be reached is a fact, not a failure. */
export type PhoneFacts = ReachablePhone | UnreachablePhone;

/** Why a phone could not be looked at; `detail` is OpenSSH's last line. */
export interface UnreachablePhone {
  readonly reachable: false;
  readonly reason: "no answer" | "wrong host key" | "login refused";
  readonly detail: string;
}

/** A phone as it is now. */
export interface ReachablePhone {
  readonly reachable: true;
  readonly hostname: string;
  /** `uname -m`: armv7l, aarch64, x86_64... */
  readonly machine: string;
  /** How a command becomes root without a password. */
  readonly privilege: "root" | "sudo" | "doas" | "none";
  readonly initSystem: "openrc" | "systemd" | "none";
  readonly packageManager: "apk" | "apt" | "none";
  readonly engine: EngineFacts;
  /** From the node certificate on disk, so that it is known while Docker is stopped too. */
  readonly membership: Membership | undefined;
  /** Whether the kernel has what the routing mesh needs. */
  readonly ipVs: boolean;
  /** IPv4 addresses by interface. */
  readonly addresses: readonly { readonly device: string; readonly address: string }[];
  /** Whether our rules are loaded; none where the phone has no filter table to load them into. */
  readonly firewall: "open" | "closed" | "none";
  /** SHA-256 of our firewall drop-in, empty where there is none. */
  readonly firewallHash: string;
  /** The number that the last provisioning left here, undefined where there was none. */
  readonly repairs: number | undefined;
  /** Asked of masters only: the swarm as this one sees it; undefined too where it has no majority to ask. */
  readonly swarm: SwarmFacts | undefined;
}

/** The Docker engine of a phone. */
export interface EngineFacts {
  readonly installed: boolean;
  readonly enabledAtBoot: boolean;
  readonly running: boolean;
  readonly version: string;
  /** Whether the login user may use the engine's socket without becoming root. */
  readonly userHasAccess: boolean;
}

/** A node's place in a swarm. */
export interface Membership {
  readonly clusterId: string;
  readonly nodeId: string;
}

/** A swarm as one of its managers sees it. */
export interface SwarmFacts {
  readonly clusterId: string;
  readonly nodes: readonly SwarmNode[];
  readonly services: readonly LivingService[];
  /** Of the whole swarm's networks, not of this phone's own. */
  readonly networks: readonly { readonly id: string; readonly name: string }[];
  /** Names. */
  readonly secrets: readonly string[];
  readonly configs: readonly string[];
}

/** A service as it is now; `spec` is its Spec in the Engine API's shape. */
export interface LivingService {
  readonly name: string;
  readonly spec: object;
}

/** A line of `docker node ls`, in Swarm's own words. */
export interface SwarmNode {
  readonly id: string;
  readonly hostname: string;
  readonly role: "manager" | "worker";
  readonly availability: string;
  readonly state: string;
  readonly address: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly leader: boolean;
  readonly reachability: string;
}

/** Facts by the phone's key; a phone that nobody looked at has none. */
export type Facts = ReadonlyMap<string, PhoneFacts>;
