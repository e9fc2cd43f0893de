import { renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";
import {
  type Document,
  isMap,
  isScalar,
  type Pair,
  parse,
  parseDocument,
  stringify,
  type YAMLMap,
} from "yaml";
import { ConfigError } from "../config/problem";

/** What a settings file begins with that was not there before. */
const FRESH = `# Settings of this cloudlet's phones, begun by \`npm run adopt\`; Pulumi.example.yaml shows every setting there is.
`;

/** A place in a settings file: keys from the top, as in `["config", "cloudlet:nodes", "pixel-1"]`. */
type Path = readonly string[];

/** The text of a settings file with one more entry. All else stays as it was written; undefined stands for a file that is not there. */
export function withEntry(text: string | undefined, path: Path, entry: object): string {
  const old = text ?? FRESH;
  const document = readable(old);
  const changed = document.clone();
  const change = () => {
    // What stands there as nothing becomes a map: the library itself writes into maps only.
    for (const depth of path.keys()) {
      const at = path.slice(0, depth);
      const there = document.getIn(at, true) ?? null;
      if (isMap(there) || !isEmpty(there)) continue;
      if (depth === 0) changed.contents = changed.createNode({});
      else changed.setIn(at, changed.createNode({}));
    }
    changed.setIn(path, changed.createNode(entry));
  };
  return settle(path, changed, change, () => insert(old, document, path, entry));
}

/** The text of a settings file without an entry. All else stays as it was written. */
export function withoutEntry(text: string, path: Path): string {
  const document = readable(text);
  const changed = document.clone();
  return settle(
    path,
    changed,
    () => changed.deleteIn(path),
    () => cut(text, document, path),
  );
}

/** Puts a file in the place of another at once: a reader sees the old one or the new one, never half. */
export function writeFileAtomically(path: string, text: string): void {
  const beside = `${path}.${process.pid}.new`;
  try {
    const mode = statSync(path, { throwIfNoEntry: false })?.mode;
    writeFileSync(beside, text, mode === undefined ? {} : { mode: mode & 0o777 });
    renameSync(beside, path);
  } finally {
    rmSync(beside, { force: true });
  }
}

function readable(text: string): Document {
  const document = parseDocument(text);
  if (document.errors.length === 0) return document;
  throw new ConfigError([{ where: "settings", message: "expected YAML, got something else" }]);
}

// Cutting and pasting lines keeps every byte elsewhere. The library knows what the result must mean; where it means something else
// (flow style, aliases), the library writes the file itself, which keeps comments and order, though not every blank.
function settle(
  path: Path,
  changed: Document,
  change: () => unknown,
  paste: () => string | undefined,
): string {
  try {
    change();
  } catch {
    const message = "expected a map that can be written to, got something else";
    throw new ConfigError([{ where: path.slice(1).join("."), message }]);
  }
  const written = changed.toString({ lineWidth: 0, flowCollectionPadding: false });
  const pasted = paste();
  return pasted !== undefined && meansTheSame(pasted, written) ? pasted : written;
}

function meansTheSame(text: string, other: string): boolean {
  try {
    return isDeepStrictEqual(parse(text), parse(other));
  } catch {
    return false;
  }
}

function insert(text: string, document: Document, path: Path, entry: object): string | undefined {
  let node: unknown = document.contents;
  for (const [depth, name] of path.entries()) {
    if (node === null) return paste(text, text.length, 0, nest(path.slice(depth), entry));
    if (!isMap(node) || node.flow === true) return undefined;
    const pair = pairOf(node, name);
    const indent = indentOf(text, node);
    if (indent === undefined) return undefined;
    if (pair === undefined) {
      return paste(text, endOf(text, node, indent), indent, nest(path.slice(depth), entry));
    }
    if (isEmpty(pair.value)) {
      const [start, end] = valueRange(pair);
      const bare = text.slice(0, start).replace(/[ \t]+$/, "") + text.slice(end);
      const line = lineEnd(bare, keyEnd(pair));
      return paste(bare, line, indent + 2, nest(path.slice(depth + 1), entry));
    }
    node = pair.value;
  }
  return undefined; // it is there already, and has to be replaced
}

function cut(text: string, document: Document, path: Path): string | undefined {
  const parentPath = path.slice(0, -1);
  const map: unknown = document.getIn(parentPath, true);
  if (!isMap(map) || map.flow === true) return undefined;
  const pair = pairOf(map, path.at(-1) ?? "");
  const start = pair === undefined ? undefined : rangeOf(pair.key)?.[0];
  const indent = indentOf(text, map);
  if (pair === undefined || start === undefined || indent === undefined) return undefined;
  const from = text.lastIndexOf("\n", start) + 1;
  const rest = text.slice(endOf(text, pair.value ?? pair.key, indent));
  if (map.items.length > 1) return text.slice(0, from) + rest;
  const holder: unknown = document.getIn(parentPath.slice(0, -1), true);
  const holding = isMap(holder) ? pairOf(holder, parentPath.at(-1) ?? "") : undefined;
  if (holding === undefined) return undefined;
  const colon = text.indexOf(":", keyEnd(holding)) + 1;
  return `${text.slice(0, colon)} {}${text.slice(colon, from)}${rest}`;
}

function pairOf(map: YAMLMap, name: string): Pair | undefined {
  return map.items.find(({ key }) => isScalar(key) && key.value === name);
}

function nest(path: Path, entry: object): object {
  return path.reduceRight<object>((inner, name) => ({ [name]: inner }), entry);
}

function isEmpty(value: unknown): boolean {
  if (isMap(value)) return value.items.length === 0 && value.anchor === undefined;
  return value === null || (isScalar(value) && value.value === null && value.anchor === undefined);
}

type Range = readonly [start: number, valueEnd: number, nodeEnd: number];

function rangeOf(node: unknown): Range | undefined {
  const has = typeof node === "object" && node !== null && "range" in node;
  return has && Array.isArray(node.range) ? (node.range as unknown as Range) : undefined;
}

function keyEnd(pair: Pair): number {
  return rangeOf(pair.key)?.[1] ?? 0;
}

function valueRange(pair: Pair): readonly [number, number] {
  const range = rangeOf(pair.value);
  // An empty value is nowhere: some libraries' versions put it behind the comment of its line.
  const isWritten = range !== undefined && range[1] > range[0];
  return isWritten ? [range[0], range[1]] : [keyEnd(pair), keyEnd(pair)];
}

/** How far a block map's keys are indented. */
function indentOf(text: string, map: YAMLMap): number | undefined {
  const start = rangeOf(map.items[0]?.key)?.[0];
  return start === undefined ? undefined : start - (text.lastIndexOf("\n", start - 1) + 1);
}

/** Where the lines of a value end, with the comments that stand deeper than `indent` below them. */
function endOf(text: string, node: unknown, indent: number): number {
  let last: unknown = node;
  while (isMap(last) && last.flow !== true && last.items.length > 0) {
    const pair = last.items.at(-1);
    last = pair?.value ?? pair?.key;
  }
  const at = rangeOf(last)?.[1] ?? text.length;
  let end = at > 0 && text[at - 1] === "\n" ? at : lineEnd(text, at);
  for (;;) {
    const comment = /^( *)#[^\n]*(\n|$)/.exec(text.slice(end));
    if (comment === null || (comment[1] ?? "").length <= indent) return end;
    end += comment[0].length;
  }
}

function lineEnd(text: string, from: number): number {
  const at = text.indexOf("\n", from);
  return at === -1 ? text.length : at + 1;
}

function paste(text: string, at: number, indent: number, entry: object): string {
  const newline = text.includes("\r\n") ? "\r\n" : "\n";
  const lines = stringify(entry, { lineWidth: 0 }).trimEnd().split("\n");
  const block = lines.map((line) => " ".repeat(indent) + line + newline).join("");
  const before = text.slice(0, at);
  const gap = before === "" || before.endsWith("\n") ? "" : newline;
  return before + gap + block + text.slice(at);
}
