import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";

const lockFiles = {
  yarn: "yarn.lock",
  pnpm: "pnpm-lock.yaml",
  bun: "bun.lock",
} as const;

/** The package manager to use in a directory: the one that was asked for, or whose lock file is there. */
export function packageManager(directory: string, asked: string): string {
  if (asked !== "auto") return asked;
  const found = Object.entries(lockFiles).find(([, file]) => existsSync(join(directory, file)));
  return found?.[0] ?? "npm";
}

/** Installs the npm packages of the program in the directory; rejects if that fails. */
export function installDependencies(
  directory: string,
  manager: string,
  show: { stdout: (text: Buffer) => void; stderr: (text: Buffer) => void },
): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(manager, ["install"], {
      cwd: directory,
      stdio: ["ignore", "pipe", "pipe"],
    });
    child.stdout.on("data", show.stdout);
    child.stderr.on("data", show.stderr);
    child.once("error", (problem) => reject(new Error(`${manager} install: ${problem.message}`)));
    child.once("close", (code, signal) => {
      if (code === 0) resolve();
      else
        reject(
          new Error(
            `${manager} install in ${directory} failed, got ${signal ?? `exit code ${code}`}`,
          ),
        );
    });
  });
}
