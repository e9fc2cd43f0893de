import type { ConfigSpec, NetworkSpec, SecretSpec, ServiceSpec } from "../compose/swarm-spec";

/** One stack, settled: what the swarm shall hold, in the Engine API's shape, under names that are known before deployment. */
export interface PlannedStack {
  readonly name: string;
  readonly networks: readonly PlannedObject<NetworkSpec>[];
  readonly secrets: readonly PlannedFile<SecretSpec>[];
  readonly configs: readonly PlannedFile<ConfigSpec>[];
  readonly services: readonly PlannedService[];
  /** What must be in the swarm already, by the name that its services use. */
  readonly external: readonly ExternalObject[];
  /** Texts that must not appear in clear anywhere in the state; parts of the specs hold them. */
  readonly sensitive: readonly string[];
  /** Changes with anything that the services are made of, and is as secret as they are. */
  readonly revision: string;
  readonly readyTimeoutSeconds: number;
}

/** An object of the swarm with its name in the Pulumi program, which a changed content does not change. */
export interface PlannedObject<Spec> {
  readonly logicalName: string;
  readonly spec: Spec;
}

/** An object that the docker provider writes, or, where there are reasons against it, we through the Engine API. */
export interface PlannedFile<Spec> extends PlannedObject<Spec> {
  readonly engineReasons: readonly string[];
  /** What differs in the swarm from what is declared, of what is written through the Engine API; empty where nobody looked. */
  readonly drift: readonly string[];
  /** Tells the next repair of that from every earlier one: Unix seconds. */
  readonly nextRepair: number;
}

/** A service, and where its published ports answer. */
export interface PlannedService extends PlannedFile<ServiceSpec> {
  /** The services that must run before this one is created, by name. */
  readonly dependsOn: readonly string[];
  readonly addresses: readonly string[];
  /** What the change that comes does to its running tasks; empty where nothing is known to change. */
  readonly effect: string;
  /** `file:line:column` of its ports. */
  readonly portsWhere: string;
}

/** An object that a stack uses and does not declare. */
export interface ExternalObject {
  readonly kind: "network" | "secret" | "config";
  readonly name: string;
  /** `file:line:column` and key, for the message that it is missing. */
  readonly where: string;
  readonly key: string;
}
