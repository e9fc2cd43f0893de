import type { ConfigSpec, SecretSpec } from "../compose/swarm-spec";
import type { Problem } from "../config/problem";
import type { SwarmFacts } from "../observe/facts";
import { changeEffect } from "./change-effect";
import type { PlannedFile, PlannedService, PlannedStack } from "./planned-stack";
import { PREDEFINED_NETWORKS, serviceDrift } from "./service-drift";

const MISSING = "it is not there";

/** A stack with what differs in the swarm, of what is written through the Engine API. `now` is the time in Unix seconds. */
export function withDrift(
  stack: PlannedStack,
  swarm: SwarmFacts | undefined,
  now: number,
): PlannedStack {
  if (swarm === undefined) return stack;
  const inSwarm = { secrets: new Set(swarm.secrets), configs: new Set(swarm.configs) };
  const fileDrift = <Spec extends SecretSpec | ConfigSpec>(
    files: readonly PlannedFile<Spec>[],
    kind: "secrets" | "configs",
  ) =>
    files.map((file) => ({
      ...file,
      drift: inSwarm[kind].has(file.spec.Name) ? [] : [MISSING],
      nextRepair: now,
    }));
  return {
    ...stack,
    secrets: fileDrift(stack.secrets, "secrets"),
    configs: fileDrift(stack.configs, "configs"),
    services: stack.services.map((service) => ({
      ...service,
      ...compare(service, swarm),
      nextRepair: now,
    })),
  };
}

function compare(
  { spec, engineReasons }: PlannedService,
  swarm: SwarmFacts,
): Pick<PlannedService, "drift" | "effect"> {
  const throughEngine = engineReasons.length > 0;
  const living = swarm.services.find(({ name }) => name === spec.Name);
  if (living === undefined) return { drift: throughEngine ? [MISSING] : [], effect: "" };
  const networks = new Map(swarm.networks.map(({ id, name }) => [id, name]));
  const drift = serviceDrift(spec, living.spec, networks);
  return throughEngine
    ? { drift, effect: changeEffect(spec, drift, "engine") }
    : { drift: [], effect: changeEffect(spec, drift, "provider") };
}

/** A problem for each external object that a stack uses and the swarm does not have. */
export function missingObjects(stacks: readonly PlannedStack[], swarm: SwarmFacts): Problem[] {
  const there = {
    network: new Set([...PREDEFINED_NETWORKS, ...swarm.networks.map(({ name }) => name)]),
    secret: new Set(swarm.secrets),
    config: new Set(swarm.configs),
  };
  const all = stacks.flatMap(({ external }) => external);
  return all
    .filter(({ kind, name }) => !there[kind].has(name))
    .map(({ kind, name, key, where }) => ({
      where,
      message: `${key} is external: expected a ${kind} of this name in the swarm, got none; ${HOW_TO_MAKE[kind](name)}`,
    }));
}

const HOW_TO_MAKE = {
  network: (name: string) => `make it on a master: docker network create -d overlay ${name}`,
  secret: (name: string) =>
    `make it on a master: docker secret create ${name} FILE, or give it as a setting: pulumi config set --secret, named under secrets of the stack's settings`,
  config: (name: string) => `make it on a master: docker config create ${name} FILE`,
};
