import type { Origin } from "./source-file";

/** A value of a stack file, typed as Go's YAML decoder types it, and knowing where it stands. */
export type ComposeNode =
  StringNode | IntegerNode | FloatNode | BooleanNode | NullNode | TimeNode | ListNode | MapNode;

interface BaseNode {
  readonly origin: Origin;
}

/** A string; `written` is its text before variables were substituted. */
export interface StringNode extends BaseNode {
  readonly kind: "string";
  readonly value: string;
  readonly written?: string;
}

/** A whole number of 64 bits (signed or unsigned). */
export interface IntegerNode extends BaseNode {
  readonly kind: "integer";
  readonly value: bigint;
}

/** A number that Go reads as float64. */
export interface FloatNode extends BaseNode {
  readonly kind: "float";
  readonly value: number;
}

export interface BooleanNode extends BaseNode {
  readonly kind: "boolean";
  readonly value: boolean;
}

export interface NullNode extends BaseNode {
  readonly kind: "null";
}

/** A date or time; Go prints it as `2001-01-01 00:00:00 +0000 UTC`. */
export interface TimeNode extends BaseNode {
  readonly kind: "time";
  readonly value: string;
}

export interface ListNode extends BaseNode {
  readonly kind: "list";
  readonly items: readonly ComposeNode[];
}

/** A mapping; a Map, so that keys such as `__proto__` are like any other. */
export interface MapNode extends BaseNode {
  readonly kind: "map";
  readonly entries: ReadonlyMap<string, ComposeNode>;
}
