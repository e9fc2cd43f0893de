import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, openSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { cacheDirectory, type Log } from "./host";
import { withMachineLock } from "./machine-lock";
import { runProgram } from "./run-program";
import { waitUntil } from "./wait-until";

// Everything that belongs to a running engine is gone after a reboot, as /run is; its data is kept.
const RUNTIME = "/run/cloudlet-simulation";
const PID_FILE = join(RUNTIME, "dockerd.pid");

/** DOCKER_HOST of the engine that we start where the user has none. */
export const ownEngineHost = `unix://${RUNTIME}/docker.sock`;

/** Whether an engine of ours runs, or ran earlier and left data. */
export function isOwnEngineKept(): boolean {
  return existsSync(dataDirectory()) || runningPid() !== undefined;
}

/** Starts our own engine unless it runs; returns when it answers, throws with its log's last lines if it does not. */
export async function startOwnEngine(log: Log): Promise<void> {
  await withMachineLock("engine", async () => {
    if (runningPid() !== undefined) return;
    log("starting a Docker engine for the simulated phones (this machine has none running)");
    await removeLeftOvers();
    mkdirSync(dataDirectory(), { recursive: true });
    mkdirSync(RUNTIME, { recursive: true, mode: 0o700 });
    await launch();
  });
  await waitUntil(`Docker engine: does not answer; see ${logFile()}`, 60, async () => {
    const args = ["info", "--format", "{{.ID}}"];
    const environment = { DOCKER_HOST: ownEngineHost };
    const info = await runProgram("docker", args, { environment, allowFailure: true });
    return info.exitCode === 0 || runningPid() === undefined;
  });
  if (runningPid() === undefined) {
    const words = readFileSync(logFile(), "utf8").trim().split("\n").slice(-5).join("\n");
    throw new Error(`Docker engine: ended at once, got ${words}`);
  }
}

/** Stops our own engine and what runs in it; does nothing where it does not run. */
export async function stopOwnEngine(log: Log): Promise<void> {
  const pid = runningPid();
  if (pid === undefined) return;
  log("stopping the Docker engine of the simulated phones");
  process.kill(pid, "SIGTERM");
  await waitUntil("Docker engine: does not stop", 90, () =>
    Promise.resolve(runningPid() === undefined),
  );
  await removeLeftOvers();
}

/** Deletes the data of our own engine, which must not run. */
export function removeOwnEngineData(): void {
  rmSync(engineDirectory(), { recursive: true, force: true });
}

async function launch(): Promise<void> {
  const output = openSync(logFile(), "a");
  const args = [
    `--data-root=${dataDirectory()}`,
    `--exec-root=${join(RUNTIME, "exec")}`,
    `--pidfile=${PID_FILE}`,
    `--host=${ownEngineHost}`,
    "--bridge=none", // phones have networks of their own
    "--log-level=warn",
  ];
  const stdio: ["ignore", number, number] = ["ignore", output, output];
  // Its own session: Ctrl-C in the terminal must not reach it.
  const engine = spawn("dockerd", args, { detached: true, stdio, env: engineEnvironment() });
  engine.unref();
  await once(engine, "spawn");
}

// A killed engine, or a copied machine, leaves pid files whose numbers may be somebody else's by now.
async function removeLeftOvers(): Promise<void> {
  rmSync(PID_FILE, { force: true });
  if (processesNaming(join(RUNTIME, "exec")).length > 0) return; // containerd lives: dockerd takes it up again
  const mounts = readFileSync("/proc/self/mounts", "utf8").split("\n");
  for (const mount of mounts.map((line) => line.split(" ")[1] ?? "").reverse()) {
    if (!mount.startsWith(`${RUNTIME}/`)) continue;
    await runProgram("umount", ["-l", mount], { allowFailure: true }); // what stays fails the next step
  }
  rmSync(RUNTIME, { recursive: true, force: true });
}

function runningPid(): number | undefined {
  return processesNaming(`--pidfile=${PID_FILE}`)[0];
}

function processesNaming(text: string): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && commandLine(name).includes(text))
    .map(Number);
}

function commandLine(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8");
  } catch {
    return ""; // it ended meanwhile
  }
}

/** What an engine that outlives its caller starts with: a test's own temporary directory is gone before it. */
export function engineEnvironment(): NodeJS.ProcessEnv {
  const path = `${process.env["PATH"] ?? ""}:/usr/local/sbin:/usr/sbin:/sbin`;
  return { ...process.env, PATH: path, TMPDIR: RUNTIME };
}

function engineDirectory(): string {
  return join(cacheDirectory(), "engine");
}

function dataDirectory(): string {
  return join(engineDirectory(), "data");
}

function logFile(): string {
  return join(engineDirectory(), "dockerd.log");
}
