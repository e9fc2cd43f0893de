import { DAEMON_JSON, FIREWALL_FILE, STATE_DIRECTORY } from "../../../observe/facts-scripts";
import {
  asRoot,
  freeGossipPortScript,
  setUpEngineScript,
  undoPhoneScript,
} from "../../../nodes/phone-scripts";
import { samplePlannedNode } from "../../support/sample-node";
import { fakeCommands, runScript, shells, syntaxErrors } from "../../support/shells";
import { SimulatedPhone } from "../../support/simulated-phone";

const node = samplePlannedNode("compute");
const setUp = setUpEngineScript(node);
const undo = undoPhoneScript("pixel-4", "cloudlet");
const freePort = freeGossipPortScript("pixel-4");
const REPAIRS = `${STATE_DIRECTORY}/repairs`;
const SWARM_STATE = "/var/lib/docker/swarm/state.json";

// A firewall as nft keeps it: one file for the rules of its input chain.
const firewall = `chain="$ROOT/chain"; touch "$chain"
case "$*" in
  "-a list chain inet filter input") sed 's/$/ # handle 9/' "$chain" ;;
  "list chain inet filter input") cat "$chain" ;;
  "list chain inet filter cloudlet") grep -q cloudlet "$chain" ;;
  "-f -") cat > /dev/null ;;
  "-f "*) echo "jump cloudlet" >> "$chain" ;;
  "delete rule inet filter input handle 9") : > "$chain" ;;
esac`;

