import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import execa from "execa";
import { simulatedHostKey } from "../../../sim/host-keys";

describe("simulatedHostKey", () => {
  const names = ["pixel-1", "pixel-2", "a", "phone-with-a-rather-long-name-0123456789"];

  it("never changes for a name, so that settings can pin it", () => {
    expect(simulatedHostKey("pixel-1").publicKey).toBe(
      "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIMgEfXXwbI8yuSOkNoNtjNwn5z157zwnm43KsWcz1jX6",
    );
    expect(simulatedHostKey("pixel-1")).toEqual(simulatedHostKey("pixel-1"));
  });

  it("gives every phone a key of its own", () => {
    expect(new Set(names.map((name) => simulatedHostKey(name).publicKey)).size).toBe(names.length);
  });

  it.each(names)("writes a private key that OpenSSH reads as the same key: %s", async (name) => {
    const directory = mkdtempSync(join(tmpdir(), "cloudlet-host-key-"));
    try {
      const file = join(directory, "key");
      writeFileSync(file, simulatedHostKey(name).privateKey, { mode: 0o600 });
      const { stdout } = await execa("ssh-keygen", ["-y", "-P", "", "-f", file]);
      expect(stdout).toBe(`${simulatedHostKey(name).publicKey} simulated phone`);
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
});
