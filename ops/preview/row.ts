import type { Message } from "./engine-events";

/** One line of the report's table, about one phone, one service or one other object of the swarm. */
export interface Row {
  readonly noun: "phone" | "swarm" | "service" | "network" | "secret" | "config" | "other";
  readonly name: string;
  /** Markdown, one change each. */
  readonly changes: readonly string[];
  /** Markdown: what the change does to what runs; empty where nothing is known. */
  readonly effect: string;
  /** For those who want to know exactly: lines of a diff. */
  readonly details: readonly string[];
  readonly tasks?: TaskEffect;
}

/** What a change does to the running tasks of one service. */
export interface TaskEffect {
  readonly restarting: number | "one on every phone";
  /** The service is removed before it starts anew. */
  readonly isDown: boolean;
}

/** What the program said of a resource: why it changes, and what that does to running tasks. */
export function saidOf(messages: readonly Message[], name: string): string[] {
  return messages.flatMap(({ about, text, severity }) =>
    about === name && severity === "info" ? [text] : [],
  );
}
