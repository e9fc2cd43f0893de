import { compareDeclared } from "./compare-declared";
import { readEngineEvents, type EngineRun } from "./engine-events";
import { problemsOf, unreadableSettings, type ReportedProblem } from "./problems";
import { renderReport, type ReportInputs } from "./report";
import { rowsOf } from "./rows";

/** A run to report: events as the engine wrote them, none where it did not begin. */
export interface RunToReport {
  readonly stack: string;
  readonly events: string;
  /** Events of the target branch's declaration, where that is what counts in the place of the state. */
  readonly base: string | undefined;
  /** Text of `Pulumi.<stack>.yaml`; undefined where it is not there. */
  readonly settings: string | undefined;
}

/** What reviewers get to see of a run. */
export interface RunReport {
  /** Markdown. */
  readonly text: string;
  readonly problems: readonly ReportedProblem[];
  readonly succeeded: boolean;
}

/** Turns a run's events into what reviewers read. */
export function reportRun({ stack, events, base, settings }: RunToReport): RunReport {
  const file = { path: `Pulumi.${settingsName(stack)}.yaml`, text: settings };
  const [run, comparedWith] = compare(readEngineEvents(events), base);
  const problems = [
    ...(run.result === "unfinished" ? unreadableSettings(file) : []),
    ...problemsOf(run.messages, file),
  ];
  const text = renderReport({ ...run, stack, comparedWith, problems, rows: rowsOf(run) });
  return { text, problems, succeeded: run.result === "succeeded" };
}

/** The stack's name in its settings file's, without an organisation's. */
export function settingsName(stack: string): string {
  return stack.split("/").at(-1) ?? stack;
}

function compare(
  run: EngineRun,
  base: string | undefined,
): [EngineRun, ReportInputs["comparedWith"]] {
  if (base === undefined) return [run, "the state"];
  const before = readEngineEvents(base);
  return before.result === "succeeded"
    ? [compareDeclared(before, run), "the target branch"]
    : [run, "nothing"];
}
