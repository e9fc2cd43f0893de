import type { Pairs } from "./compose-config";
import { toRecord } from "./omit-empty";
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
