import type { Problem } from "./problem";
import type { Origin } from "./source-file";

/** What kinds of problems there are: the stage that finds it, and the reason. */
export type ProblemKind = `${Stage}/${string}`;

/** The stages in the order in which `docker stack deploy` goes through them. */
export type Stage =
  | "yaml"
  | "version"
  | "forbidden"
  | "interpolation"
  | "schema"
  | "decode"
  | "load"
  | "image"
  | "convert"
  | "ignored"
  | "surprise";

/** What a problem is about: its key path, and `file:line:column`. */
export interface Place {
  readonly path: string;
  readonly where: string;
}

/** More problems than this are counted and not told: nobody reads them, and the first explain most. */
export const mostProblems = 100;

/** Collects problems and warnings on the way, so that the user gets all of them at once. */
export class ProblemList {
  private readonly told: Problem[] = [];
  private untold = 0;
  readonly warnings: Problem[] = [];
  private readonly refused = new Set<string>();
  /** What has something refused inside. */
  private readonly around = new Set<string>();
  private readonly said = new Set<string>();

  /** All problems in the order of the files, the last saying how many were left out. */
  get problems(): Problem[] {
    const [first] = this.told;
    const sorted = inFileOrder(this.told);
    if (this.untold === 0 || !first) return sorted;
    const message = `has ${this.untold} more problems like these`;
    return [...sorted, { where: first.where.replace(/:\d+:\d+$/, ""), message }];
  }

  /** Adds a problem unless an earlier stage has already refused this value or one around it. */
  add(kind: ProblemKind, origin: Origin, message: string): void {
    const { path, where, file } = origin;
    if (path !== "" && this.refuses(`${file.path}\0`, path)) return;
    this.refused.add(`${file.path}\0${path}`);
    this.say(kind, { path, where }, message);
  }

  /** Adds a problem of the merged files, unless something in or around it was already refused. */
  addMerged(kind: ProblemKind, place: Place, message: string): void {
    if (this.refuses("", place.path) || this.around.has(place.path)) return;
    this.say(kind, place, message);
  }

  /** Adds a warning: what is used or left out in a way that the user may not expect. */
  warn(kind: ProblemKind, { path, where }: Place, message: string): void {
    if (this.isNew(kind, where, message)) {
      this.warnings.push({ where, message: sentence(path, message), path, kind });
    }
  }

  private say(kind: ProblemKind, { path, where }: Place, message: string): void {
    this.refused.add(path);
    for (let at = parentPath(path); at !== ""; at = parentPath(at)) this.around.add(at);
    if (!this.isNew(kind, where, message)) return;
    if (this.told.length >= mostProblems) this.untold++;
    else this.told.push({ where, message: sentence(path, message), path, kind });
  }

  private refuses(prefix: string, path: string): boolean {
    if (this.refused.size === 0) return false;
    for (let at = path; at !== ""; at = parentPath(at)) {
      if (this.refused.has(prefix + at)) return true;
    }
    return false;
  }

  // A place that several services share through an anchor is spoken of once.
  private isNew(kind: string, where: string, message: string): boolean {
    const before = this.said.size;
    return this.said.add(`${kind} ${where} ${message}`).size > before;
  }
}

// By file as they come, then by line and column.
function inFileOrder(problems: readonly Problem[]): Problem[] {
  const places = problems.map((problem) => {
    const [, file = problem.where, line = "0", column = "0"] =
      /^(.*):(\d+):(\d+)$/s.exec(problem.where) ?? [];
    return { problem, file, line: Number(line), column: Number(column) };
  });
  const files = [...new Set(places.map(({ file }) => file))];
  const ranked = places.map((place) => ({ ...place, rank: files.indexOf(place.file) }));
  return ranked
    .sort((a, b) => a.rank - b.rank || a.line - b.line || a.column - b.column)
    .map(({ problem }) => problem);
}

function parentPath(path: string): string {
  return path.slice(0, Math.max(path.lastIndexOf("."), path.lastIndexOf("["), 0));
}

function sentence(path: string, message: string): string {
  return path === "" ? message : `${path} ${message}`;
}
