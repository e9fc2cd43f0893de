import { join } from "node:path";
import { installMissing, type Log } from "./host";
import { runProgram } from "./run-program";

/** The Debian that everything simulated is made of. */
export const SUITE = "bookworm";

/** Keeps to what a release holds for good: the lists of its updates change, and on mirrors are sometimes half there. */
export const RELEASE_ONLY = `--setup-hook=${join(__dirname, "phone/release-only.sh")}`;

const PROGRAMS = {
  mmdebstrap: "mmdebstrap",
  "/usr/share/keyrings/debian-archive-keyring.gpg": "debian-archive-keyring",
};

/** Makes something of Debian's packages, with Debian's own sources and keys, whatever this machine's apt is set up for. */
export async function runMmdebstrap(
  args: readonly string[],
  log: Log,
  environment: Readonly<Record<string, string>> = {},
): Promise<void> {
  await installMissing(PROGRAMS, log);
  await runProgram("mmdebstrap", [RELEASE_ONLY, ...args], { environment });
}
