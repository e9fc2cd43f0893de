import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { cacheDirectory, installMissing, type Log } from "./host";
import { withMachineLock } from "./machine-lock";
import { runProgram } from "./run-program";
import { PLATFORMS, type Platform } from "./stand-ins";

const SOURCES = join(__dirname, "stand-ins");
const GO_TARGETS: Readonly<Record<Platform, Readonly<Record<string, string>>>> = {
  "linux/amd64": { GOARCH: "amd64" },
  "linux/arm/v7": { GOARCH: "arm", GOARM: "7" },
  "linux/arm64": { GOARCH: "arm64" },
};

/** The stand-in program for each platform. The same sources and Go version give the same bytes; kept in the cache. */
export async function buildStandIns(log: Log): Promise<ReadonlyMap<Platform, Buffer>> {
  await installMissing({ go: "golang-go" }, log);
  const hash = createHash("sha256").update((await runProgram("go", ["version"])).stdout);
  const sources = readdirSync(SOURCES).filter((name) => !name.endsWith("_test.go"));
  for (const name of sources.sort()) hash.update(name).update(readFileSync(join(SOURCES, name)));
  const directory = join(cacheDirectory(), "stand-ins", hash.digest("hex").slice(0, 12));
  const programs = new Map<Platform, Buffer>();
  for (const platform of PLATFORMS) {
    const file = join(directory, platform.replaceAll("/", "-"));
    await withMachineLock("stand-ins", async () => {
      if (!existsSync(file)) await compile(platform, file, log);
    });
    programs.set(platform, readFileSync(file));
  }
  return programs;
}

async function compile(platform: Platform, file: string, log: Log): Promise<void> {
  log(`compiling the stand-in images' program for ${platform}`);
  mkdirSync(join(file, ".."), { recursive: true });
  const unfinished = `${file}.${process.pid}`;
  const args = [
    "build",
    "-trimpath",
    "-buildvcs=false",
    "-ldflags=-s -w -buildid=",
    "-o",
    unfinished,
    ".",
  ];
  const environment = {
    ...{ GOOS: "linux", CGO_ENABLED: "0", GOTOOLCHAIN: "local", GOWORK: "off", GOFLAGS: "" },
    ...GO_TARGETS[platform],
  };
  try {
    await runProgram("go", args, { directory: SOURCES, environment, timeoutSeconds: 1200 });
    renameSync(unfinished, file);
  } finally {
    rmSync(unfinished, { force: true });
  }
}
