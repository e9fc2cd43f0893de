import type { Plan } from "./plan/plan";

/** What a deployment tells its user; holds no secret. */
export interface CloudletOutputs {
  readonly nodes: Readonly<Record<string, { role: string; address: string }>>;
  readonly stacks: Readonly<Record<string, readonly string[]>>;
  /** Where to point a browser, by service. */
  readonly addresses: Readonly<Record<string, readonly string[]>>;
}

/** Reads the outputs off the plan: all of them are known before anything is deployed. */
export function cloudletOutputs({ nodes, stacks }: Plan): CloudletOutputs {
  const services = stacks.flatMap((stack) => stack.services);
  return {
    nodes: Object.fromEntries(nodes.map(({ key, role, address }) => [key, { role, address }])),
    stacks: Object.fromEntries(
      stacks.map((stack) => [stack.name, stack.services.map(({ logicalName }) => logicalName)]),
    ),
    addresses: Object.fromEntries(
      services
        .filter(({ addresses }) => addresses.length > 0)
        .map(({ logicalName, addresses }) => [logicalName, addresses]),
    ),
  };
}
