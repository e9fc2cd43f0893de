import type { Model, Phone, Stack } from "./model";

/** What a step may do to the settings' phones; what exactly, the model after it says. */
export const PHONE_CHANGES = [
  ...["add a phone", "take a phone out", "swap a master and a compute"],
  ...["more masters", "fewer masters", "replace a master", "replace a silent master"],
  ...["take a silent phone out"],
  ...["set a label", "remove a label", "drain", "activate", "declare a phone that is off"],
] as const;

/** What a step may do to the settings' stacks. */
export const STACK_CHANGES = [
  ...["no change", "add a stack", "remove a stack"],
  ...["change a variable", "change replicas", "change an image", "change a password"],
] as const;

/** What a step may do to phones, or to what is on them, behind cloudlet's back. */
export const FAULTS = [
  ...["power off", "unplug", "freeze", "bring back"],
  ...["reboot", "stop Docker", "disable Docker", "leave the swarm by hand"],
  ...["wipe", "reflash with Docker"],
  ...["close the firewall", "label by hand", "drain by hand", "change the role by hand"],
  ...["remove a service by hand", "change a variable by hand", "scale by hand"],
] as const;

/** What a step may do besides to phones that have a clock and a disk of their own. */
export const OWN_KERNEL_FAULTS = ["set the clock back", "fill the disk for a while"] as const;

/** What a step does. */
export type Kind = (
  typeof PHONE_CHANGES | typeof STACK_CHANGES | typeof FAULTS | typeof OWN_KERNEL_FAULTS
)[number];

/** How the first `up` of a step is broken off; a second one has to end well. */
export const INTERRUPTIONS = [
  "kill -9 of the engine",
  "kill -9 of all",
  "Ctrl-C",
  "SSH sessions cut",
] as const;

/** When and how an `up` is broken off. */
export interface Interruption {
  readonly kind: (typeof INTERRUPTIONS)[number];
  readonly afterSeconds: number;
}

/** A declaration that cannot be, and the words with which it is refused. */
export interface Refused {
  readonly declared: Model;
  readonly words: string;
}

/** One step of a run: plain data, so that it can be printed and done again. */
export interface Step {
  readonly kind: Kind;
  readonly phone?: Phone;
  readonly stack?: Stack;
  /** What is declared and silent afterwards. */
  readonly after: Model;
  /** Set where `up` is to refuse what the settings say for a moment, and nothing may change. */
  readonly refused?: Refused;
  readonly interruption?: Interruption;
}

/** Whether `up` changes a service that only a refresh sees: the docker provider's, changed by hand. */
export function needsRefresh({ kind, stack }: Step): boolean {
  const byHand: readonly Kind[] = [
    "remove a service by hand",
    "change a variable by hand",
    "scale by hand",
  ];
  return stack === "plain" && byHand.includes(kind);
}
