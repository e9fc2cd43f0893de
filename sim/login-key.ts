import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import type { Log } from "./host";
import { runProgram } from "./run-program";

/** Returns the public half of the user's login key (one line); makes the key (ed25519, no passphrase) if missing. */
export async function ensureLoginKey(identityFile: string, log: Log): Promise<string> {
  if (!existsSync(identityFile)) {
    log(`making a key for logging in to the simulated phones: ${identityFile}`);
    mkdirSync(dirname(identityFile), { recursive: true, mode: 0o700 });
    const comment = "cloudlet simulated phones";
    await runProgram("ssh-keygen", [
      ...["-q", "-t", "ed25519", "-N", "", "-C", comment, "-f", identityFile],
    ]);
  }
  if (existsSync(`${identityFile}.pub`)) return readFileSync(`${identityFile}.pub`, "utf8").trim();
  return (await runProgram("ssh-keygen", ["-y", "-f", identityFile])).stdout.trim();
}
