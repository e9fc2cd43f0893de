import { type ChildProcess, spawn } from "node:child_process";
import { createRequire } from "node:module";
import { join } from "node:path";
import { type RunRequest, RunResponse } from "@pulumi/pulumi/proto/language_pb";
import { runtimeOptions } from "./runtime-options";

/** With this code the SDK's runner says that it has told the user about the error itself. */
const alreadyReported = 32;
/** How long a program may take to end when it is asked to, before it is killed. */
const graceMs = 2000;

/** Runs programs, each in a Node.js process of its own. */
export class ProgramRunner {
  private program: ChildProcess | undefined;
  private stopped = false;

  constructor(private readonly engineAddress: string) {}

  /** Runs a program to its end. It writes to our outputs, which the engine shows to the user. */
  async run(request: RunRequest): Promise<RunResponse> {
    if (request.getAttachDebugger()) {
      return new RunResponse().setError("this language host cannot attach a debugger");
    }
    const options = runtimeOptions(request.getInfo());
    const directory = request.getInfo()?.getProgramDirectory() || request.getPwd();
    const runner = sdkRunner(directory);
    if (!runner) {
      return new RunResponse().setError(
        `${directory}: the npm package @pulumi/pulumi is not installed here; run npm ci`,
      );
    }
    const args = [...options.nodeArgs, runner, ...runnerArguments(request, this.engineAddress)];
    const program = spawn(process.execPath, args, {
      cwd: request.getPwd() || directory,
      env: { ...process.env, ...settings(request), ...options.environment },
      stdio: ["ignore", "inherit", "inherit"],
    });
    this.program = program;
    return new Promise((resolve) => {
      program.once("error", (problem) => resolve(new RunResponse().setError(problem.message)));
      program.once("exit", (code, signal) => resolve(this.response(code, signal)));
    });
  }

  /** Ends the program that is running, if there is one: politely first, then by force. */
  stop(): Promise<void> {
    this.stopped = true;
    const { program } = this;
    if (program?.exitCode !== null || program.signalCode !== null) return Promise.resolve();
    return new Promise((resolve) => {
      const force = setTimeout(() => program.kill("SIGKILL"), graceMs);
      program.once("exit", () => {
        clearTimeout(force);
        resolve();
      });
      program.kill("SIGTERM");
    });
  }

  private response(code: number | null, signal: string | null): RunResponse {
    const response = new RunResponse();
    if (code === 0) return response;
    if (code === alreadyReported) return response.setBail(true);
    if (this.stopped) return response.setError("Program was stopped, as the command was cancelled");
    if (code === null) return response.setError(`Program was ended by the signal ${signal}`);
    return response.setError(`Program exited with non-zero exit code: ${code}`);
  }
}

/** The program runner of the SDK that is installed for the program. */
function sdkRunner(directory: string): string | undefined {
  try {
    return createRequire(join(directory, "package.json")).resolve("@pulumi/pulumi/cmd/run");
  } catch {
    return undefined;
  }
}

function runnerArguments(request: RunRequest, engineAddress: string): string[] {
  const flags = {
    monitor: request.getMonitorAddress(),
    engine: engineAddress,
    organization: request.getOrganization(),
    project: request.getProject(),
    stack: request.getStack(),
    pwd: request.getPwd(),
    "root-directory": request.getInfo()?.getRootDirectory(),
    parallel: String(request.getParallel()),
  };
  return [
    ...Object.entries(flags).flatMap(([name, value]) => (value ? [`--${name}`, value] : [])),
    ...(request.getDryrun() ? ["--dry-run"] : []),
    request.getInfo()?.getEntryPoint() || request.getProgram() || ".",
    ...request.getArgsList(),
  ];
}

/** The stack's settings go by the environment: there, unlike in arguments, secrets are out of sight. */
function settings(request: RunRequest): NodeJS.ProcessEnv {
  return {
    PULUMI_CONFIG: JSON.stringify(Object.fromEntries(request.getConfigMap().toArray())),
    PULUMI_CONFIG_SECRET_KEYS: JSON.stringify(request.getConfigsecretkeysList()),
  };
}
