import {
  backupScript,
  forceNewClusterScript,
  forgetOldMastersScript,
  leaveOldSwarmScript,
  raftScript,
  restoreScript,
} from "../../../swarm/recovery-scripts";
import { nodeOf, sampleConfig } from "../../support/sample-config";
import { fakeCommands, runScript, shells, syntaxErrors } from "../../support/shells";
import { SimulatedPhone } from "../../support/simulated-phone";

const node = nodeOf(sampleConfig(), "pixel-1");
const SWARM = "/var/lib/docker/swarm";
const TOKEN = "SWMTKN-1-secret-part";
const FORCED =
  "docker swarm init --force-new-cluster --advertise-addr 192.168.1.21 --data-path-addr 192.168.1.21";

// An engine that can be stopped: while $ROOT/off is there it does not answer, and $ROOT/manages is its majority.
const rcService = 'case $3 in stop) touch "$ROOT/off" ;; start) rm -f "$ROOT/off" ;; esac';
const engine = (more = "") => `[ ! -e "$ROOT/off" ] || exit 1
case "$1 $2" in
  ${more}
  "node ls") [ -e "$ROOT/manages" ] && echo id-self ;;
  "swarm init") touch "$ROOT/manages"; echo "docker swarm join --token ${TOKEN} 192.168.1.21:2377" ;;
esac`;
// Each pause of a script is a second of its clock.
const date = 'grep -c "^sleep" "$ROOT/calls"';
const phoneWith = (docker = engine(), more: Readonly<Record<string, string>> = {}) =>
  new SimulatedPhone({ docker, date, sleep: "", "rc-service": rcService, ...more });
/** What a phone was told, without questions. */
const told = (phone: SimulatedPhone) =>
  phone
    .calls()
    .filter((call) => !/^(docker (info|node (ls|inspect))|date|sleep|systemctl|cat)/.test(call));

