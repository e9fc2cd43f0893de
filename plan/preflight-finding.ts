import type { Problem } from "../config/problem";

/** One thing that looking at the phones brought up. */
export interface Finding {
  /** A refusal stops `up` before anything changes; a warning does not. */
  readonly severity: "refusal" | "warning";
  /** A settings path such as `cloudlet:nodes.pixel-a.address`. */
  readonly where: string;
  /** What was expected and what is there. */
  readonly message: string;
  /** What to write or do instead; empty where nothing can be said. */
  readonly fix: string;
  /** One may live with it for good, so only `npm run doctor` says it: a note in every run would be read in none. */
  readonly standing?: boolean;
}

/** The settings path of a phone. */
export function phonePath(key: string): string {
  return `cloudlet:nodes.${key}`;
}

/** A finding as one message of the program: the fix comes after what is wrong. */
export function asProblem({ where, message, fix }: Finding): Problem {
  return { where, message: fix === "" ? message : `${message}; ${fix}` };
}

/** A finding as a line of notes. */
export function asNote(finding: Finding): string {
  const { where, message } = asProblem(finding);
  return `${where}: ${message}`;
}
