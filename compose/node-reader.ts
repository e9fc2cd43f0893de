import { isAlias, isCollection, isMap, isScalar, isSeq, visit } from "yaml";
import type { Alias, Document, Node, Pair, Scalar, YAMLMap } from "yaml";
import type { ComposeNode, MapNode } from "./compose-node";
import type { ProblemList } from "./problem-list";
import { maxDepth } from "./docker-yaml-rules";
import { resolveScalar } from "./resolve-scalar";
import { resolveTagged } from "./resolve-tagged";
import type { Origin } from "./source-file";

/**
 * Turns the yaml package's nodes into ours, doing what Go's decoder does on the way: aliases and
 * `<<` are expanded, duplicate keys refused, scalars typed.
 */
export class NodeReader {
  private readonly targets = new Map<Alias, Node>();
  /** The anchored values that are being expanded: one that meets itself would have no end. */
  private readonly expanding = new Set<Node>();
  private values = 0;
  private aliasValues = 0;
  private stopped = false;

  constructor(
    document: Document.Parsed,
    private readonly problems: ProblemList,
  ) {
    const anchors = new Map<string, Node>();
    visit(document, {
      Alias: (_key, alias) => {
        const target = anchors.get(alias.source);
        if (target) this.targets.set(alias, target);
      },
      Value: (_key, node) => {
        if (node.anchor !== undefined) anchors.set(node.anchor, node);
      },
    });
  }

  /** Reads one node and all below it; undefined where it had to refuse. */
  read(node: unknown, origin: Origin, depth = 0): ComposeNode | undefined {
    if (!this.isWithinLimits(origin, depth)) return undefined;
    if (isAlias(node)) {
      return this.expand(node, origin, (target) => this.read(target, origin, depth));
    }
    if (isScalar(node)) return this.readScalar(node, origin);
    if (isMap(node)) return this.readMap(node, origin, depth);
    if (isSeq(node)) {
      const items = node.items.map((item, index) =>
        this.read(item, origin.child(index, offsetOf(item) ?? origin.offset), depth + 1),
      );
      return { kind: "list", origin, items: items.filter((item) => item !== undefined) };
    }
    return { kind: "null", origin };
  }

  // The same budget as Go's decoder: small files may be nearly all aliases, large ones hardly.
  private isWithinLimits(origin: Origin, depth: number): boolean {
    if (this.stopped) return false;
    this.values++;
    if (this.expanding.size > 0) this.aliasValues++;
    const scale = Math.min(Math.max((this.values - 400_000) / 3_600_000, 0), 1);
    const isBomb = this.aliasValues > 100 && this.values > 1000;
    if (isBomb && this.aliasValues / this.values > 0.99 - 0.89 * scale) {
      this.stopped = true;
      this.refuse(origin, "the file's aliases expand to too many values; write fewer of them");
    } else if (depth > maxDepth) {
      this.refuse(origin, `is nested deeper than ${maxDepth} levels`);
    } else {
      return true;
    }
    return false;
  }

  private expand<T>(alias: Alias, origin: Origin, read: (target: Node) => T): T | undefined {
    const target = this.targets.get(alias);
    if (!target) {
      return this.refuse(origin, `names an anchor that is not there, got *${alias.source}`);
    }
    if (this.expanding.has(target)) {
      return this.refuse(origin, `contains itself through its anchor, got *${alias.source}`);
    }
    this.expanding.add(target);
    const result = read(target);
    this.expanding.delete(target);
    return result;
  }

  private readScalar(node: Scalar, origin: Origin): ComposeNode | undefined {
    const text = scalarText(node, origin.file.text);
    const tag = node.tag === "!" ? undefined : node.tag;
    if (tag === undefined && node.type !== "PLAIN") return { kind: "string", value: text, origin };
    const scalar = tag === undefined ? resolveScalar(text) : resolveTagged(tag, text);
    if (!scalar) return this.refuse(origin, `does not fit its tag ${tag ?? ""}`);
    if (scalar.kind === "float" && !Number.isFinite(scalar.value)) {
      const message = `must be a finite number, got ${text}; put it in quotes if it is a text`;
      this.problems.add("schema/not-finite", origin, message);
      return undefined;
    }
    return { ...scalar, origin };
  }

