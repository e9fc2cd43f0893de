import type { Origin } from "./source-file";

/** A stack's files after they were read and before they are converted; the words are Compose's. */
export interface ComposeConfig {
  services: Map<string, ServiceConfig>;
  networks: Map<string, NetworkConfig>;
  volumes: Map<string, VolumeConfig>;
  secrets: Map<string, FileObjectConfig>;
  configs: Map<string, FileObjectConfig>;
}

/** Name and value pairs; a Map, so that names such as `__proto__` are like any other. */
export type Pairs = Map<string, string>;
/** An environment: null is a variable that is to be unset in the container. */
export type Environment = Map<string, string | null>;

export interface ServiceConfig {
  name: string;
  origin: Origin;
  image: string;
  command?: string[];
  entrypoint?: string[];
  environment: Environment;
  workingDir: string;
  user: string;
  hostname: string;
  isolation: string;
  stopSignal: string;
  restart: string;
  tty: boolean;
  stdinOpen: boolean;
  readOnly: boolean;
  init?: boolean;
  stopGracePeriod?: number;
  labels?: Pairs;
  sysctls?: Pairs;
  capAdd: string[];
  capDrop: string[];
  ulimits: Map<string, Ulimit>;
  dns?: string[];
  dnsSearch?: string[];
  extraHosts: string[];
  logging?: LoggingConfig;
  credentialSpec: CredentialSpec;
  healthcheck?: HealthcheckConfig;
  ports?: PortConfig[];
  volumes?: MountConfig[];
  networks?: Map<string, AttachmentConfig | null>;
  /** Where each network is named, for messages. */
  networkOrigins?: Map<string, Origin>;
  secrets?: FileReference[];
  configs?: FileReference[];
  /** Keys of services. */
  dependsOn: string[];
  deploy: DeployConfig;
}

export interface Ulimit {
  soft: number;
  hard: number;
}

export interface LoggingConfig {
  driver: string;
  options?: Pairs;
}

export interface CredentialSpec {
  config: string;
  file: string;
  registry: string;
}

/** Durations here and below are nanoseconds. */
export interface HealthcheckConfig {
  origin: Origin;
  test?: string[];
  disable: boolean;
  timeout?: number;
  interval?: number;
  startPeriod?: number;
  startInterval?: number;
  retries?: number;
}

export interface PortConfig {
  target: number;
  published: number;
  protocol: string;
  mode: string;
}

export interface MountConfig {
  origin: Origin;
  type: string;
  source: string;
  target: string;
  readOnly: boolean;
  consistency: string;
  bind?: { propagation: string };
  volume?: { noCopy: boolean; subpath: string };
  tmpfs?: { sizeBytes: number };
}

export interface AttachmentConfig {
  aliases?: string[];
  driverOpts?: Pairs;
}

export interface FileReference {
  origin: Origin;
  source: string;
  target: string;
  uid: string;
  gid: string;
  mode?: number;
}

export interface DeployConfig {
  mode: string;
  endpointMode: string;
  replicas?: number;
  labels?: Pairs;
  updateConfig?: UpdateConfig;
  rollbackConfig?: UpdateConfig;
  limits?: Limits;
  reservations?: Reservations;
  restartPolicy?: RestartPolicy;
  constraints: string[];
  preferences: string[];
  maxReplicas: number;
}

export interface UpdateConfig {
  parallelism?: number;
  delay: number;
  failureAction: string;
  monitor: number;
  maxFailureRatio: number;
  order: string;
}

export interface Limits {
  /** As written; read when it is converted, as the docker CLI does. */
  cpus: string;
  memoryBytes: number;
  pids: number;
}

export interface Reservations {
  cpus: string;
  memoryBytes: number;
  genericResources: { kind: string; value: number }[];
}

export interface RestartPolicy {
  condition: string;
  delay?: number;
  maxAttempts?: number;
  window?: number;
}

interface TopLevelObject {
  origin: Origin;
  /** Empty where the name is the stack's and the key. */
  name: string;
  external: boolean;
  labels?: Pairs;
}

export interface NetworkConfig extends TopLevelObject {
  driver: string;
  driverOpts?: Pairs;
  internal: boolean;
  attachable: boolean;
  ipam: { driver: string; subnets: string[] };
}

export interface VolumeConfig extends TopLevelObject {
  driver: string;
  driverOpts?: Pairs;
}

export interface FileObjectConfig extends TopLevelObject {
  /** An absolute path; as written, and where, for messages. */
  file: string;
  fileWritten: string;
  fileOrigin?: Origin;
  driver: string;
  driverOpts?: Pairs;
  templateDriver: string;
}
