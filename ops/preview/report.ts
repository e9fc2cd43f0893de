import type { EngineRun } from "./engine-events";
import { code, count, diffBlock, folded, htmlCode, listed, table } from "./markdown";
import type { ReportedProblem } from "./problems";
import type { Row, TaskEffect } from "./row";

/** What a report is made from; pure text comes out. */
export interface ReportInputs {
  readonly stack: string;
  readonly result: EngineRun["result"];
  readonly isPreview: boolean;
  readonly rows: readonly Row[];
  readonly problems: readonly ReportedProblem[];
  readonly comparedWith: "the state" | "the target branch" | "nothing";
}

/** GitHub takes comments of 65536 characters at most; a few are left for what goes around. */
const LONGEST_REPORT = 64_000;
/** A table is read; what is longer than this is scrolled past. */
const LONGEST_TABLE = 40_000;
const MOST_DETAIL_LINES = 80;
const LEFT_OUT = (what: string) => `_${what} left out here; the job's log has them all._\n\n`;

/** The first line of a report: finds the comment that the next one takes the place of. */
export function reportMarker(stack: string): string {
  return `<!-- cloudlet preview of ${stack.replace(/[^\w./-]/g, "")} -->`;
}

/** A run of the engine as Markdown for reviewers, never longer than a comment may be. */
export function renderReport(inputs: ReportInputs): string {
  const { stack, result, rows, problems } = inputs;
  const errors = problems.filter(({ severity }) => severity === "error");
  const head = `${reportMarker(stack)}\n## ${titleOf(inputs, errors.length)}\n\n`;
  const foot = `<sub>${footOf(inputs)}</sub>\n`;
  const failed = result !== "succeeded";
  const parts = [
    ...(failed ? problemList(errors, result) : []),
    ...(failed && inputs.isPreview ? [] : changeTable(rows)),
    ...notes(problems.filter(({ severity }) => severity === "warning")),
    ...(failed && inputs.isPreview ? [] : rows.flatMap(detailsOf)),
  ];
  return head + fit(parts, LONGEST_REPORT - head.length - foot.length) + foot;
}

function titleOf({ stack, result, isPreview, rows }: ReportInputs, errors: number): string {
  const what = `${isPreview ? "Preview" : "Up"} of ${code(stack)}`;
  if (result === "unfinished") return `${what} did not run to its end`;
  if (result === "failed")
    return `${what} failed${errors > 0 ? `: ${count(errors, "problem")}` : ""}`;
  if (rows.length === 0) return `${what}: no changes`;
  const nouns = [...new Set(rows.map(({ noun }) => noun))].filter((noun) => noun !== "other");
  const counts = nouns.map((noun) => {
    const number = rows.filter((row) => row.noun === noun).length;
    return noun === "swarm" ? "the swarm" : count(number, noun);
  });
  return `${what}: ${counts.length > 0 ? listed(counts) : count(rows.length, "resource")}`;
}

function problemList(errors: readonly ReportedProblem[], result: EngineRun["result"]): string[] {
  if (errors.length > 0) return [...errors.map(problemLine), "\n"];
  const why = result === "unfinished" ? "It ended before it could say why" : "It did not say why";
  return [`${why}: see the job's log.\n\n`];
}

function problemLine({ file, line, column, text }: ReportedProblem): string {
  const place = file === undefined ? "" : [file, line, column].filter(Boolean).join(":");
  const [first = "", ...more] = text.split("\n");
  const start = place === "" || first.startsWith(place) ? "" : `${code(place)} `;
  return `- ${start}${code(first)}\n${more.length > 0 ? `\n${diffBlock(more.slice(0, MOST_DETAIL_LINES))}\n` : ""}`;
}

function changeTable(rows: readonly Row[]): string[] {
  if (rows.length === 0) return [];
  const lines = rows.map(({ noun, name, changes, effect }) => [
    noun === "swarm" ? "the swarm" : `${noun === "other" ? "" : `${noun} `}${code(name)}`,
    changes.join(", "),
    effect,
  ]);
  const header = ["what", "change", "effect"];
  let shown = lines.length;
  while (table(header, lines.slice(0, shown)).length > LONGEST_TABLE) shown -= 1;
  const missing = lines.length - shown;
  return [
    [taskSummary(rows), table(header, lines.slice(0, shown)), "\n"].join(""),
    missing > 0 ? LEFT_OUT(`${count(missing, "more row")}`) : "",
  ];
}

function taskSummary(rows: readonly Row[]): string {
  const effects = rows.flatMap(({ tasks }): TaskEffect[] => (tasks === undefined ? [] : [tasks]));
  if (effects.length === 0) return "";
  const number = effects.reduce(
    (sum, { restarting }) => sum + (typeof restarting === "number" ? restarting : 0),
    0,
  );
  const everywhere = effects.filter(({ restarting }) => typeof restarting !== "number").length;
  const down = effects.filter(({ isDown }) => isDown).length;
  const parts = [
    number > 0 ? `${count(number, "task")} restart${number === 1 ? "s" : ""}` : [],
    everywhere > 0 ? `${count(everywhere, "service")} restart on every phone` : [],
    down > 0 ? `**${count(down, "service")} down in between**` : [],
  ].flat();
  return `${parts.length > 0 ? listed(parts) : "No task restarts"}.\n\n`;
}

function notes(warnings: readonly ReportedProblem[]): string[] {
  if (warnings.length === 0) return [];
  const lines = warnings.map(problemLine).join("");
  return [folded(count(warnings.length, "note"), lines)];
}

function detailsOf({ noun, name, details }: Row): string[] {
  if (details.length === 0) return [];
  const missing = details.length - MOST_DETAIL_LINES;
  const more = missing > 0 ? [`... ${missing} more lines`] : [];
  const lines = [...details.slice(0, MOST_DETAIL_LINES), ...more];
  return [folded(`${noun === "other" ? "" : `${noun} `}${htmlCode(name)}`, diffBlock(lines))];
}

/** As many parts as fit, whole. */
function fit(parts: readonly string[], longest: number): string {
  let text = "";
  for (const [index, part] of parts.entries()) {
    const note = LEFT_OUT("The rest is");
    const isLast = index === parts.length - 1;
    if (text.length + part.length + (isLast ? 0 : note.length) > longest) return text + note;
    text += part;
  }
  return text;
}

function footOf({ comparedWith, isPreview, problems, result }: ReportInputs): string {
  const failed = result !== "succeeded";
  if (!isPreview) return failed ? "What this up began before it failed." : "What this up did.";
  if (failed) return "A preview changes nothing.";
  const unseen = problems.filter(({ text }) => text.includes("so it was not looked at")).length;
  const looked = unseen > 0 ? `; ${count(unseen, "phone")} not looked at` : "";
  if (comparedWith === "the state") return `Compared with the state of the last up${looked}.`;
  const how = "not with the state; secrets were not read, and no phone was looked at";
  return comparedWith === "the target branch"
    ? `Compared with what the target branch declares, ${how}.`
    : `The target branch cannot be previewed, so everything shows as new; ${how}.`;
}
