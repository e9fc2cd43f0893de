/** One thing wrong (or worth a warning) in a user's file: where, what, and what to write instead. */
export interface Problem {
  /** `file:line:column`, or a settings path such as `cloudlet:nodes.pixel-a.address`. */
  where: string;
  /** Lower case, no full stop, the user's vocabulary, never a secret value. */
  message: string;
  /** The key it is about, such as `services.web.ports[0]`; absent for a whole file. */
  path?: string;
  /** `stage/reason`, for programs that tell problems apart: `schema/unknown-key`. */
  kind?: string;
}

/** Prints a problem as the single line that users read. */
export function formatProblem({ where, message }: Problem): string {
  return `${where}: ${message}`;
}
