/** One plain value that differs, or that only one side has. */
export interface ValueChange {
  /** As `TaskTemplate.ContainerSpec.Env[0]`. */
  readonly path: string;
  readonly before: unknown;
  readonly after: unknown;
}

/** What the engine shows for a value that only an `up` will know. */
const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
const LONGEST_VALUE = 200;

/** All plain values that differ between two trees, in the order of their paths. */
export function valueChanges(before: unknown, after: unknown): ValueChange[] {
  const old = leavesOf(before);
  const now = leavesOf(after);
  const paths = [...new Set([...old.keys(), ...now.keys()])].sort();
  return paths
    .map((path) => ({ path, before: old.get(path), after: now.get(path) }))
    .filter((change) => change.before !== change.after);
}

function leavesOf(value: unknown): Map<string, unknown> {
  const leaves = new Map<string, unknown>();
  const walk = (item: unknown, path: string) => {
    if (Array.isArray(item)) {
      item.forEach((entry, index) => {
        walk(entry, `${path}[${index}]`);
      });
    } else if (typeof item === "object" && item !== null) {
      for (const [key, entry] of Object.entries(item)) {
        // The provider bridge's own notes.
        if (!key.startsWith("__")) walk(entry, path === "" ? key : `${path}.${key}`);
      }
    } else if (item !== undefined && item !== null) leaves.set(path, item);
  };
  walk(value, "");
  return leaves;
}

/** A value for people; long ones are cut. */
export function showLeaf(value: unknown): string {
  if (value === undefined) return "nothing";
  if (value === UNKNOWN) return "known after the up";
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return text.length > LONGEST_VALUE ? `${text.slice(0, LONGEST_VALUE)}...` : text;
}

/** Changed values as lines of a diff. */
export function changedLines(changes: readonly ValueChange[]): string[] {
  return changes.flatMap(({ path, before, after }) => [
    ...(before === undefined ? [] : [`- ${path}: ${showLeaf(before)}`]),
    ...(after === undefined ? [] : [`+ ${path}: ${showLeaf(after)}`]),
  ]);
}

/** Lines that only one of two texts has, as in a diff without context. */
export function lineChanges(before: string, after: string): string[] {
  const gone = without(before.split("\n"), after.split("\n"));
  const come = without(after.split("\n"), before.split("\n"));
  return [...gone.map((line) => `- ${line}`), ...come.map((line) => `+ ${line}`)];
}

function without(lines: readonly string[], others: readonly string[]): string[] {
  const left = new Map<string, number>();
  for (const line of others) left.set(line, (left.get(line) ?? 0) + 1);
  return lines.filter((line) => {
    const count = left.get(line) ?? 0;
    left.set(line, count - 1);
    return count <= 0;
  });
}
