import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { Command } from "commander";
import { codeQuality, githubAnnotations } from "./annotations";
import { reportRun, settingsName } from "./report-run";

interface Options {
  readonly stack: string;
  readonly events: string;
  readonly base?: string;
  readonly out?: string;
  readonly github?: boolean;
  readonly codeQuality?: string;
}

/** Writes the report and its annotations; returns whether the run that it is of succeeded. */
function report({ stack, events, base, out, github, codeQuality: quality }: Options): boolean {
  const { text, problems, succeeded } = reportRun({
    stack,
    events: readIfThere(events) ?? "",
    base: base === undefined ? undefined : (readIfThere(base) ?? ""),
    settings: readIfThere(`Pulumi.${settingsName(stack)}.yaml`),
  });
  if (out === undefined) process.stdout.write(text);
  else writeFileSync(out, text);
  if (github === true) for (const line of githubAnnotations(problems)) console.log(line);
  if (quality !== undefined) writeFileSync(quality, codeQuality(problems));
  return succeeded;
}

function readIfThere(path: string): string | undefined {
  return existsSync(path) ? readFileSync(path, "utf8") : undefined;
}

new Command("npm run --silent preview:report --")
  .description(
    "turns the events of a preview or an up into a report for reviewers, in Markdown; exit code 1 where it failed",
  )
  .option("-s, --stack <name>", "the Pulumi stack", "dev")
  .requiredOption("--events <file>", "what `npm run preview -- --events` wrote")
  .option("--base <file>", "events of the target branch; both by `npm run preview:declared`")
  .option("--out <file>", "write the report there; else to standard output")
  .option("--github", "print GitHub's annotations to standard output; needs --out")
  .option("--code-quality <file>", "write GitLab's annotations there")
  .action((options: Options) => {
    process.exitCode = report(options) ? 0 : 1;
  })
  .parse();
