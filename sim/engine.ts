import { runProgram, type ProgramOptions, type ProgramResult } from "./run-program";
import { installMissing, type Log } from "./host";
import { isOwnEngineKept, ownEngineHost, startOwnEngine } from "./own-engine";

/** The Docker engine of this machine in which simulated phones are containers. */
export interface Engine {
  /** Its address for DOCKER_HOST. */
  readonly host: string;
  readonly docker: (args: readonly string[], options?: ProgramOptions) => Promise<ProgramResult>;
}

/**
 * Finds this machine's engine, or installs what is missing and starts one of our own: only where no other runs, as two
 * would take each other's firewall rules away.
 */
export async function openEngine(log: Log): Promise<Engine> {
  const [found] = await runningEngines();
  if (found !== undefined) return found;
  await installMissing({ dockerd: "docker.io", docker: "docker.io", iptables: "iptables" }, log);
  // Where there is an init system, the installation has started one.
  const [installed] = await runningEngines();
  if (installed !== undefined) return installed;
  await startOwnEngine(log);
  return engineAt(ownEngineHost);
}

/** The engines that may hold something of ours; our own is started if it has data and no other runs. */
export async function enginesToClean(log: Log): Promise<Engine[]> {
  const running = await runningEngines();
  if (running.length > 0 || !isOwnEngineKept()) return running;
  await startOwnEngine(log);
  return [engineAt(ownEngineHost)];
}

/** The engines that answer and that phones may be in: our own, the user's. Starts nothing. */
export async function runningEngines(): Promise<Engine[]> {
  const own = engineAt(ownEngineHost);
  const engines = [(await answers(own)) ? own : undefined, await userEngine()];
  return engines.filter((engine) => engine !== undefined);
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
  // Without the user's settings: their proxies would end up in the phones.
  const environment = { DOCKER_HOST: host, DOCKER_CONFIG: "/nonexistent" };
  return {
    host,
    docker: (args, options) => runProgram("docker", args, { ...options, environment }),
  };
}
