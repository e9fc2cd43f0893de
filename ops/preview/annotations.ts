import { createHash } from "node:crypto";
import type { ReportedProblem } from "./problems";

/** Workflow commands of GitHub, which shows them at their lines of the pull request; only for what has a file. */
export function githubAnnotations(problems: readonly ReportedProblem[]): string[] {
  return problems.flatMap(({ severity, file, line, column, text }) => {
    if (file === undefined) return [];
    const place = { file, line, col: column, title: "cloudlet" };
    const properties = Object.entries(place).flatMap(([name, value]) =>
      value === undefined ? [] : `${name}=${escapeProperty(String(value))}`,
    );
    return `::${severity} ${properties.join(",")}::${escapeData(text)}`;
  });
}

// A line that the text itself begins, or one that ends it early, would be a command of its own.
function escapeData(text: string): string {
  return text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
}

/** The same in the Code Quality format that GitLab shows in merge requests. */
export function codeQuality(problems: readonly ReportedProblem[]): string {
  const entries = problems.flatMap(({ severity, file, line, text }) =>
    file === undefined
      ? []
      : {
          description: text,
          check_name: "cloudlet",
          fingerprint: createHash("sha256").update(`${file}\n${text}`).digest("hex"),
          severity: severity === "error" ? "major" : "minor",
          location: { path: file, lines: { begin: line ?? 1 } },
        },
  );
  return `${JSON.stringify(entries, undefined, 2)}\n`;
}