describe.each(shells)("in %s", (_, shell) => {
  it.each([
    ["raftScript", raftScript("pixel-1")],
    ["forceNewClusterScript", forceNewClusterScript(node)],
    ["leaveOldSwarmScript", leaveOldSwarmScript("pixel-1", "id-old")],
    ["forgetOldMastersScript", forgetOldMastersScript("pixel-1")],
    ["backupScript", backupScript("pixel-1")],
    ["restoreScript", restoreScript(node, "20261122T233015Z")],
  ])("%s is well-formed, and so is the script in it that root runs", (_name, script) => {
    expect(syntaxErrors(shell, script)).toBe("");
    const bin = fakeCommands({
      id: "echo 0",
      timeout: 'printf %s "$4"',
      // What root runs without a time limit.
      sh: 'printf %s "$2"',
    });
    const { stdout } = runScript(shell, script, { env: { PATH: `${bin}:${process.env.PATH}` } });
    expect(stdout.startsWith("set -eu\n")).toBe(true);
    expect(syntaxErrors(shell, stdout)).toBe("");
  });

  describe("raftScript", () => {
    const candidate = (index: number, term = 7) =>
      `time="2026-11-22T23:00:00Z" level=info msg="5ab1 [logterm: ${term}, index: ${index}] sent MsgVote request to 77cc at term 12" module=raft node=x\n`;

    it("tells the term and index that the engine logged last when it stood for election", () => {
      const phone = phoneWith();
      const cast =
        'msg="5ab1 [logterm: 7, index: 205, vote: 0] rejected MsgVote from 77cc [logterm: 9, index: 999] at term 13"\n';
      phone.write("/var/log/docker.log", candidate(204, 6) + candidate(205) + cast);
      phone.write(`${SWARM}/raft/wal-v3-encrypted/0.wal`, "log");
      const { status, stdout } = phone.run(shell, raftScript("pixel-1"));
      expect(status).toBe(0);
      expect(stdout).toMatch(/^raft=7 205\nwritten=1\d{9}\n$/);
    });

    it("asks the journal where there is one, and says nothing of what nobody wrote", () => {
      const phone = phoneWith(engine(), { journalctl: `printf '%s' '${candidate(31, 2)}'` });
      expect(phone.run(shell, raftScript("pixel-1")).stdout).toBe("raft=2 31\nwritten=0\n");
      const mute = phoneWith(engine(), { journalctl: "exit 1" });
      expect(mute.run(shell, raftScript("pixel-1"))).toMatchObject({
        status: 0,
        stdout: "raft=\nwritten=0\n",
        stderr: "",
      });
    });
  });

  describe("forceNewClusterScript", () => {
    const script = forceNewClusterScript(node);

    it("makes the phone the only manager at its own address, and prints no token", () => {
      const phone = phoneWith();
      const { status, stdout, stderr } = phone.run(shell, script);
      expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: "", stderr: "" });
      expect(told(phone)).toEqual([FORCED]);
    });

    it("starts an engine that is stopped first", () => {
      const phone = phoneWith();
      phone.write("/off");
      expect(phone.run(shell, script).status).toBe(0);
      expect(told(phone)).toEqual(["rc-service -q docker start", FORCED]);
    });

    it("changes nothing where there is a majority after all, at once or after an election", () => {
      for (const elected of [
        "yes",
        '$([ "$(grep -c "node ls" "$ROOT/calls")" -gt 3 ] && echo yes)',
      ]) {
        const phone = phoneWith(engine(`"node ls") [ "${elected}" = yes ] || exit 1 ;;`));
        expect(phone.run(shell, script)).toMatchObject({
          status: 1,
          stderr: "pixel-1: it manages the swarm with a majority, so nothing was changed\n",
        });
        expect(told(phone)).toEqual([]);
      }
    });

    it("says in the engine's words why it does not manage", () => {
      const phone = phoneWith(
        engine(`"swarm init") echo "Swarm is encrypted and locked" >&2; exit 1 ;;`),
      );
      expect(phone.run(shell, script)).toMatchObject({
        status: 1,
        stderr:
          "pixel-1: it does not manage the swarm (Swarm is encrypted and locked) after 90 s\n",
      });
    });

    it("goes on where the command gave up waiting and the engine did not", () => {
      const slow = `"swarm init") touch "$ROOT/manages"; echo "context deadline exceeded" >&2; exit 1 ;;`;
      expect(phoneWith(engine(slow)).run(shell, script).status).toBe(0);
    });
  });

  describe("leaveOldSwarmScript", () => {
    const script = leaveOldSwarmScript("pixel-1", "id-old");
    const member = (id: string) => `info\\ --format)
    case $3 in *NodeID*) echo "${id}" ;; *) if [ -e "$ROOT/left" ]; then echo inactive; else echo active; fi ;; esac ;;
  "swarm leave") touch "$ROOT/left" ;;`;

    it.each([["id-old"], [""]])("leaves where it is the node that was looked at (%p)", (id) => {
      const phone = phoneWith(engine(member(id)));
      expect(phone.run(shell, script).status).toBe(0);
      expect(told(phone)).toEqual(["docker swarm leave --force"]);
      expect(phone.run(shell, script).status).toBe(0);
      expect(told(phone)).toEqual(["docker swarm leave --force"]);
    });

    it("stays where it has joined a swarm since", () => {
      const phone = phoneWith(engine(member("id-new")));
      expect(phone.run(shell, script)).toMatchObject({
        status: 1,
        stderr:
          "pixel-1: expected node id-old, got id-new; it has joined a swarm since it was looked at\n",
      });
      expect(told(phone)).toEqual([]);
    });
  });

  describe("forgetOldMastersScript", () => {
    const script = forgetOldMastersScript("pixel-1");
    const entries = ["id-self manager reachable", "id-2 manager ", "id-3 manager ", "id-4 worker "];
    const swarm = (rm = "exit 0") => `"node ls") echo id-self ;;
  "node inspect") [ "$3" = --format ] || exit 1; printf '%s\\n' ${entries.map((entry) => `'${entry}'`).join(" ")} ;;
  "node rm") ${rm} ;;
  "swarm join-token") echo ${TOKEN} ;;`;

    it("removes masters that raft does not know, nobody else, and changes both tokens without a word of them", () => {
      const phone = phoneWith(engine(swarm()));
      const { status, stdout, stderr } = phone.run(shell, script);
      expect({ status, stdout, stderr }).toEqual({ status: 0, stdout: "", stderr: "" });
      expect(told(phone)).toEqual([
        "docker node demote id-2",
        "docker node rm --force id-2",
        "docker node demote id-3",
        "docker node rm --force id-3",
        "docker swarm join-token --rotate -q worker",
        "docker swarm join-token --rotate -q manager",
      ]);
    });

    it("tries again while the swarm still takes an entry for a manager's", () => {
      const rm = '[ "$(grep -c "node rm --force id-2" "$ROOT/calls")" -gt 2 ] || exit 1';
      const inspect = `"node inspect") if [ "$3" != --format ]; then echo there; exit 0; fi; printf '%s\\n' 'id-2 manager ' ;;`;
      const phone = phoneWith(engine(inspect + swarm(rm)));
      expect(phone.run(shell, script).status).toBe(0);
      expect(told(phone).filter((call) => call.includes("node rm"))).toHaveLength(3);
    });

    it("fails with the engine's words where it never can, and changes no token", () => {
      const inspect = `"node inspect") if [ "$3" != --format ]; then echo there; exit 0; fi; printf '%s\\n' 'id-2 manager ' ;;`;
      const phone = phoneWith(engine(inspect + swarm('echo "node id-2 is a manager" >&2; exit 1')));
      expect(phone.run(shell, script)).toMatchObject({
        status: 1,
        stderr:
          "pixel-1: the entry id-2 of a lost master cannot be removed: node id-2 is a manager\n",
      });
      expect(told(phone).filter((call) => call.includes("join-token"))).toEqual([]);
    });
  });

  describe("backupScript", () => {
    const script = backupScript("pixel-1");

    it("packs the state while the engine is stopped, starts it, and leaves nothing behind", () => {
      const phone = phoneWith();
      phone.write(`${SWARM}/raft/log`, "the log");
      // The archive is not text: what is in it is listed here, and written down.
      const { status, stdout } = phone.run(shell, `{ ${script}\n} | tar -tzf - | sort`);
      expect(status).toBe(0);
      expect(stdout).toBe("swarm/\nswarm/raft/\nswarm/raft/log\n");
      expect(told(phone)).toEqual(["rc-service -q docker stop", "rc-service -q docker start"]);
      expect(phone.has("/off")).toBe(false);
      expect(phone.run(shell, "ls /var/lib/cloudlet/").stdout).toBe("");
    });

    it("starts the engine where the state cannot be packed", () => {
      const phone = phoneWith(engine(), { tar: "exit 1" });
      phone.write(`${SWARM}/raft/log`);
      expect(phone.run(shell, script)).toMatchObject({
        status: 1,
        stdout: "",
        stderr: "pixel-1: its swarm state cannot be packed\n",
      });
      expect(phone.has("/off")).toBe(false);
    });

    it("starts the engine where it is told to end while it packs", () => {
      const phone = phoneWith(engine(), { tar: "kill -TERM $PPID" });
      phone.write(`${SWARM}/raft/log`);
      expect(phone.run(shell, script).status).not.toBe(0);
      expect(told(phone).at(-1)).toBe("rc-service -q docker start");
      expect(phone.has("/off")).toBe(false);
      expect(phone.run(shell, "ls /var/lib/cloudlet/").stdout).toBe("");
    });

    it("stops nothing on a phone that is no manager", () => {
      const phone = phoneWith();
      expect(phone.run(shell, script)).toMatchObject({ status: 1 });
      expect(told(phone)).toEqual([]);
    });
  });

  describe("restoreScript", () => {
    const script = restoreScript(node, "20261122T233015Z");
    const ASIDE = `${SWARM}.20261122T233015Z`;
    // What comes over the connection: SimulatedPhone has no standard input.
    const archive = (content = 'tar -czf - -C "$ROOT/archive" swarm') => ({
      cat: `if [ $# = 0 ]; then ${content}; else exec /bin/cat "$@"; fi`,
    });
    const prepared = (commands: Readonly<Record<string, string>> = archive()) => {
      const phone = phoneWith(engine(), commands);
      phone.write("/archive/swarm/raft/log", "saved");
      phone.write(`${SWARM}/raft/log`, "present");
      return phone;
    };

    it("keeps the present state aside, puts the saved one in its place, and goes on with this phone alone", () => {
      const phone = prepared();
      expect(phone.run(shell, script)).toMatchObject({ status: 0, stdout: "", stderr: "" });
      expect(phone.read(`${SWARM}/raft/log`)).toBe("saved");
      expect(phone.read(`${ASIDE}/raft/log`)).toBe("present");
      expect(told(phone).filter((call) => !call.startsWith("tar"))).toEqual([
        "rc-service -q docker stop",
        "rc-service -q docker start",
        FORCED,
      ]);
      expect(phone.run(shell, "ls /var/lib/cloudlet/").stdout).toBe("");
    });

    it("restores on a phone that was in no swarm", () => {
      const phone = prepared();
      phone.remove(SWARM);
      expect(phone.run(shell, script).status).toBe(0);
      expect(phone.read(`${SWARM}/raft/log`)).toBe("saved");
      expect(phone.has(ASIDE)).toBe(false);
    });

    it.each([
      ["is no archive", "echo no"],
      ["is no swarm's", "mkdir -p $ROOT/x; tar -czf - -C $ROOT x"],
    ])("changes nothing where what it is given %s", (_name, content) => {
      const phone = prepared(archive(content));
      expect(phone.run(shell, script)).toMatchObject({
        status: 1,
        stderr: "pixel-1: expected a backup of a swarm, got something else; nothing was changed\n",
      });
      expect(phone.read(`${SWARM}/raft/log`)).toBe("present");
      expect(told(phone)).toEqual([]);
    });

    it("changes nothing where the phone manages a swarm", () => {
      const phone = prepared();
      phone.write("/manages");
      expect(phone.run(shell, script)).toMatchObject({
        status: 1,
        stderr: "pixel-1: it manages a swarm with a majority, so nothing was changed\n",
      });
      expect(phone.read(`${SWARM}/raft/log`)).toBe("present");
    });

    it("puts the old state back and starts the engine where the new one has no room", () => {
      const phone = prepared({ ...archive(), cp: "exit 1" });
      expect(phone.run(shell, script)).toMatchObject({
        status: 1,
        stderr: "pixel-1: the backup cannot be put in place; the old state is back\n",
      });
      expect(phone.read(`${SWARM}/raft/log`)).toBe("present");
      expect(phone.has(ASIDE)).toBe(false);
      expect(phone.has("/off")).toBe(false);
    });
  });
});
