/** What a value may look like. `printed` text may be a date too: it is printed. `since` is the minor version (3.N) of the format that brought it. */
export type Shape =
  | { type: "any" }
  | {
      type: "string";
      format?: "duration" | "ports" | "size";
      among?: readonly string[];
      printed?: true;
    }
  | { type: "integer"; minimum?: number }
  | { type: "number"; format?: "ports" }
  | { type: "boolean" }
  | { type: "null" }
  | { type: "list"; items: Shape; unique?: boolean; uniqueBefore?: number }
  | { type: "dict"; values: Shape; keys: RegExp }
  | { type: "section"; section: Section; since?: number }
  | { type: "either"; options: readonly Shape[] };

/** A key that is converted: what it may hold, and since which minor version. */
export interface KeyRule {
  shape: Shape;
  since?: number;
  /** Set for a key that is accepted and has no effect in a swarm: why, and what to do instead. */
  ignored?: string;
}

/** A key that Docker refuses: what to write instead. */
export interface RefusedKey {
  advice: string;
  /** Refused before anything else is looked at. */
  forbidden?: boolean;
}

/** The keys of one mapping of the stack file. What is in no table is an unknown key. */
export interface Section {
  /** For the documentation: the path, such as `services.*.deploy`. */
  title: string;
  converted: Readonly<Record<string, KeyRule>>;
  /** Accepted, without effect; each use gets a warning. */
  ignored?: Readonly<Record<string, KeyRule & { ignored: string }>>;
  refused?: Readonly<Record<string, RefusedKey>>;
  /** `x-*` keys are allowed since this minor version. */
  extensionsSince?: number;
  /** Unknown keys are accepted and left out (since this minor version), with a warning. */
  openSince?: number;
  required?: readonly string[];
}

export const text: Shape = { type: "string" };
export const integer: Shape = { type: "integer" };
export const number: Shape = { type: "number" };
export const boolean: Shape = { type: "boolean" };
export const duration: Shape = { type: "string", format: "duration" };
export const nothing: Shape = { type: "null" };

/** A list; `unique` where Docker refuses an item that is there twice. */
export function list(items: Shape, unique?: "unique"): Shape {
  return unique ? { type: "list", items, unique: true } : { type: "list", items };
}

/** One of several shapes. */
export function either(...options: Shape[]): Shape {
  return { type: "either", options };
}

/** A mapping with keys of the user's choice. */
export function dict(values: Shape, keys: RegExp = /[^\n]/): Shape {
  return { type: "dict", values, keys };
}

/** A mapping with the keys of a section. */
export function section(keys: Section, since?: number): Shape {
  return { type: "section", section: keys, since };
}

export const strings = list(text, "unique");
export const textOrList = either(text, strings);
export const command = either(text, list(text));
const printed: Shape = { type: "string", printed: true };
export const optionalOptions = dict(either(printed, number, nothing));
export const listOrDict = either(optionalOptions, strings);
export const options = dict(either(printed, number));
export const nameKeys = /^[a-zA-Z0-9._-]+$/;
