// The bodies of the Engine API's create calls (API 1.49), as far as a stack file can ask for them.
// Names and units are the Engine's: nanoseconds, bytes, nano-CPUs. Absent means absent: nothing is filled in.

/** Labels of an object of the Engine. */
export type Labels = Record<string, string>;

/** Everything that one stack asks a swarm for, by full name. */
export interface SwarmSpec {
  networks: Record<string, NetworkSpec>;
  secrets: Record<string, SecretSpec>;
  configs: Record<string, ConfigSpec>;
  services: Record<string, ServiceSpec>;
}

/** Body of `POST /networks/create`. */
export interface NetworkSpec {
  Name: string;
  Driver: string;
  Labels: Labels;
  Attachable?: boolean;
  Internal?: boolean;
  Options?: Record<string, string>;
  IPAM?: { Driver?: string; Config?: { Subnet: string }[] };
}

/** A driver with its options, of a secret, a template, a volume or a log. */
export interface Driver {
  Name: string;
  Options?: Record<string, string>;
}

/** Body of `POST /secrets/create`; `Data` is base64. */
export interface SecretSpec {
  Name: string;
  Labels: Labels;
  Data?: string;
  Driver?: Driver;
  Templating?: Driver;
}

/** Body of `POST /configs/create`; `Data` is base64. */
export interface ConfigSpec {
  Name: string;
  Labels: Labels;
  Data?: string;
  Templating?: Driver;
}

/** Body of `POST /services/create`. */
export interface ServiceSpec {
  Name: string;
  Labels: Labels;
  TaskTemplate: TaskSpec;
  Mode: ServiceMode;
  UpdateConfig?: UpdateConfig;
  RollbackConfig?: UpdateConfig;
  EndpointSpec?: EndpointSpec;
}

/** One of the four. */
export interface ServiceMode {
  Replicated?: { Replicas?: number };
  Global?: Record<string, never>;
  ReplicatedJob?: { MaxConcurrent?: number; TotalCompletions?: number };
  GlobalJob?: Record<string, never>;
}

/** How an update (or a rollback) proceeds. */
export interface UpdateConfig {
  Parallelism: number;
  Delay?: number;
  FailureAction?: string;
  Monitor?: number;
  MaxFailureRatio?: number;
  Order?: string;
}

/** How a service is reached. */
export interface EndpointSpec {
  Mode?: string;
  Ports?: PortConfig[];
}

/** One published port. */
export interface PortConfig {
  TargetPort: number;
  PublishedPort?: number;
  Protocol?: string;
  PublishMode?: string;
}

/** What each task of a service is. */
export interface TaskSpec {
  ContainerSpec: ContainerSpec;
  Networks?: NetworkAttachment[];
  Placement?: Placement;
  Resources?: { Limits?: Limits; Reservations?: Reservations };
  RestartPolicy?: RestartPolicy;
  LogDriver?: Driver;
}

/** A network that a task is on; `Target` is its full name. */
export interface NetworkAttachment {
  Target: string;
  Aliases?: string[];
  DriverOpts?: Record<string, string>;
}

/** Where tasks may run. */
export interface Placement {
  Constraints?: string[];
  Preferences?: { Spread: { SpreadDescriptor: string } }[];
  MaxReplicas?: number;
}

/** The most that a task may use. */
export interface Limits {
  NanoCPUs?: number;
  MemoryBytes?: number;
  Pids?: number;
}

/** What a node must have left for a task. */
export interface Reservations {
  NanoCPUs?: number;
  MemoryBytes?: number;
  GenericResources?: { DiscreteResourceSpec: { Kind: string; Value: number } }[];
}

/** When an ended task is started again. */
export interface RestartPolicy {
  Condition?: string;
  Delay?: number;
  MaxAttempts?: number;
  Window?: number;
}

/** The container of a task. */
export interface ContainerSpec {
  Image: string;
  Labels?: Labels;
  Command?: string[];
  Args?: string[];
  Hostname?: string;
  Env?: string[];
  Dir?: string;
  User?: string;
  Privileges?: { CredentialSpec?: { Config?: string; File?: string; Registry?: string } | null };
  Init?: boolean;
  StopSignal?: string;
  TTY?: boolean;
  OpenStdin?: boolean;
  ReadOnly?: boolean;
  Mounts?: Mount[];
  StopGracePeriod?: number;
  Healthcheck?: HealthConfig;
  Hosts?: string[];
  DNSConfig?: { Nameservers?: string[]; Search?: string[]; Options?: string[] };
  Secrets?: SecretReference[];
  Configs?: ConfigReference[];
  Isolation?: string;
  Sysctls?: Record<string, string>;
  CapabilityAdd?: string[];
  CapabilityDrop?: string[];
  Ulimits?: { Name: string; Soft: number; Hard: number }[];
}

/** How the Engine finds out whether a container is well. */
export interface HealthConfig {
  Test?: string[];
  Interval?: number;
  Timeout?: number;
  StartPeriod?: number;
  StartInterval?: number;
  Retries?: number;
}

/** A mount of a container. */
export interface Mount {
  Type: string;
  Source?: string;
  Target: string;
  ReadOnly?: boolean;
  Consistency?: string;
  BindOptions?: { Propagation?: string };
  VolumeOptions?: { NoCopy?: boolean; Labels?: Labels; DriverConfig?: Driver; Subpath?: string };
  TmpfsOptions?: { SizeBytes?: number };
  ClusterOptions?: Record<string, never>;
}

/** Where a secret or config appears in a container; `Mode` is the number, not its octal digits. */
export interface FileTarget {
  Name: string;
  UID: string;
  GID: string;
  Mode: number;
}

/** A secret that a container sees; it is named, its id is found at deployment. */
export interface SecretReference {
  SecretName: string;
  SecretID?: string;
  File: FileTarget;
}

/** A config that a container sees; it is named, its id is found at deployment. */
export interface ConfigReference {
  ConfigName: string;
  ConfigID?: string;
  File?: FileTarget;
  Runtime?: Record<string, never>;
}
