import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import execa from "execa";
import type { Target } from "./connection";
import { Refusal } from "../recovery/swarm-phones";

/** The host key that a phone shows now, as settings have it. Nobody has compared it yet. */
export async function shownHostKey({ address, port, jumpHost }: Target): Promise<string> {
  const directory = mkdtempSync(join(tmpdir(), "cloudlet-adopt-"));
  try {
    const text = await (jumpHost === undefined
      ? scan(address, port)
      : meet(directory, jumpHost, { address, port }));
    const keys = text.split("\n").flatMap((line) => /^[^#\s]+ (\S+ \S+)/.exec(line)?.[1] ?? []);
    const key = ["ssh-ed25519 ", "ecdsa-", "ssh-rsa "].flatMap((type) =>
      keys.filter((one) => one.startsWith(type)),
    )[0];
    if (key !== undefined) return key;
    throw new Refusal(
      `${address}: expected a phone that answers over SSH on port ${port}, got no host key; switch it on, and start its sshd`,
    );
  } finally {
    rmSync(directory, { recursive: true });
  }
}

async function scan(address: string, port: number): Promise<string> {
  const args = ["-T", "10", "-p", String(port), "-t", "ed25519,ecdsa,rsa", address];
  return (await execa("ssh-keyscan", args, { reject: false })).stdout;
}

// ssh-keyscan knows no jump host. Without a way to log in, OpenSSH writes the key down and gets no further.
async function meet(
  directory: string,
  jumpHost: string,
  { address, port }: { address: string; port: number },
): Promise<string> {
  const file = join(directory, "known_hosts");
  writeFileSync(file, "");
  const options = [
    "StrictHostKeyChecking=accept-new",
    `UserKnownHostsFile=${file}`,
    "GlobalKnownHostsFile=/dev/null",
    "HashKnownHosts=no",
    "HostKeyAlias=phone",
    "PreferredAuthentications=none",
    "ConnectTimeout=10",
  ];
  await execa(
    "ssh",
    [
      ...options.flatMap((option) => ["-o", option]),
      "-J",
      jumpHost,
      "-p",
      String(port),
      address,
      "true",
    ],
    { stdin: "ignore", reject: false },
  );
  return readFileSync(file, "utf8");
}

/** The fingerprint of a host key, as OpenSSH shows it everywhere. */
export async function fingerprintOf(hostKey: string): Promise<string> {
  const { stdout } = await execa("ssh-keygen", ["-lf", "-"], { input: `${hostKey}\n` });
  return stdout.split(" ")[1] ?? stdout;
}
