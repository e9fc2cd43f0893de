import { runProgram, type ProgramOptions, type ProgramResult } from "./run-program";
import { installMissing, type Log } from "./host";
import { isOwnEngineKept, ownEngineHost, startOwnEngine } from "./own-engine";

/** The Docker engine of this machine in which simulated phones are containers. */
export interface Engine {
  /** Its address for DOCKER_HOST. */
  readonly host: string;
  readonly docker: (args: readonly string[], options?: ProgramOptions) => Promise<ProgramResult>;
}

/** Finds this machine's engine, or installs what is missing and starts one of our own. */
export async function openEngine(log: Log): Promise<Engine> {
  // An engine that came up during the installation is the user's: nothing of ours is started then.
  const found = (await findEngine()) ?? (await installEngine(log));
  if (found !== undefined) return found;
  await startOwnEngine(log);
  return engineAt(ownEngineHost);
}

/** Every engine that may hold something of ours, ours started for it; none when there is nothing. */
export async function enginesToClean(log: Log): Promise<Engine[]> {
  const engines: Engine[] = [];
  const user = await userEngine();
  if (user !== undefined) engines.push(user);
  if (isOwnEngineKept()) {
    await startOwnEngine(log);
    engines.push(engineAt(ownEngineHost));
  }
  return engines;
}

/** The engine in use if it answers: ours once it was started, else the user's. Starts nothing. */
export async function findEngine(): Promise<Engine | undefined> {
  const own = engineAt(ownEngineHost);
  return (await answers(own)) ? own : userEngine();
}

async function installEngine(log: Log): Promise<Engine | undefined> {
  await installMissing({ dockerd: "docker.io", docker: "docker.io", iptables: "iptables" }, log);
  return findEngine();
}

async function userEngine(): Promise<Engine | undefined> {
  const inspect = ["context", "inspect", "--format", "{{.Endpoints.docker.Host}}"];
  const context = await runProgram("docker", inspect, { allowFailure: true }).catch(noProgram);
  const host = process.env["DOCKER_HOST"] ?? context.stdout.trim();
  // Phones must be reachable by address from here: no remote engine, no virtual machine, no user namespace.
  if (!host.startsWith("unix://")) return undefined;
  const engine = engineAt(host);
  return (await answers(engine)) ? engine : undefined;
}

async function answers(engine: Engine): Promise<boolean> {
  const format = "{{.OperatingSystem}} {{.SecurityOptions}}";
  const info = await engine
    .docker(["info", "--format", format], { allowFailure: true, timeoutSeconds: 20 })
    .catch(noProgram);
  return info.exitCode === 0 && !/Docker Desktop|rootless|userns/.test(info.stdout);
}

function noProgram(): ProgramResult {
  return { stdout: "", stderr: "", exitCode: 127 };
}

function engineAt(host: string): Engine {
  return {
    host,
    docker: (args, options) => runProgram("docker", ["--host", host, ...args], options),
  };
}
