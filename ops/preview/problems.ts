import { LineCounter, parseDocument } from "yaml";
import type { Message } from "./engine-events";
import { settingPosition } from "./setting-position";

/** Something wrong or noteworthy, and where it stands in the project's files as far as that is known. */
export interface ReportedProblem {
  readonly severity: "error" | "warning";
  readonly file?: string;
  readonly line?: number;
  readonly column?: number;
  /** As the program words it, with what it names as the place. */
  readonly text: string;
}

/** The settings file of the Pulumi stack; no text where it is not there. */
export interface SettingsText {
  readonly path: string;
  readonly text: string | undefined;
}

/** What a run complains of, each problem with its place; a message may hold many. */
export function problemsOf(
  messages: readonly Message[],
  settings: SettingsText,
): ReportedProblem[] {
  return messages.flatMap(({ severity, text, about }) =>
    severity === "info"
      ? []
      : splitProblems(about === undefined ? text : `${about}: ${text}`).map((problem) => ({
          severity,
          ...placeOf(problem, settings),
          text: problem,
        })),
  );
}

const IN_FILE = /^(?<file>[^\s:]+):(?<line>\d+):(?<column>\d+): /;
const IN_WHOLE_FILE = /^(?<file>[^\s:]+\.ya?ml): /;
const IN_SETTINGS = /^(?<setting>cloudlet:[^\s:]+): /;
const BEGINS = [IN_FILE, IN_WHOLE_FILE, IN_SETTINGS];

// One line each; a line that names no place goes on with what the line before began.
function splitProblems(text: string): string[] {
  const problems: string[] = [];
  for (const line of text.split("\n")) {
    const last = problems.at(-1);
    if (last === undefined || BEGINS.some((begin) => begin.test(line))) problems.push(line);
    else problems[problems.length - 1] = `${last}\n${line}`;
  }
  return problems;
}

function placeOf(
  problem: string,
  settings: SettingsText,
): Pick<ReportedProblem, "file" | "line" | "column"> {
  const inFile = IN_FILE.exec(problem)?.groups;
  if (inFile?.file !== undefined) {
    return { file: inFile.file, line: Number(inFile.line), column: Number(inFile.column) };
  }
  const setting = IN_SETTINGS.exec(problem)?.groups?.setting;
  if (setting !== undefined && settings.text !== undefined) {
    return { file: settings.path, ...settingPosition(settings.text, setting) };
  }
  const file = IN_WHOLE_FILE.exec(problem)?.groups?.file;
  return file === undefined ? {} : { file };
}

/** What keeps the engine from reading the settings at all: it then has no events to tell. */
export function unreadableSettings({ path, text }: SettingsText): ReportedProblem[] {
  const problem = { severity: "error", file: path } as const;
  if (text === undefined) {
    const missing = "expected the settings of a Pulumi stack, got no such file";
    return [{ ...problem, text: `${path}: ${missing}` }];
  }
  const lines = new LineCounter();
  const { errors } = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  return errors.map(({ message, pos: [at] }) => {
    const { line, col: column } = lines.linePos(at);
    return {
      ...problem,
      line,
      column,
      text: `${path}:${line}:${column}: expected YAML: ${message}`,
    };
  });
}
