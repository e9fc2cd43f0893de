/** What the user calls a phone's job: a master is a Swarm manager, a compute a Swarm worker. Both run containers. */
export type Role = "master" | "compute";

/** The platforms that images are pinned to, in Docker's notation. */
export type Platform = "linux/arm/v7" | "linux/arm64" | "linux/amd64";

/** Where the operator stands towards the phones: look at them before planning, or not. */
export type ObserveMode = "auto" | "always" | "never";

/** One phone of the drawer. Its key is its identity (its slot), whatever hardware stands in it. */
export interface NodeConfig {
  readonly key: string;
  readonly address: string;
  readonly role: Role;
  readonly hostKey: string;
  readonly user: string;
  readonly port: number;
  readonly platform: Platform;
  readonly availability: "active" | "pause" | "drain";
  readonly labels: Readonly<Record<string, string>>;
}

/** How the operator's machine reaches the phones. */
export interface SshConfig {
  readonly identityFile: string;
  readonly jumpHost: string | undefined;
  readonly connectTimeoutSeconds: number;
}

/** What is set in the engines' daemon.json, and where they take networks from, in CIDR notation. */
export interface EngineConfig {
  readonly logs: { readonly maxSize: string; readonly maxFiles: number };
  readonly registryMirrors: readonly string[];
  /** By registry, as images name it: the path of its certificates inside the project. */
  readonly registryCertificates: Readonly<Record<string, string>>;
  readonly bridgePool?: string | undefined;
  readonly swarmPool?: string | undefined;
}

/** A variable of a stack: written in the settings, or the name of a secret setting. */
export type StackVariable = string | { readonly secret: string };

/** One stack: its Compose files and the variables that its files may use. */
export interface StackConfig {
  readonly name: string;
  readonly files: readonly string[];
  readonly environment: Readonly<Record<string, StackVariable>>;
  /** Compose secret key -> name of the secret setting that holds its content. */
  readonly secrets: Readonly<Record<string, string>>;
}

/** The settings, complete: every default is already in place. */
export interface Config {
  readonly platform: Platform;
  readonly ssh: SshConfig;
  readonly nodes: readonly NodeConfig[];
  readonly stacks: readonly StackConfig[];
  readonly routingMesh: boolean;
  readonly engine: EngineConfig;
  /** Whether what a stack's label claims and no stack file declares is removed from the swarm. */
  readonly prune: boolean;
  readonly observe: ObserveMode;
  /** How long a look at a phone may take, once it is connected. */
  readonly observeTimeoutSeconds: number;
  readonly readyTimeoutSeconds: number;
  /** Names of the secret settings that stacks use; their values travel apart from this. */
  readonly secretSettings: readonly string[];
}
