// Values that some API fields always carry and that mean nothing.
const noise = new Set(["ForceUpdate", "ConfigFrom", "ConfigOnly", "Ingress", "Scope"]);
// Lists that the Engine takes in any order.
const unordered = new Set(["Mounts", "Networks", "Secrets", "Configs", "Constraints", "Ports"]);
// Here an empty object says something: which mode a service has, and that a target is a runtime.
const meaningful = new Set([
  "Mode",
  "Replicated",
  "Global",
  "ReplicatedJob",
  "GlobalJob",
  "Runtime",
]);

/** A spec as the Engine sees it: without noise and empty values, and with unordered lists sorted. */
export function comparable(value: unknown, key = ""): unknown {
  if (Array.isArray(value)) {
    const items = value.map((item: unknown) => comparable(item));
    const sorted = unordered.has(key) ? items.sort(byJson) : items;
    return sorted.length > 0 ? sorted : undefined;
  }
  if (typeof value !== "object") return value === "" || value === false ? undefined : value;
  const entries = Object.entries(value ?? {})
    .filter(([name]) => !noise.has(name))
    .map(([name, entry]) => [name, comparable(entry, name)] as const)
    .filter(([, entry]) => entry !== undefined)
    .sort(([left], [right]) => (left < right ? -1 : 1));
  return entries.length > 0 || (value && meaningful.has(key))
    ? Object.fromEntries(entries)
    : undefined;
}

/** The lines that two comparable values do not share, `-` for the first and `+` for the second. */
export function differingLines(wanted: unknown, found: unknown): string[] {
  const [left, right] = [wanted, found].map((value) => JSON.stringify(value ?? {}, null, 1));
  if (left === undefined || right === undefined || left === right) return [];
  const [before, after] = [left.split("\n"), right.split("\n")];
  const lines = [
    ...before.filter((line) => !after.includes(line)).map((line) => `- ${line}`),
    ...after.filter((line) => !before.includes(line)).map((line) => `+ ${line}`),
  ];
  return lines.length > 0 ? lines : ["the same lines in another order"];
}

function byJson(left: unknown, right: unknown): number {
  return JSON.stringify(left) < JSON.stringify(right) ? -1 : 1;
}
