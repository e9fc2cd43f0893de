import execa from "execa";

/** What a finished program left behind. */
export interface ProgramResult {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number;
}

/** How a program is run; without `allowFailure` an exit code other than 0 throws. */
export interface ProgramOptions {
  readonly input?: string | Buffer;
  readonly allowFailure?: boolean;
  readonly environment?: Readonly<Record<string, string>>;
  readonly directory?: string;
  readonly timeoutSeconds?: number;
}

/** Runs a program to its end; throws with its last words when it fails, cannot start or takes too long. */
export async function runProgram(
  program: string,
  args: readonly string[],
  options: ProgramOptions = {},
): Promise<ProgramResult> {
  const child = execa(program, args, {
    input: options.input,
    stdin: options.input === undefined ? "ignore" : undefined,
    cwd: options.directory,
    env: options.environment,
    maxBuffer: 256 * 1024 * 1024,
    reject: false,
  });
  // Not execa's own time limit, whose timer outlives a program that cannot be started.
  let timedOut = false;
  const limit = setTimeout(
    () => {
      timedOut = true;
      child.kill();
    },
    (options.timeoutSeconds ?? 600) * 1000,
  );
  const result = await child;
  clearTimeout(limit);
  // Enough to know which it was; what follows may be long, or a secret.
  const name = [program, ...args.slice(0, 2)].join(" ");
  if (timedOut) throw new Error(`${name}: did not end in time, got ${result.stderr}`);
  // execa gives no exit code for a program that did not start or was killed by a signal.
  const exitCode = result.exitCode as number | undefined;
  if (exitCode === undefined) throw new Error(`${name}: ${describe(result)}`);
  if (exitCode !== 0 && options.allowFailure !== true) {
    throw new Error(`${name}: ended with ${exitCode}, got ${lastWords(result)}`);
  }
  return { stdout: result.stdout, stderr: result.stderr, exitCode };
}

function describe(result: execa.ExecaReturnValue & { originalMessage?: string }): string {
  return result.signal === undefined
    ? `cannot be run, got ${result.originalMessage ?? "no reason"}`
    : `ended by ${result.signal}, got ${lastWords(result)}`;
}

function lastWords(result: { stdout: string; stderr: string }): string {
  const text = result.stderr.trim() === "" ? result.stdout : result.stderr;
  return text.trim().split("\n").slice(-8).join("\n");
}
