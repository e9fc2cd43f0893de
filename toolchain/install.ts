import { existsSync } from "node:fs";
import { mkdir, rename } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { buildTool } from "./build-tool";
import { fingerprint } from "./fingerprint";
import { place, removeIfOurs, stateOf } from "./installed-tool";
import { withLock } from "./lock";
import { requireGo } from "./require-go";
import { type Log, type Tool, tools } from "./tool";
import { downloadFromVendor, vendorAnswers } from "./vendor";

const lockLimitMs = 45 * 60_000;

export interface EnsureOptions {
  log: Log;
  /** The Pulumi home; default: PULUMI_HOME or ~/.pulumi. */
  home?: string;
  /** Build what is missing without asking the vendor for it; default: whether CLOUDLET_BUILD_TOOLS is 1. */
  build?: boolean;
}

/** How a tool came to be where it is. */
export type Outcome = "already there" | "downloaded" | "from an earlier build" | "built";

/** What there is now. */
export interface ToolsReport {
  home: string;
  tools: { title: string; file: string; outcome: Outcome }[];
}

/**
 * Makes sure that the Pulumi home has the CLI, the language host and the providers: from the vendor, or, where that
 * does not answer, built here from published modules. Does nothing if they are there; never touches the vendor's.
 */
export async function ensureTools({
  log,
  home = pulumiHome(),
  build = process.env.CLOUDLET_BUILD_TOOLS === "1",
}: EnsureOptions): Promise<ToolsReport> {
  const outcomes = new Map<Tool, Outcome>();
  if (missingTools(home).length > 0) {
    const waiting = (pid: number) => log(`waiting for process ${pid}, which installs the tools`);
    await withLock(join(cacheFolder(), "lock"), lockLimitMs, waiting, () =>
      provide(home, build, log, outcomes),
    );
  }
  const report = tools.map((tool) => ({
    title: tool.title,
    file: join(home, tool.file),
    outcome: outcomes.get(tool) ?? "already there",
  }));
  return { home, tools: report };
}

/** Removes from the Pulumi home what we put there. What was built stays in the cache. */
export async function removeTools({
  log,
  home = pulumiHome(),
}: Pick<EnsureOptions, "log" | "home">): Promise<void> {
  for (const tool of tools) {
    if (await removeIfOurs(tool, home)) log(`removed ${tool.title} from ${home}`);
  }
}

/** The folder in which builds are kept, so that none is made twice. */
export function cacheFolder(): string {
  const cache = process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache");
  return join(cache, "cloudlet", "toolchain");
}

function pulumiHome(): string {
  return process.env.PULUMI_HOME ?? join(homedir(), ".pulumi");
}

function missingTools(home: string): Tool[] {
  return tools.filter((tool) => ["missing", "ours, outdated"].includes(stateOf(tool, home)));
}

async function provide(
  home: string,
  build: boolean,
  log: Log,
  outcomes: Map<Tool, Outcome>,
): Promise<void> {
  for (const tool of missingTools(home)) {
    if (!existsSync(builtFile(tool))) continue;
    await place(tool, builtFile(tool), home);
    outcomes.set(tool, "from an earlier build");
    log(`put ${tool.title} in place, from an earlier build in ${cacheFolder()}`);
  }
  const wanted = missingTools(home);
  if (wanted.length === 0) return;
  if (!build) await tryVendor(wanted, home, log);
  const rest = missingTools(home);
  for (const tool of wanted) if (!rest.includes(tool)) outcomes.set(tool, "downloaded");
  if (rest.some(({ goPackage }) => goPackage)) await requireGo();
  for (const tool of rest) {
    await buildIntoCache(tool, log);
    await place(tool, builtFile(tool), home);
    outcomes.set(tool, "built");
  }
}

async function tryVendor(wanted: readonly Tool[], home: string, log: Log): Promise<void> {
  log(`missing in ${home}: ${wanted.map(({ title }) => title).join(", ")}`);
  log("asking the vendor for them: a few seconds");
  try {
    if (await vendorAnswers()) await downloadFromVendor(wanted, home, log);
    else log("the vendor does not answer: building them here from published modules");
  } catch (problem) {
    const reason = problem instanceof Error ? problem.message : String(problem);
    log(`the vendor's download failed: building what is missing (${reason})`);
  }
}

async function buildIntoCache(tool: Tool, log: Log): Promise<void> {
  const file = builtFile(tool);
  const temporary = `${file}.${process.pid}`;
  await mkdir(dirname(file), { recursive: true });
  await buildTool(tool, temporary, log);
  await rename(temporary, file);
}

/** Where the build of the tool's present source is kept. */
function builtFile(tool: Tool): string {
  return join(cacheFolder(), fingerprint(tool), tool.source);
}
