import { readSubject } from "../../../observe/observe";
import { factsScript } from "../../../observe/facts-scripts";
import { parseFacts } from "../../../observe/parse-facts";
import { fakeCommands, runScript, shells, syntaxErrors } from "../../support/shells";

// Stand-ins for a phone's commands; `docker` works for root alone, which only doas makes one.
const phone = {
  id: "echo 10000",
  hostname: "echo pixel-1",
  uname: "if [ $1 = -m ]; then echo armv7l; else echo 6.16.12; fi",
  sudo: "exit 1",
  doas: 'shift; ROOT=1 exec "$@"',
  "rc-update": "",
  apk: "",
  dockerd: "",
  docker: `[ -n "$ROOT" ] || exit 1
[ "$1 $2" = "system dial-stdio" ] || exit 1
while IFS= read -r line; do case $line in *"Connection: close"*) break ;; esac; done
answer() { printf 'HTTP/1.1 200 OK\\r\\nContent-Length: %s\\r\\n\\r\\n%s' "\${#1}" "$1"; }
node() { printf '{"ID":"%s","Spec":{"Role":"manager","Availability":"active"},"Status":{"State":"ready"}}' "$1"; }
answer '{"ServerVersion":"25.0.5","Swarm":{"ControlAvailable":true,"Cluster":{"ID":"cluster"}}}'
answer "[$(node first),$(node second)]"`,
  ip: `echo '2: wlan0    inet 192.168.1.21/24 brd 192.168.1.255 scope global wlan0\\       valid_lft forever'`,
  cat: 'case $1 in /var/lib/docker/*) exit 1 ;; *) exec /bin/cat "$@" ;; esac',
  nft: '[ -n "$ROOT" ] && echo "tcp dport 22 accept"',
};

describe.each(shells)("factsScript in %s", (_, shell) => {
  const look = (commands: Record<string, string>) => {
    const bin = fakeCommands(commands);
    const { stdout } = runScript(shell, factsScript(), {
      env: { PATH: `${bin}:${process.env.PATH}` },
    });
    return parseFacts(stdout, readSubject);
  };

  it("is well-formed", () => expect(syntaxErrors(shell, factsScript())).toBe(""));

  it("sees the swarm as root where the user may not use docker yet", () => {
    expect(look(phone)).toMatchObject({
      hostname: "pixel-1",
      machine: "armv7l",
      privilege: "doas",
      initSystem: "openrc",
      packageManager: "apk",
      engine: { installed: true, running: true, version: "25.0.5", userHasAccess: false },
      addresses: [{ device: "wlan0", address: "192.168.1.21" }],
      firewall: "closed",
      swarm: { clusterId: "cluster", nodes: [{ id: "first" }, { id: "second" }] },
    });
  });

  it("sees that nobody there becomes root without a password, and asks the engine nothing then", () => {
    expect(look({ ...phone, doas: "exit 1" })).toMatchObject({
      privilege: "none",
      engine: { installed: true, running: false, userHasAccess: false },
      swarm: undefined,
    });
  });

  it("tells a firewall that jumps to our rules, one that does not, and none", () => {
    const loaded = { ...phone, nft: 'echo "jump cloudlet"' };
    expect(look(loaded)?.firewall).toBe("open");
    expect(look({ ...phone, nft: "exit 1" })?.firewall).toBe("none");
  });
});
