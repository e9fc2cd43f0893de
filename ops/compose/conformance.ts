import Table from "cli-table3";
import {
  conformanceCases,
  differences,
  featureGroup,
  type ConformanceCase,
} from "../../tests/support/conformance";

interface Outcome {
  group: string;
  id: string;
  isRefusal: boolean;
  lines: string[];
}

/** Runs every conformance case and says how each feature fares; the failures follow with a diff. */
export function conformanceReport(cases: readonly ConformanceCase[]): {
  text: string;
  failed: number;
} {
  const outcomes = cases.map((each) => ({
    group: featureGroup(each),
    id: each.id,
    isRefusal: each.expected.rc !== 0,
    lines: differences(each),
  }));
  const failures = outcomes.filter(({ lines }) => lines.length > 0);
  const total = `${outcomes.length - failures.length} of ${outcomes.length} cases agree with the docker CLI 28.2`;
  const details = failures.map(({ id, lines }) =>
    [id, ...lines.map((line) => `  ${line}`)].join("\n"),
  );
  const text = [table(outcomes), ...details, total].join("\n");
  return { text, failed: failures.length };
}

function table(outcomes: readonly Outcome[]): string {
  const groups = new Map<string, Outcome[]>();
  for (const outcome of outcomes) {
    groups.set(outcome.group, [...(groups.get(outcome.group) ?? []), outcome]);
  }
  const view = new Table({
    head: ["feature", "accepted", "refused", "failed"],
    colAligns: ["left", "right", "right", "right"],
    style: { head: [], border: [], compact: true },
  });
  for (const group of [...groups.keys()].sort()) {
    const members = groups.get(group) ?? [];
    const failed = members.filter(({ lines }) => lines.length > 0).length;
    view.push([group, share(members, false), share(members, true), failed]);
  }
  return view.toString();
}

function share(outcomes: readonly Outcome[], refusals: boolean): string {
  const wanted = outcomes.filter(({ isRefusal }) => isRefusal === refusals);
  const passed = wanted.filter(({ lines }) => lines.length === 0);
  return wanted.length === 0 ? "" : `${passed.length} of ${wanted.length}`;
}

function main(): void {
  const { text, failed } = conformanceReport(conformanceCases());
  process.stdout.write(`${text}\n`);
  process.exitCode = failed > 0 ? 1 : 0;
}

if (require.main === module) main();
