import { Alias, isMap, isScalar, isSeq, LineCounter, parseDocument, type Document } from "yaml";

/** A place in a text file; the first line and the first column are 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/**
 * Where a setting stands in a `Pulumi.<stack>.yaml`, given as messages name it: `cloudlet:nodes.pixel-1.address`. What is
 * missing stands where it would belong; undefined where not even the setting's first part is there.
 */
export function settingPosition(settings: string, path: string): Position | undefined {
  const lines = new LineCounter();
  const document = parseDocument(settings, { lineCounter: lines });
  const config = document.get("config", true);
  let node: unknown = config;
  let at: number | undefined;
  let rest = path.split(".");
  while (rest.length > 0) {
    const found = entryOf(resolve(node, document), rest);
    if (found === undefined) break;
    at = found.start;
    node = found.value;
    rest = rest.slice(found.parts);
  }
  if (at === undefined) return undefined;
  const { line, col } = lines.linePos(at);
  return { line, column: col };
}

function resolve(node: unknown, document: Document): unknown {
  return node instanceof Alias ? node.resolve(document) : node;
}

interface Entry {
  readonly start: number;
  readonly value: unknown;
  /** How many parts of the path its key is: a label's name has dots of its own. */
  readonly parts: number;
}

function entryOf(node: unknown, path: readonly string[]): Entry | undefined {
  if (isSeq(node)) {
    const item: unknown = node.items[Number(path[0])];
    const start = startOf(item);
    return start === undefined ? undefined : { start, value: item, parts: 1 };
  }
  if (!isMap(node)) return undefined;
  for (let parts = path.length; parts > 0; parts -= 1) {
    const name = path.slice(0, parts).join(".");
    const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === name);
    const start = startOf(pair?.key);
    if (pair !== undefined && start !== undefined) return { start, value: pair.value, parts };
  }
  return undefined;
}

function startOf(node: unknown): number | undefined {
  const range: unknown =
    typeof node === "object" && node !== null && "range" in node ? node.range : undefined;
  return Array.isArray(range) && typeof range[0] === "number" ? range[0] : undefined;
}
