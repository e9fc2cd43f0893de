import type { NetworkConfig, Pairs } from "./compose-config";
import { toRecord } from "./omit-empty";
import type { ProblemList } from "./problem-list";
import type { Labels } from "./swarm-spec";

/** The label by which Docker knows what belongs to a stack. */
export const stackLabel = "com.docker.stack.namespace";
/** The label under which Docker keeps an image's name as the file has it. */
export const imageLabel = "com.docker.stack.image";

/** The name in the swarm of what a stack file calls `name`. */
export function scopedName(stack: string, name: string): string {
  return `${stack}_${name}`;
}

/** Labels with the stack's own, which wins over the user's. */
export function stackLabels(stack: string, labels: Pairs | undefined): Labels {
  return toRecord([...(labels ?? []), [stackLabel, stack]]);
}

/** Warns of objects of one kind that have the same name in the swarm, where only one can be. */
export function warnSameNames(
  objects: readonly (readonly [key: string, object: Pick<NetworkConfig, "name" | "origin">])[],
  { stack, problems }: { stack: string; problems: ProblemList },
): void {
  const names = new Map<string, string>();
  for (const [key, { name, origin }] of objects) {
    const full = name || scopedName(stack, key);
    const first = names.get(full);
    if (first === undefined) names.set(full, key);
    else {
      const message = `is called ${full} in the swarm, as ${first} is, and only one of them can be`;
      problems.warn("surprise/same-name", origin, message);
    }
  }
}
