import type { Condition } from "./condition";

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
  readonly addresses: readonly PhoneAddress[];
  /** Whether our rules are loaded; none where the phone has no filter table to load them into. */
  readonly firewall: "open" | "closed" | "none";
  /** SHA-256 of our firewall drop-in, empty where there is none. */
  readonly firewallHash: string;
  /** Other files of ours that are no longer as we left them. */
  readonly changedFiles?: readonly string[];
  /** The number that the last provisioning left here, undefined where there was none. */
  readonly repairs: number | undefined;
  /** Asked of masters only: the swarm as this one sees it; undefined too where it has no majority to ask. */
  readonly swarm: SwarmFacts | undefined;
  readonly kernel?: KernelFacts;
  /** Cgroup controllers that its kernel has; absent where it does not say. */
  readonly cgroups?: readonly string[];
  /** How far its clock was ahead of this machine's when it answered; negative where it was behind. */
  readonly clockAheadSeconds?: number;
  readonly memory?: { readonly totalBytes: number; readonly availableBytes: number };
  /** On the filesystem of /var/lib/docker. */
  readonly freeDiskBytes?: number;
  readonly totalDiskBytes?: number;
  readonly condition?: Condition;
  readonly machineId?: string;
}

/** An IPv4 address of a phone; what is absent could not be known. */
export interface PhoneAddress {
  readonly device: string;
  readonly address: string;
  /** Leading bits that all addresses of its network share. */
  readonly prefixLength?: number;
  readonly mtu?: number;
  /** Handed out for a while, as DHCP does. */
  readonly dynamic?: boolean;
}

/** A part of the kernel that a cloudlet may need, by its module's name. */
export type KernelFeature =
  "ip_vs" | "vxlan" | "br_netfilter" | "overlay" | "nft_compat" | "xt_bpf" | "xt_u32" | "esp4";

/** The kernel that a phone runs. */
export interface KernelFacts {
  /** `uname -r`. */
  readonly release: string;
  /** There are modules on the phone, and none for this kernel: it was upgraded, and not rebooted since. */
  readonly modulesGone: boolean;
  /** Whether a feature is there, built in or as a module; absent where that cannot be known. */
  readonly features: Readonly<Partial<Record<KernelFeature, boolean>>>;
}

/** The Docker engine of a phone. */
export interface EngineFacts {
  readonly installed: boolean;
  readonly enabledAtBoot: boolean;
  readonly running: boolean;
  /** It runs and does not answer in time, as while masters elect a leader: of what it would say nothing is known. */
  readonly silent?: boolean;
  readonly version: string;
  /** Whether the login user may use the engine's socket without becoming root. */
  readonly userHasAccess: boolean;
  /** Of its own, unless the phone is a copy of another. */
  readonly id?: string;
  /** From the engine, or from its settings while it is stopped. */
  readonly liveRestore?: boolean;
  /** Its settings file, parsed; absent where there is none or it cannot be read. */
  readonly daemonJson?: Readonly<Record<string, unknown>>;
  /** What cloudlet set in that file, parsed. */
  readonly daemonOurs?: Readonly<Record<string, unknown>>;
  /** It has to restart for its settings. */
  readonly restartPending?: boolean;
  /** Where it takes networks from, in CIDR notation, of what its settings or the swarm's say; Docker's own defaults are not told. */
  readonly addressPools?: readonly string[];
}

/** A node's place in a swarm. */
export interface Membership {
  readonly clusterId: string;
  readonly nodeId: string;
  /** Whether its certificate is a manager's. */
  readonly manager?: boolean;
  /** Where the swarm knows it; undefined while its engine does not run. */
  readonly address?: string;
  /** Addresses of the managers that it knows; undefined while its engine does not run. */
  readonly managers?: readonly string[];
  /** How long its certificate is still valid, by this machine's clock; below zero once it is not. */
  readonly secondsLeft?: number;
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
  /** All of it that carries the label of a stack. */
  readonly labelled: readonly LabelledObject[];
}

/** Something in the swarm that says which stack it belongs to. */
export interface LabelledObject {
  readonly kind: "service" | "network" | "secret" | "config";
  readonly name: string;
  readonly stack: string;
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
