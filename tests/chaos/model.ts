import type { Role } from "../../config/config";

/** The simulated phones: those that the settings name, and those in the drawer. */
export const PHONES = ["pixel-1", "pixel-2", "pixel-3", "pixel-4", "pixel-5"] as const;
/** The name of a simulated phone, which is its key in the settings too. */
export type Phone = (typeof PHONES)[number];

/** What the settings say of a phone. */
export interface DeclaredNode {
  readonly role: Role;
  readonly availability: "active" | "drain";
  readonly labels: Readonly<Record<string, string>>;
}

/** The stacks that the settings may name; each is a file of this folder. */
export const STACKS = ["plain", "engine", "everywhere"] as const;
/** The name of a stack and of its only kind of service. */
export type Stack = (typeof STACKS)[number];

/** What the settings say of a stack. */
export interface DeclaredStack {
  readonly replicas: number;
  /** The value of a variable in its service's environment. */
  readonly setting: string;
  readonly imageTag: "1" | "2";
  /** Which of the run's passwords it has. */
  readonly password: number;
}

/** How a phone does not answer: switched off, without its network, or stopped where it was. */
export type Silence = "off" | "unplugged" | "frozen";

/** What is declared, and which phones can be reached: all that decides which step may come next. */
export interface Model {
  readonly nodes: Readonly<Partial<Record<Phone, DeclaredNode>>>;
  readonly stacks: Readonly<Partial<Record<Stack, DeclaredStack>>>;
  readonly silent: Readonly<Partial<Record<Phone, Silence>>>;
  /** Phones in the drawer that nobody cleaned up, as they were silent when they left. */
  readonly unclean: readonly Phone[];
}

/** How many passwords of each stack a run has. */
export const PASSWORDS = 3;

/** The keys of a record that are there. */
export function keysOf<Key extends string>(record: Readonly<Partial<Record<Key, unknown>>>): Key[] {
  return (Object.keys(record) as Key[]).filter((key) => record[key] !== undefined).sort();
}

/** A record without one key. */
export function without<Key extends string, Value>(
  record: Readonly<Partial<Record<Key, Value>>>,
  key: Key,
): Partial<Record<Key, Value>> {
  const rest = { ...record };
  delete rest[key];
  return rest;
}

export function mastersOf({ nodes }: Model): Phone[] {
  return keysOf(nodes).filter((phone) => nodes[phone]?.role === "master");
}

export function computesOf({ nodes }: Model): Phone[] {
  return keysOf(nodes).filter((phone) => nodes[phone]?.role === "compute");
}

export function sparesOf({ nodes }: Model): Phone[] {
  return PHONES.filter((phone) => nodes[phone] === undefined);
}

export function answers({ silent }: Model, phone: Phone): boolean {
  return silent[phone] === undefined;
}

/** The declared phones that run tasks. */
export function workingPhones(model: Model): Phone[] {
  return keysOf(model.nodes).filter(
    (phone) => model.nodes[phone]?.availability === "active" && answers(model, phone),
  );
}

/** Whether the masters that answer are a majority, also without the phone. */
export function keepsMajority(model: Model, without?: Phone): boolean {
  const masters = mastersOf(model);
  const left = masters.filter((phone) => phone !== without && answers(model, phone));
  return left.length > masters.length / 2;
}
