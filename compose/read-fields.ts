import type { Pairs } from "./compose-config";
import type { ComposeNode, MapNode } from "./compose-node";
import { got } from "./describe-value";
import { parseDuration } from "./parse-duration";
import { parseSize } from "./parse-size";
import { printScalar } from "./print-value";
import type { ProblemList } from "./problem-list";
import type { Origin } from "./source-file";

/**
 * Reads the keys of one mapping into Compose's types. What has the wrong type reads as absent: the
 * schema has already spoken of it.
 */
export class Fields {
  private readonly entries: ReadonlyMap<string, ComposeNode>;
  readonly origin: Origin;

  constructor(
    node: MapNode,
    readonly problems: ProblemList,
  ) {
    this.entries = node.entries;
    this.origin = node.origin;
  }

  node(key: string): ComposeNode | undefined {
    return this.entries.get(key);
  }

  /** The entries of the mapping at a key; undefined when there is none. */
  fields(key: string): Fields | undefined {
    const node = this.entries.get(key);
    return node?.kind === "map" ? new Fields(node, this.problems) : undefined;
  }

  /** The items of the list at a key; undefined when there is none. */
  items(key: string): readonly ComposeNode[] | undefined {
    const node = this.entries.get(key);
    return node?.kind === "list" ? node.items : undefined;
  }

  text(key: string): string {
    const node = this.entries.get(key);
    return node?.kind === "string" ? node.value : "";
  }

  flag(key: string): boolean {
    return this.maybeFlag(key) ?? false;
  }

  maybeFlag(key: string): boolean | undefined {
    const node = this.entries.get(key);
    return node?.kind === "boolean" ? node.value : undefined;
  }

  /** A whole number; Docker cuts fractions off. `bits` is how many it keeps. */
  whole(key: string, bits = 64): number | undefined {
    const node = this.entries.get(key);
    if (node?.kind === "integer")
      return Number(BigInt.asIntN(64, BigInt.asUintN(bits, node.value)));
    return node?.kind === "float" ? Math.trunc(node.value) : undefined;
  }

  /** A whole number that must not be negative. */
  count(key: string, bits = 64): number | undefined {
    const node = this.entries.get(key);
    const isNegative = (node?.kind === "integer" || node?.kind === "float") && node.value < 0;
    if (!isNegative) return this.whole(key, bits);
    this.problems.add("decode/negative", node.origin, `must not be negative${got(node)}`);
    return undefined;
  }

  number(key: string): number {
    const node = this.entries.get(key);
    return node?.kind === "integer" || node?.kind === "float" ? Number(node.value) : 0;
  }

  /** Nanoseconds. */
  duration(key: string): number | undefined {
    const node = this.entries.get(key);
    return node?.kind === "string" ? parseDuration(node.value) : undefined;
  }

  /** Bytes. */
  size(key: string): number {
    const node = this.entries.get(key);
    if (node?.kind !== "string") return 0;
    const bytes = parseSize(node.value);
    if (bytes === undefined) {
      const message = `expected an amount of memory${got(node)}; write it as "512m" (b, k, m, g, t, p)`;
      this.problems.add("decode/size", node.origin, message);
    }
    return bytes ?? 0;
  }

  strings(key: string): string[] | undefined {
    return this.items(key)?.flatMap((item) => (item.kind === "string" ? [item.value] : []));
  }

  /** A text or a list of texts. */
  textOrList(key: string): string[] | undefined {
    const node = this.entries.get(key);
    return node?.kind === "string" ? [node.value] : this.strings(key);
  }

  /** `NAME=value` items or a mapping, where no value is an empty one. */
  pairs(key: string): Pairs | undefined {
    const pairs = this.nullablePairs(key);
    return pairs && new Map([...pairs].map(([name, value]) => [name, value ?? ""]));
  }

  /** `NAME=value` items or a mapping, where a name may have no value. */
  nullablePairs(key: string): Map<string, string | null> | undefined {
    const node = this.entries.get(key);
    if (node?.kind === "map") {
      return new Map([...node.entries].map(([name, value]) => [name, printScalar(value) ?? null]));
    }
    const items = this.strings(key);
    return items && new Map(items.map((item) => cut(item, "=")));
  }
}

/** Splits at the first separator; null where there is none. */
export function cut(text: string, separator: string): [before: string, after: string | null] {
  const at = text.indexOf(separator);
  if (at === -1) return [text, null];
  return [text.slice(0, at), text.slice(at + separator.length)];
}
