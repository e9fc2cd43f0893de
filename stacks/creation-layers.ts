import type { PlannedService } from "../plan/planned-stack";

/** Services that are created together, and by name those that must run before. */
export interface CreationLayer {
  readonly services: readonly PlannedService[];
  readonly after: readonly string[];
}

/**
 * Services in the order of their `depends_on`, each in the first layer that it can be in. Those that depend on each other in a
 * circle come last, and together, as nothing can start before all else.
 */
export function creationLayers(services: readonly PlannedService[]): CreationLayer[] {
  const layers: CreationLayer[] = [];
  const created = new Set<string>();
  let waiting = services;
  while (waiting.length > 0) {
    const ready = waiting.filter(({ dependsOn }) => dependsOn.every((name) => created.has(name)));
    const layer = ready.length > 0 ? ready : waiting;
    const needed = layer.flatMap(({ dependsOn }) => dependsOn).filter((name) => created.has(name));
    layers.push({ services: layer, after: [...new Set(needed)].sort() });
    for (const { spec } of layer) created.add(spec.Name);
    waiting = waiting.filter(({ spec }) => !created.has(spec.Name));
  }
  return layers;
}