describe.each(shells)("in %s", (_, shell) => {
  it.each([
    ["setUpEngineScript", setUp],
    ["undoPhoneScript", undo],
    ["freeGossipPortScript", freePort],
  ])("%s is well-formed, and so is the script in it that root runs", (_name, script) => {
    expect(syntaxErrors(shell, script)).toBe("");
    // The port of gossip is held.
    const cat = "echo ' 0: 00000000:1F0A 00000000:0000 0A '";
    const bin = fakeCommands({
      id: "echo 0",
      timeout: 'printf %s "$4"',
      cat,
      docker: "echo inactive",
    });
    const { stdout } = runScript(shell, script, { env: { PATH: `${bin}:${process.env.PATH}` } });
    expect(stdout.startsWith("set -eu\n")).toBe(true);
    expect(syntaxErrors(shell, stdout)).toBe("");
  });

  describe("asRoot", () => {
    const run = (commands: Record<string, string>, script = 'echo "$HOW: $1"') => {
      const bin = fakeCommands({
        id: "if [ $1 = -u ]; then echo 10000; else echo me; fi",
        ...commands,
      });
      return runScript(shell, asRoot("pixel-4", script), {
        args: ["argument"],
        input: "the rest of the script\n",
        env: { PATH: `${bin}:${process.env.PATH}` },
      });
    };
    const sudo = '[ "$1" = -n ] || exit 1; shift; HOW=sudo exec "$@"';
    const doas = sudo.replace("sudo", "doas");

    it.each([
      ["sudo", { sudo, doas: "exit 1" }],
      ["doas", { sudo: "exit 1", doas }],
    ])("becomes root with %s, and hands the argument on", (how, commands) => {
      expect(run(commands)).toMatchObject({ status: 0, stdout: `${how}: argument\n`, stderr: "" });
    });

    it("does not let the script read what comes after it", () => {
      expect(run({ sudo }, "cat").stdout).toBe("");
    });

    it("says how to let the user become root", () => {
      expect(run({ sudo: "exit 1", doas: "exit 1" })).toMatchObject({
        status: 1,
        stderr:
          "pixel-4: the user me cannot become root without a password; add 'permit nopass me' to /etc/doas.d/cloudlet.conf or 'me ALL=(ALL) NOPASSWD: ALL' to /etc/sudoers.d/cloudlet\n",
      });
    });
  });

  describe("setUpEngineScript", () => {
    it("leaves a phone that needs nothing as it is, but for the number of the repair", () => {
      const phone = new SimulatedPhone();
      phone.write("/etc/runlevels/default/docker");
      phone.write(DAEMON_JSON, JSON.stringify(node.engineSettings.defaults));
      expect(phone.run(shell, setUp, "7")).toMatchObject({ status: 0, stderr: "" });
      expect(phone.calls()).toEqual([
        "uname -m",
        expect.stringMatching(/^modprobe -qa overlay br_netfilter /),
        "nft list chain inet filter input",
        "docker info",
      ]);
      expect(phone.read(REPAIRS)).toBe("7\n");
    });

    it("changes nothing on a machine that cannot run the platform's images", () => {
      const phone = new SimulatedPhone({ uname: "echo x86_64" });
      expect(phone.run(shell, setUp, "7")).toMatchObject({
        status: 1,
        stderr:
          "pixel-4: expected a machine for linux/arm/v7 (armv7l or armv8l), got x86_64; set platform for this phone\n",
      });
      expect(new Set(phone.calls())).toEqual(new Set(["uname -m"]));
      expect(phone.has(STATE_DIRECTORY)).toBe(false);
    });

    it("enables and starts an engine, lets the user use it, and remembers what to take back", () => {
      const phone = new SimulatedPhone({
        id: "case $1 in -u) echo 0 ;; *) echo wheel ;; esac",
        docker: '[ -e "$ROOT/started" ]',
        "rc-service": ': > "$ROOT/started"',
      });
      expect(phone.run(shell, setUp, "7").status).toBe(0);
      expect(phone.calls().filter((call) => !/^(id|docker|uname|nft|modprobe)/.test(call))).toEqual(
        [
          "usermod -aG docker cloudlet",
          "rc-update -q add docker default",
          "rc-service -q docker start",
        ],
      );
      expect(phone.has(`${STATE_DIRECTORY}/enabled-docker`)).toBe(true);
      expect(phone.has(`${STATE_DIRECTORY}/added-to-docker-group`)).toBe(true);
    });

    it("says where to look when Docker does not start, and leaves no number: it is tried again", () => {
      const phone = new SimulatedPhone({ docker: "exit 1", "rc-service": "exit 1" });
      expect(phone.run(shell, setUp, "7")).toMatchObject({
        status: 1,
        stderr:
          "pixel-4: Docker does not start; its log is /var/log/docker.log or `journalctl -u docker`\n",
      });
      expect(phone.has(REPAIRS)).toBe(false);
    });

    it("loads the modules that a swarm needs, now and at boot, and takes that back", () => {
      const phone = new SimulatedPhone();
      const file = "/etc/modules-load.d/cloudlet.conf";
      expect(phone.run(shell, setUp, "7").status).toBe(0);
      expect(phone.read(file).split("\n")).toEqual(
        expect.arrayContaining(["overlay", "br_netfilter", "vxlan", "ip_vs"]),
      );
      expect(phone.run(shell, undo).status).toBe(0);
      expect(phone.has(file)).toBe(false);
    });

    it("opens the firewall as planned, once, and again without a second rule", () => {
      const phone = new SimulatedPhone({ nft: firewall });
      phone.write("/etc/runlevels/default/docker");
      expect(phone.run(shell, setUp, "7").status).toBe(0);
      expect(phone.run(shell, setUp, "8").status).toBe(0);
      expect(phone.read(FIREWALL_FILE)).toBe(node.firewall);
      expect(phone.read("/chain")).toBe("jump cloudlet\n");
      expect(phone.calls().filter((call) => call.startsWith("nft -f"))).toEqual([
        `nft -f ${FIREWALL_FILE}`,
        "nft -f -",
      ]);
    });
  });

  describe("undoPhoneScript", () => {
    const member = 'if [ "$1 $2" = "info --format" ]; then echo active; fi';

    it("takes back all that setting up did, and nothing that was there before", () => {
      const phone = new SimulatedPhone({ nft: firewall, docker: member });
      phone.write(`${STATE_DIRECTORY}/enabled-docker`);
      phone.write(FIREWALL_FILE, node.firewall);
      phone.write("/chain", "jump cloudlet\n");
      expect(phone.run(shell, undo)).toMatchObject({ status: 0, stderr: "" });
      expect(phone.has(FIREWALL_FILE)).toBe(false);
      expect(phone.has(STATE_DIRECTORY)).toBe(false);
      expect(phone.read("/chain")).toBe("");
      const calls = phone.calls();
      expect(calls).toContain("docker swarm leave --force");
      expect(calls).toContain("rc-update -q del docker default");
      expect(calls.some((call) => /^(gpasswd|delgroup)/.test(call))).toBe(false);
    });

    it("forgets the swarm of an engine that does not run", () => {
      const phone = new SimulatedPhone({ docker: "exit 1" });
      phone.write(SWARM_STATE, "{}");
      expect(phone.run(shell, undo).status).toBe(0);
      expect(phone.has(SWARM_STATE)).toBe(false);
    });

    it("fails where the phone cannot leave, and keeps what it needs to be undone again", () => {
      const phone = new SimulatedPhone({ docker: `${member}\n[ "$1 $2" != "swarm leave" ]` });
      phone.write(`${STATE_DIRECTORY}/enabled-docker`);
      expect(phone.run(shell, undo)).toMatchObject({
        status: 1,
        stderr: "pixel-4: cannot leave the swarm\n",
      });
      expect(phone.has(`${STATE_DIRECTORY}/enabled-docker`)).toBe(true);
    });

    it("can be run twice", () => {
      const phone = new SimulatedPhone({ nft: firewall, docker: member });
      expect(phone.run(shell, undo).status).toBe(0);
      expect(phone.run(shell, undo)).toMatchObject({ status: 0, stderr: "" });
    });
  });

  describe("freeGossipPortScript", () => {
    const inState = (state: string) =>
      new SimulatedPhone({ docker: `[ "$2" != --format ] || echo ${state}` });
    // 7946 is 1F0A; 0A is a socket that listens.
    const listening =
      "   1: 00000000:1F0A 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1 1 0\n";

    it.each([
      ["inactive", listening, true],
      ["active", listening, false],
      ["inactive", listening.replace("1F0A", "0016"), false],
      ["inactive", listening.replace(" 0A ", " 01 "), false],
    ])(
      "of an engine that is %s with the sockets %j restarts it: %p",
      (state, sockets, restarts) => {
        const phone = inState(state);
        phone.write("/proc/net/tcp", sockets);
        expect(phone.run(shell, freePort)).toMatchObject({ status: 0, stderr: "" });
        expect(phone.calls().includes("rc-service -q docker stop")).toBe(restarts);
      },
    );

    it("removes the interfaces that the engine left behind, while it is stopped", () => {
      const phone = new SimulatedPhone({
        docker: '[ "$2" != --format ] || echo inactive',
        ip: "exit 1",
      });
      phone.write("/proc/net/tcp", listening);
      for (const link of ["eth0", "vx-001002-ig848", "vx-001003-9w6dk", "docker0"])
        phone.write(`/sys/class/net/${link}/address`);
      expect(phone.run(shell, freePort)).toMatchObject({ status: 0, stderr: "" });
      expect(phone.calls().filter((call) => /^(rc-service|ip) /.test(call))).toEqual([
        "rc-service -q docker stop",
        "ip link delete vx-001002-ig848",
        "ip link delete vx-001003-9w6dk",
        "rc-service -q docker start",
      ]);
    });
  });
});
