import type { LabelledObject, SwarmFacts } from "../observe/facts";
import type { PlannedStack } from "./planned-stack";

/** What the swarm holds under the label of a declared stack and no stack file declares; `docker stack deploy --prune` goes by the same label. */
export function undeclaredObjects(
  stacks: readonly PlannedStack[],
  { labelled }: SwarmFacts,
): LabelledObject[] {
  const names = new Set(stacks.map(({ name }) => name));
  const declared = new Set(
    stacks.flatMap(({ services, networks, secrets, configs }) => [
      ...services.map(({ spec }) => `service ${spec.Name}`),
      ...networks.map(({ spec }) => `network ${spec.Name}`),
      ...secrets.map(({ spec }) => `secret ${spec.Name}`),
      ...configs.map(({ spec }) => `config ${spec.Name}`),
    ]),
  );
  const there = new Set(labelled.map(({ kind, name }) => `${kind} ${name}`));
  const arriving = [...declared].filter((one) => !there.has(one)).map(withoutHash);
  return labelled.filter(({ kind, name, stack }) => {
    const one = `${kind} ${name}`;
    // The old content of a secret or config goes by itself, once the new one is there.
    return names.has(stack) && !declared.has(one) && !arriving.includes(withoutHash(one));
  });
}

const withoutHash = (text: string) => text.replace(/_[0-9a-f]{10}$/, "_");

/** One note for all of them, where they are only listed. The state may know them as something that this run removes. */
export function describeUndeclared(objects: readonly LabelledObject[]): string[] {
  if (objects.length === 0) return [];
  const list = objects.map(({ kind, name }) => `${kind} ${name}`).join(", ");
  return [
    `in the swarm under a stack's label, and in no stack file: ${list}; what this run does not delete anyway, it does with cloudlet:prune: true`,
  ];
}