  private readMap(node: YAMLMap, origin: Origin, depth: number): MapNode {
    const entries = new Map<string, ComposeNode>();
    this.collect(node, { origin, depth, entries });
    return { kind: "map", origin, entries };
  }

  // Own keys first, then those of `<<` that are not there yet, the first of several winning.
  private collect(node: YAMLMap, into: Target): void {
    const { origin, depth, entries } = into;
    this.refuseDuplicates(node, origin);
    for (const pair of node.items) {
      if (isMergeKey(pair.key)) continue;
      const at = origin.child("", offsetOf(pair.key) ?? origin.offset);
      const key = this.readKey(pair.key, at, into.isMerged);
      if (key === undefined || entries.has(key)) continue;
      const value = this.read(pair.value, origin.child(key, at.offset), depth + 1);
      if (value) entries.set(key, value);
    }
    for (const pair of node.items) if (isMergeKey(pair.key)) this.mergeInto(pair, into);
  }

  private mergeInto({ key, value }: Pair, into: Target): void {
    const at = into.origin.child("<<", offsetOf(key) ?? into.origin.offset);
    for (const source of isSeq(value) ? value.items : [value]) {
      if (!this.isWithinLimits(at, into.depth)) return;
      if (isAlias(source)) this.expand(source, at, (target) => this.mergeMap(target, at, into));
      else this.mergeMap(source, at, into);
    }
  }

  private mergeMap(source: unknown, at: Origin, into: Target): void {
    if (isMap(source)) this.collect(source, { ...into, isMerged: true });
    else this.refuse(at, "expected a mapping or a list of mappings");
  }

  // Keys that come in through `<<` become text, whatever they are.
  private readKey(node: unknown, origin: Origin, isMerged = false): string | undefined {
    if (isAlias(node)) {
      return this.expand(node, origin, (target) => this.readKey(target, origin, isMerged));
    }
    if (isCollection(node)) return this.refuse(origin, "a key must be text, got a collection");
    if (!isScalar(node)) return this.refuseKey(origin, "null", "null");
    const key = this.readScalar(node, origin);
    if (!key || key.kind === "string") return key?.value;
    if (isMerged && key.kind !== "null") return String(node.value);
    return this.refuseKey(origin, String(node.value), key.kind);
  }

  private refuseKey(origin: Origin, text: string, kind: string): undefined {
    const message = `a key must be a string, got the ${kind} ${text}; put it in quotes`;
    this.problems.add("schema/key-type", origin, message);
  }

  private refuseDuplicates({ items }: YAMLMap, origin: Origin): void {
    const seen = new Map<string, number>();
    for (const { key } of items) {
      const text = keyText(key);
      const first = text === undefined ? undefined : seen.get(text);
      if (text === undefined) continue;
      const offset = offsetOf(key) ?? origin.offset;
      if (first === undefined) {
        seen.set(text, offset);
        continue;
      }
      const at = origin.child(text, offset);
      const line = origin.file.where(first).split(":").at(-2) ?? "";
      this.problems.add("yaml/duplicate-key", at, `is there twice, first in line ${line}`);
    }
  }

  private refuse(origin: Origin, message: string): undefined {
    this.problems.add("yaml/syntax", origin, message);
  }
}

interface Target {
  origin: Origin;
  depth: number;
  entries: Map<string, ComposeNode>;
  isMerged?: boolean;
}

// A block of text that a file without a last line break ends with gets none either in Go.
function scalarText({ value, range }: Scalar, file: string): string {
  const text = String(value);
  const isLast = range?.[1] === file.length && !file.endsWith("\n");
  return isLast && text.endsWith("\n") ? text.slice(0, -1) : text;
}

function offsetOf(node: unknown): number | undefined {
  if (isScalar(node) || isCollection(node) || isAlias(node)) return node.range?.[0];
  return undefined;
}

// Aliases count by name and all collections as one, as in Go's decoder.
function keyText(key: unknown): string | undefined {
  if (isScalar(key)) return String(key.value);
  return isAlias(key) ? `*${key.source}` : undefined;
}

function isMergeKey(key: unknown): boolean {
  return isScalar(key) && key.value === "<<" && key.type === "PLAIN";
}
