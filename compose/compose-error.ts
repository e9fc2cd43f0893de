import { formatProblem, type Problem } from "./problem";

/** Everything that is wrong with a stack's files, one line each in its message. */
export class ComposeError extends Error {
  constructor(readonly problems: Problem[]) {
    super(problems.map(formatProblem).join("\n"));
    this.name = "ComposeError";
  }
}
