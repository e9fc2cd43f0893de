import { chmod, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { createInterface } from "node:readline";
import execa from "execa";
import type { Log, Tool } from "./tool";

const progressMs = 15_000;
/** How much of what a failed build printed goes into its error. */
const lastLines = 20;

/**
 * Builds a tool into a file. The committed go.sum vouches for what is downloaded. Rejects with the last lines that
 * the compiler printed.
 */
export async function buildTool(tool: Tool, file: string, log: Log): Promise<void> {
  log(`building ${tool.title} (about ${tool.buildTime} on two cores)`);
  const started = Date.now();
  try {
    await (tool.goPackage ? buildGo(tool, file, log) : bundle(tool, file));
  } catch (problem) {
    await rm(file, { force: true });
    throw problem;
  }
  log(`built ${tool.title} in ${seconds(started)} s`);
}

/** What `go`, or else esbuild, is called with in the tool's folder: all but the file decides what comes out. */
export function buildArguments(tool: Tool, file: string): string[] {
  if (!tool.goPackage) {
    const flags = ["--bundle", "--minify", "--platform=node", "--target=node20"];
    return ["main.ts", ...flags, "--banner:js=#!/usr/bin/env node", `--outfile=${file}`];
  }
  const flags = ["-v", "-trimpath", "-buildvcs=false", "-tags", "osusergo,grpcnotrace"];
  const linker = ["-ldflags", ["-s -w", ...(tool.linkerFlags ?? [])].join(" ")];
  return ["build", ...flags, ...linker, "-o", file, tool.goPackage];
}

async function buildGo(tool: Tool, file: string, log: Log): Promise<void> {
  const go = execa("go", buildArguments(tool, file), {
    cwd: join(__dirname, tool.source),
    // "auto": an older Go fetches the one that go.mod asks for, from where modules come from.
    env: { CGO_ENABLED: "0", GOTOOLCHAIN: "auto", GOFLAGS: "", GOWORK: "off" },
    stdout: "ignore",
    buffer: false,
  });
  const progress = new Progress(log);
  if (go.stderr) createInterface(go.stderr).on("line", (line) => progress.lines.push(line));
  try {
    await go;
  } catch (problem) {
    const how = problem instanceof Error ? problem.message : String(problem);
    const printed = progress.lines.slice(-lastLines).join("\n");
    throw new Error(`${tool.title}: ${how}\n${printed}`, { cause: problem });
  } finally {
    progress.stop();
  }
}

/** Tells the user every now and then how far `go build -v`, which prints a line for each package, has come. */
class Progress {
  readonly lines: string[] = [];
  private readonly started = Date.now();
  private readonly timer: NodeJS.Timeout;

  constructor(log: Log) {
    this.timer = setInterval(() => {
      const downloaded = this.lines.filter((line) => line.startsWith("go: downloading")).length;
      const compiled = this.lines.length - downloaded;
      log(
        `  ${seconds(this.started)} s: ${downloaded} modules downloaded, ${compiled} packages compiled`,
      );
    }, progressMs);
  }

  stop(): void {
    clearInterval(this.timer);
  }
}

/** One file that needs nothing else: it goes on working when this checkout moves or is deleted. */
async function bundle(tool: Tool, file: string): Promise<void> {
  const esbuild = createRequire(require.resolve("tsx/package.json")).resolve("esbuild/bin/esbuild");
  await execa(process.execPath, [esbuild, ...buildArguments(tool, file), "--log-level=warning"], {
    cwd: join(__dirname, tool.source),
  });
  await chmod(file, 0o755);
}

function seconds(since: number): number {
  return Math.round((Date.now() - since) / 1000);
}
