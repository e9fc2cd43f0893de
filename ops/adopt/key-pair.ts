import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname } from "node:path";
import execa from "execa";
import { Refusal } from "../recovery/swarm-phones";

/** The path of a login key with the home directory in place of `~`. */
export function identityPath(identityFile: string): string {
  return identityFile.replace(/^~(?=\/)/, homedir());
}

/** The public half of a login key, as one line. `mayMake`: a missing pair is made, after saying so. */
export async function publicKeyOf(
  identityFile: string,
  mayMake: boolean,
  log: (line: string) => void,
): Promise<string> {
  const file = identityPath(identityFile);
  const isThere = existsSync(`${file}.pub`);
  if (!isThere && !existsSync(file)) {
    if (!mayMake) {
      throw new Refusal(
        `cloudlet:ssh.identityFile: expected ${identityFile}.pub, the public half of cloudlet:sshPrivateKey, got no such file; \`ssh-keygen -y\` prints it`,
      );
    }
    log(`making a key pair for logging in to the phones: ${identityFile} (without a passphrase)`);
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    await execa("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "cloudlet", "-f", file]);
  }
  if (existsSync(`${file}.pub`)) return readFileSync(`${file}.pub`, "utf8").trim();
  const made = await execa("ssh-keygen", ["-y", "-P", "", "-f", file], { reject: false });
  if (made.exitCode === 0) return made.stdout.trim();
  throw new Refusal(
    `cloudlet:ssh.identityFile: expected a private key, or its public half beside it, got ${identityFile}, which ssh-keygen cannot read without a passphrase; \`ssh-keygen -y -f ${identityFile} >${identityFile}.pub\` writes the public half`,
  );
}
