import { existsSync } from "node:fs";
import { homedir, userInfo } from "node:os";
import { delimiter, join } from "node:path";
import { withMachineLock } from "./machine-lock";
import { runProgram } from "./run-program";

/** Tells people what is going on, one line at a time. */
export type Log = (line: string) => void;

/** Throws unless this machine can simulate phones at all: Linux, as root. */
export function requireLinuxRoot(): void {
  if (process.platform !== "linux") {
    throw new Error(
      `simulated phones: need Linux, got ${process.platform}; use a Linux machine or a virtual one`,
    );
  }
  if (userInfo().uid !== 0) {
    throw new Error(
      `simulated phones: need root for networks and mounts, got user ${userInfo().username}; start again with sudo`,
    );
  }
}

/** Where everything lives that can be made again: phone images' parts, stand-ins, the data of our own engine. */
export function cacheDirectory(): string {
  const base = process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache");
  return join(base, "cloudlet", "simulation");
}

/** Installs the Debian packages whose program (or file, with a leading slash) is missing, after saying so. */
export async function installMissing(
  packages: Readonly<Record<string, string>>,
  log: Log,
): Promise<void> {
  if (Object.keys(packages).every(isThere)) return;
  // apt-get does not wait for another that updates the lists.
  await withMachineLock("apt-get", async () => {
    const missing = Object.entries(packages)
      .filter(([needed]) => !isThere(needed))
      .map(([, name]) => name);
    if (missing.length > 0) await install(missing, log);
  });
}

async function install(names: readonly string[], log: Log): Promise<void> {
  if (!isThere("apt-get")) {
    throw new Error(
      `simulated phones: need Debian or Ubuntu's packages ${names.join(", ")}, got a machine without apt-get; install them and start again`,
    );
  }
  log(`installing ${names.join(", ")} with apt-get`);
  const environment = { DEBIAN_FRONTEND: "noninteractive" };
  const command = ["install", "-y", "-q", "--no-install-recommends", ...names];
  const first = await runProgram("apt-get", command, { environment, allowFailure: true });
  if (first.exitCode === 0) return;
  log("updating the package lists first");
  await runProgram("apt-get", ["update", "-q"], { environment });
  await runProgram("apt-get", command, { environment });
}

function isThere(needed: string): boolean {
  if (needed.startsWith("/")) return existsSync(needed);
  const path = `${process.env["PATH"] ?? ""}${delimiter}/usr/local/sbin${delimiter}/usr/sbin${delimiter}/sbin`;
  return path.split(delimiter).some((directory) => existsSync(join(directory, needed)));
}
