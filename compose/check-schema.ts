import type { ComposeNode, MapNode } from "./compose-node";
import { describeShapes, suggestKey, typeHint } from "./describe-shape";
import { got } from "./describe-value";
import { stackFile } from "./key-tables";
import { parseDuration } from "./parse-duration";
import { parsePort } from "./parse-port";
import { parseSize } from "./parse-size";
import type { ProblemList } from "./problem-list";
import type { KeyRule, Section, Shape } from "./shape";

/** Checks one file against the tables of keys, by the rules of its version (the N of 3.N). */
export function checkSchema(document: MapNode, version: number, problems: ProblemList): void {
  new SchemaCheck(version, problems).checkSection(document, stackFile);
}

class SchemaCheck {
  constructor(
    private readonly version: number,
    private readonly problems: ProblemList,
  ) {}

  checkSection(node: MapNode, section: Section): void {
    for (const [key, value] of node.entries) this.checkKey(key, value, section);
    for (const key of section.required ?? []) {
      if (node.entries.has(key)) continue;
      const origin = node.origin.child(key, node.origin.offset);
      this.problems.add("schema/missing-key", origin, "is required");
    }
  }

  private checkKey(key: string, value: ComposeNode, section: Section): void {
    const rule = findRule(section, key);
    const isExtension = key.startsWith("x-") && this.has(section.extensionsSince);
    if (rule && this.has(rule.since ?? 0)) {
      this.check(value, rule.shape);
      if (rule.ignored !== undefined) this.warnIgnored(value, rule.ignored);
    } else if (!isExtension) {
      this.refuseKey(key, value, section);
    }
  }

  private warnIgnored({ origin }: ComposeNode, why: string): void {
    this.problems.warn("ignored/key", origin, `has no effect in a swarm: ${why}`);
  }

  private refuseKey(key: string, { origin }: ComposeNode, section: Section): void {
    if (this.has(section.openSince)) {
      this.problems.warn("ignored/unknown-key", origin, "is not a key that Docker knows; ignored");
      return;
    }
    const refused = lookUp(section.refused, key);
    const since = key.startsWith("x-")
      ? section.extensionsSince
      : (findRule(section, key)?.since ?? section.openSince);
    if (refused) {
      const message = `is not supported in a swarm; ${refused.advice}`;
      this.problems.add(
        refused.forbidden ? "forbidden/key" : "schema/unknown-key",
        origin,
        message,
      );
    } else if (since === undefined) {
      const advice = suggestKey(key, section);
      this.problems.add("schema/unknown-key", origin, `is not a known key${advice}`);
    } else {
      const message = `needs version 3.${since} or later, and this file says 3.${this.version}`;
      this.problems.add("schema/unknown-key", origin, message);
    }
  }

  private check(node: ComposeNode, shape: Shape): void {
    const fitting = alternatives(shape).filter(
      (option) => fits(node, option) && this.has(sinceOf(option)),
    );
    const [option] = fitting;
    if (option) this.checkInside(node, option);
    else this.refuseType(node, shape);
  }

  private checkInside(node: ComposeNode, shape: Shape): void {
    if (shape.type === "section" && node.kind === "map") this.checkSection(node, shape.section);
    if (shape.type === "dict" && node.kind === "map") this.checkDict(node, shape);
    if (shape.type === "list" && node.kind === "list") {
      for (const item of node.items) this.check(item, shape.items);
      if (shape.unique ?? !this.has(shape.uniqueBefore ?? 0)) this.checkUnique(node.items);
    }
    if (shape.type === "string") this.checkText(node, shape);
    if (shape.type === "number" && shape.format === "ports") this.checkPort(node);
    if (shape.type === "integer" && isNegative(node) && shape.minimum === 0) {
      this.problems.add("schema/minimum", node.origin, `must not be negative${got(node)}`);
    }
  }

  private checkDict(node: MapNode, shape: Shape & { type: "dict" }): void {
    for (const [key, value] of node.entries) {
      if (shape.keys.test(key)) {
        this.check(value, shape.values);
      } else {
        const message = "is not a name that Docker takes; use letters, digits, dots, _ and -";
        this.problems.add("schema/unknown-key", value.origin, message);
      }
    }
  }

