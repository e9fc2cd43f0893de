import type { ConfigSpec, NetworkSpec, SecretSpec, ServiceSpec } from "../compose/swarm-spec";

/** One stack, settled: what the swarm shall hold, in the Engine API's shape, under names that are known before deployment. */
export interface PlannedStack {
  readonly name: string;
  readonly networks: readonly PlannedObject<NetworkSpec>[];
  readonly secrets: readonly PlannedObject<SecretSpec>[];
  readonly configs: readonly PlannedObject<ConfigSpec>[];
  readonly services: readonly PlannedService[];
  /** Texts that must not appear in clear anywhere in the state; parts of the specs hold them. */
  readonly sensitive: readonly string[];
  /** Changes with anything that the services are made of. */
  readonly revision: string;
  readonly readyTimeoutSeconds: number;
}

/** An object of the swarm with its name in the Pulumi program, which a changed content does not change. */
export interface PlannedObject<Spec> {
  readonly logicalName: string;
  readonly spec: Spec;
}

/** A service, and where its published ports answer. */
export interface PlannedService extends PlannedObject<ServiceSpec> {
  readonly addresses: readonly string[];
}
