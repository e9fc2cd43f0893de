import { spawnSync, type SpawnSyncReturns } from "node:child_process";
import { chmodSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A command and its leading arguments that make it a shell. */
export type Shell = readonly [command: string, ...args: string[]];

/** The shells that our scripts meet: the operator's /bin/sh, and BusyBox ash, the login shell of postmarketOS. */
export const shells: readonly (readonly [name: string, shell: Shell])[] = [
  ["/bin/sh", ["/bin/sh"]],
  ["busybox sh", ["busybox", "sh"]],
];

/** What a script is run with. */
export interface RunOptions {
  readonly args?: readonly string[];
  readonly input?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

/** Runs a script in a shell. A shell that is not installed fails the test: nothing would have been checked. */
export function runScript(
  [command, ...first]: Shell,
  script: string,
  { args = [], input = "", env, cwd }: RunOptions = {},
): SpawnSyncReturns<string> {
  const result = spawnSync(command, [...first, "-c", script, "script", ...args], {
    encoding: "utf8",
    input,
    cwd,
    env: env === undefined ? process.env : { PATH: process.env.PATH ?? "", ...env },
    maxBuffer: 64 * 1024 * 1024,
    timeout: 30_000,
  });
  if (result.error !== undefined) throw notRun(command, result.error);
  return result;
}

/** What a shell that only reads a script says against it; empty where it is well-formed. */
export function syntaxErrors([command, ...first]: Shell, script: string): string {
  const result = spawnSync(command, [...first, "-n"], { encoding: "utf8", input: script });
  if (result.error !== undefined) throw notRun(command, result.error);
  return result.stderr + (result.status === 0 ? "" : `exit ${result.status}`);
}

function notRun(command: string, error: Error): Error {
  const isMissing = "code" in error && error.code === "ENOENT";
  return new Error(
    isMissing
      ? `expected ${command} on this machine, got none, and without it nothing is checked; apt-get install ${command}`
      : `${command}: ${error.message}`,
  );
}

/** A directory for the front of PATH with stand-ins for commands: by name, the body of a shell script. */
export function fakeCommands(bodies: Readonly<Record<string, string>>): string {
  const directory = mkdtempSync(join(tmpdir(), "cloudlet-fake-"));
  for (const [name, body] of Object.entries(bodies)) {
    writeFileSync(join(directory, name), `#!/bin/sh\n${body}\n`);
    chmodSync(join(directory, name), 0o755);
  }
  return directory;
}
