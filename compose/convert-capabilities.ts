import { byBytes } from "./omit-empty";

/** The capabilities to add and to drop, as the docker CLI sends them: named in full, sorted, once. */
export function convertCapabilities(
  add: readonly string[],
  drop: readonly string[],
): { CapabilityAdd: string[]; CapabilityDrop: string[] } {
  const added = normalise(add);
  const dropped = normalise(drop).filter((name) => !added.includes(name));
  return { CapabilityAdd: added.sort(byBytes), CapabilityDrop: dropped.sort(byBytes) };
}

function normalise(names: readonly string[]): string[] {
  const full = new Set(names.map(fullName));
  if (full.has("ALL")) return ["ALL"];
  // RESET means something only to docker service update.
  full.delete("RESET");
  return [...full];
}

function fullName(name: string): string {
  const upper = name.trim().toUpperCase();
  const isWhole = upper === "ALL" || upper === "RESET" || upper.startsWith("CAP_");
  return isWhole ? upper : `CAP_${upper}`;
}
