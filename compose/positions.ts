import type { ComposeNode, MapNode } from "./compose-node";

/** Finds `file:line:column` of a key path, or of the nearest key above it. */
export type Positions = (path: string) => string;

/** Remembers where everything stands in a stack's files; of several places, the last file's counts. */
export function positionsOf(documents: readonly MapNode[]): Positions {
  return (path) => {
    const found = documents.toReversed().map((document) => find(document, path));
    const best = found.reduce((left, right) => (right.length > left.length ? right : left), []);
    return best.at(-1)?.origin.where ?? "";
  };
}

// Keys may contain dots themselves, so the longest key that fits is taken at each step.
function find(document: MapNode, path: string): ComposeNode[] {
  const found: ComposeNode[] = [document];
  for (let rest = path; rest !== "";) {
    const step = next(found.at(-1), rest);
    if (!step) break;
    found.push(step.node);
    rest = step.rest;
  }
  return found;
}

function next(
  node: ComposeNode | undefined,
  path: string,
): { node: ComposeNode; rest: string } | undefined {
  if (node?.kind === "list") {
    const [matched = "", index = ""] = /^\[([0-9]+)\]\.?/.exec(path) ?? [];
    const item = node.items[Number(index)];
    return matched !== "" && item ? { node: item, rest: path.slice(matched.length) } : undefined;
  }
  if (node?.kind !== "map") return undefined;
  const fits = (key: string) =>
    path === key || path.startsWith(`${key}.`) || path.startsWith(`${key}[`);
  const keys = [...node.entries].filter(([key]) => key !== "" && fits(key));
  const [best] = keys.sort(([left], [right]) => right.length - left.length);
  if (!best) return undefined;
  const [key, value] = best;
  return { node: value, rest: path.slice(key.length).replace(/^\./, "") };
}
