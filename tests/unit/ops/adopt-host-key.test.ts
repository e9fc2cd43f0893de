import { fingerprintOf, shownHostKey } from "../../../ops/adopt/host-key";
import { fakeCommands } from "../../support/shells";

const ED25519 = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIMgEfXXwbI8yuSOkNoNtjNwn5z157zwnm43KsWcz1jX6";
const target = { user: "user", address: "192.168.1.21", port: 2222, jumpHost: undefined };
const path = process.env.PATH;

/** Lays stand-ins for OpenSSH's programs over the real ones. */
function standIns(bodies: Readonly<Record<string, string>>): void {
  process.env.PATH = `${fakeCommands(bodies)}:${path}`;
}

afterEach(() => {
  process.env.PATH = path;
});

describe("shownHostKey", () => {
  it("prefers ed25519 among what the phone shows", async () => {
    standIns({
      "ssh-keyscan": `case "$*" in *"-p 2222"*192.168.1.21) ;; *) exit 1 ;; esac
echo "# 192.168.1.21:2222 SSH-2.0-OpenSSH_9.9"
echo "[192.168.1.21]:2222 ssh-rsa AAAArsa"
echo "[192.168.1.21]:2222 ${ED25519}"`,
    });
    expect(await shownHostKey(target)).toBe(ED25519);
  });

  it("says so where nothing answers", async () => {
    standIns({ "ssh-keyscan": "exit 1" });
    await expect(shownHostKey(target)).rejects.toThrow(
      "192.168.1.21: expected a phone that answers over SSH on port 2222, got no host key; switch it on, and start its sshd",
    );
  });

  // The stand-in shows how OpenSSH is called, not that a jump host lets it through.
  it("asks through the jump host, with no way to log in to the phone", async () => {
    standIns({
      "ssh-keyscan": "exit 1",
      ssh: `case "$*" in *PreferredAuthentications=none*"-J me@jump -p 2222 192.168.1.21 true") ;; *) exit 1 ;; esac
for option; do case $option in UserKnownHostsFile=*) echo "phone ${ED25519}" >"\${option#*=}" ;; esac; done
exit 255`,
    });
    expect(await shownHostKey({ ...target, jumpHost: "me@jump" })).toBe(ED25519);
  });
});

it("shows a fingerprint as OpenSSH does", async () => {
  expect(await fingerprintOf(ED25519)).toMatch(/^SHA256:[A-Za-z0-9+/]{43}$/);
});