  private checkUnique(items: readonly ComposeNode[]): void {
    const seen = new Map<string, ComposeNode>();
    for (const item of items) {
      const print = fingerprint(item);
      const first = seen.get(print);
      if (!first) seen.set(print, item);
      else {
        const message = `is there twice in the list, first as ${first.origin.path}; remove one`;
        this.problems.add("schema/not-unique", item.origin, message);
      }
    }
  }

  private checkText(node: ComposeNode, shape: Shape & { type: "string" }): void {
    if (node.kind === "time" && !shape.printed) {
      const message = `expected a string, got the time ${node.value}; put it in quotes`;
      this.problems.add("decode/type", node.origin, message);
    }
    if (node.kind !== "string") return;
    if (shape.among && !shape.among.includes(node.value)) {
      const allowed = shape.among.join(" or ");
      this.problems.add("schema/enum", node.origin, `must be ${allowed}${got(node)}`);
    }
    if (shape.format === "duration" && parseDuration(node.value) === undefined) {
      const message = `expected a duration${got(node)}; write it with units such as "1m30s" (ns, us, ms, s, m, h)`;
      this.problems.add("schema/format", node.origin, message);
    }
    if (shape.format === "ports") this.checkPort(node);
    if (shape.format === "size" && parseSize(node.value) === undefined) {
      this.problems.add("decode/size", node.origin, `expected an amount of memory${got(node)}`);
    }
  }

  private checkPort(node: ComposeNode): void {
    if (node.kind === "float") {
      this.problems.add("decode/type", node.origin, `expected a whole number${got(node)}`);
      return;
    }
    const text = node.kind === "string" ? node.value : printInteger(node);
    const parsed = parsePort(text);
    if (typeof parsed === "string") {
      const message = `expected a port${got(node)}: ${parsed}; write "published:target"`;
      this.problems.add("schema/format", node.origin, message);
    }
  }

  private refuseType(node: ComposeNode, shape: Shape): void {
    const wanted = alternatives(shape).filter((option) => this.has(sinceOf(option)));
    const hint = typeHint(node, wanted);
    const message = `must be ${describeShapes(wanted)}${got(node)}${hint}`;
    this.problems.add("schema/type", node.origin, message);
  }

  private has(since: number | undefined): boolean {
    return since !== undefined && since <= this.version;
  }
}

function findRule(section: Section, key: string): KeyRule | undefined {
  return lookUp(section.converted, key) ?? lookUp(section.ignored, key);
}

function lookUp<T>(table: Readonly<Record<string, T>> | undefined, key: string): T | undefined {
  return table && Object.hasOwn(table, key) ? table[key] : undefined;
}

function alternatives(shape: Shape): readonly Shape[] {
  return shape.type === "either" ? shape.options.flatMap(alternatives) : [shape];
}

function sinceOf(shape: Shape): number {
  return (shape.type === "section" ? shape.since : undefined) ?? 0;
}

function fits(node: ComposeNode, shape: Shape): boolean {
  switch (shape.type) {
    case "any":
      return true;
    case "string":
      return node.kind === "string" || node.kind === "time";
    case "integer":
      return node.kind === "integer" || (node.kind === "float" && Number.isInteger(node.value));
    case "number":
      return node.kind === "integer" || node.kind === "float";
    case "section":
    case "dict":
      return node.kind === "map";
    default:
      return node.kind === shape.type;
  }
}

function isNegative(node: ComposeNode): boolean {
  return (node.kind === "integer" || node.kind === "float") && node.value < 0;
}

function printInteger(node: ComposeNode): string {
  return node.kind === "integer" ? node.value.toString() : "";
}

// What makes two items of a list the same: their JSON, with the keys of mappings sorted.
function fingerprint(node: ComposeNode): string {
  switch (node.kind) {
    case "list":
      return `[${node.items.map(fingerprint).join()}]`;
    case "map": {
      const entries = [...node.entries].map(([key, value]) => [key, fingerprint(value)] as const);
      return `{${entries
        .map(([key, value]) => JSON.stringify(key) + value)
        .sort()
        .join()}}`;
    }
    case "integer":
    case "float":
      return String(Number(node.value));
    case "null":
      return "null";
    default:
      return JSON.stringify(node.value);
  }
}
