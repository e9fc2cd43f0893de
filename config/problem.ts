/** One thing wrong in what the user wrote or in what their phones say: where, what, and what to do instead. */
export interface Problem {
  /** A settings path such as `cloudlet:nodes.pixel-a.address`, a phone's key, or `file:line:column`. */
  readonly where: string;
  /** Lower case, no full stop, the user's vocabulary, never a secret value. */
  readonly message: string;
}

/** A refusal that holds every problem found at once; the program stops before it touches anything. */
export class ConfigError extends Error {
  constructor(readonly problems: readonly Problem[]) {
    super(problems.map(({ where, message }) => `${where}: ${message}`).join("\n"));
    this.name = "ConfigError";
  }
}

/** Shows a user's value in a message: quoted when it is text, short when it is long. */
export function showValue(value: unknown): string {
  const text = value === undefined ? "nothing" : JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}
