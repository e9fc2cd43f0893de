import { undoScript } from "../../../nodes/phone-scripts";
import { leaveScript } from "../../../swarm/leave-script";
import { beginSwarmScript, joinScript } from "../../../swarm/swarm-scripts";
import { ON_MASTER, SSH_CONFIG, SWARM_FOUND } from "../../../observe/ssh-config";
import { runScript, shells, syntaxErrors } from "../../support/shells";
import { SimulatedMaster } from "../../support/simulated-master";
import { samplePlannedNode } from "../../support/sample-node";

const master = samplePlannedNode("master", { labels: { room: "lab 2" } });
const compute = samplePlannedNode("compute");
const TOKEN = "SWMTKN-1-secret-part";

describe.each(shells)("in %s", (_, shell) => {
  const run = (
    script: string,
    docker: string,
    {
      commands = {},
      files = {},
    }: { commands?: Record<string, string>; files?: Record<string, string> } = {},
  ) => {
    const simulated = new SimulatedMaster(shell, docker, commands);
    for (const [path, text] of Object.entries(files)) simulated.write(path, text);
    const { status, stdout, stderr } = runScript(shell, script, simulated.options);
    return { status, stdout, stderr, calls: simulated.calls(), simulated };
  };

  it.each([
    ["begin", beginSwarmScript(master)],
    ["join a master", joinScript(master)],
    ["join a compute", joinScript(compute)],
    ["leave", leaveScript(compute)],
    ["undo", undoScript(compute)],
  ])("the script to %s is well-formed", (_name, script) => {
    expect(syntaxErrors(shell, script)).toBe("");
  });

  describe("beginSwarmScript", () => {
    const script = beginSwarmScript(master);
    const noMaster = { [ON_MASTER]: "exit 69\n" };

    it("changes nothing where a master already manages a swarm", () => {
      expect(run(script, "exit 0")).toMatchObject({ status: 0, calls: ["node ls -q"] });
    });

    it("begins a swarm on the first master where none does, at its own address", () => {
      const { status, calls } = run(script, "case $1 in info) echo inactive ;; esac", {
        files: noMaster,
      });
      expect(status).toBe(0);
      expect(calls.filter((call) => !call.startsWith("info"))).toEqual([
        "ssh pixel-1",
        "swarm init --advertise-addr 192.168.1.21 --data-path-addr 192.168.1.21",
        "node ls -q",
      ]);
    });

    it.each([
      ["some", { status: 69 }],
      ["unknown", { status: 0, begins: true }],
      ["none", { status: 0, begins: true }],
    ])("begins no second one beside one whose masters do not answer: %s", (found, expected) => {
      const files = { ...noMaster, [SWARM_FOUND]: found };
      const { status, calls } = run(script, "case $1 in info) echo inactive ;; esac", { files });
      expect({ status, begins: calls.some((call) => call.startsWith("swarm init")) }).toEqual({
        begins: false,
        ...expected,
      });
    });

    it("fails with the engine's words where the phone cannot begin one", () => {
      const said = "Error response from daemon: This node is already part of a swarm.";
      const docker = `case "$1 $2" in "swarm init") echo "${said}" >&2; exit 1 ;; *) echo active ;; esac`;
      expect(run(script, docker, { files: noMaster })).toMatchObject({
        status: 1,
        stderr: `${said}\n`,
      });
    });
  });

  // On the master: the swarm as it answers; on the phone: an engine in the state $STATE that takes a join.
  const docker = (
    phone: { state: string; answer?: string; known?: string },
    more = "",
  ) => `case "$WHERE $1 $2" in
  "master swarm join-token") printf 'To add one:\\n\\n    docker swarm join --token ${TOKEN}-%s 192.168.1.22:2377\\n' "$3" ;;
  ${more}
  "master node inspect") case $4 in
    *cloudlet.labels*) echo old,room ;;
    *Spec.Role*) if [ "$5" = node4 ]; then echo "worker ready "; else echo "manager ready reachable"; fi ;;
  esac ;;
  "phone info --format") case $3 in *LocalNodeState*NodeAddr*) state=${phone.state}; ! grep -q dial-stdio "$CALLS" || state=active; echo "$state \${NODE:-node1} ${phone.known ?? "192.168.1.21 true 3"}" ;; *LocalNodeState*) echo ${phone.state} ;; esac ;;
  "phone system dial-stdio")
  while read -r line; do
    line=$(printf %s "$line" | tr -d '\\r'); echo "$line" >> "$CALLS.request"
    case $line in Content-Length:*) length=\${line#* } ;; "") break ;; esac
  done
  head -c "$length" >> "$CALLS.request"
  printf '${phone.answer ?? "HTTP/1.1 200 OK\\r\\nContent-Length: 0\\r\\n\\r\\n"}' ;;
esac`;

  describe("joinScript", () => {
    it("joins with the manager's token, which no command line holds", () => {
      const { status, stderr, stdout, calls, simulated } = run(
        joinScript(master),
        docker({ state: "inactive" }),
      );
      expect({ status, stderr, stdout }).toEqual({ status: 0, stderr: "", stdout: "" });
      const body = `{"ListenAddr":"0.0.0.0:2377","AdvertiseAddr":"192.168.1.21","DataPathAddr":"192.168.1.21","RemoteAddrs":["192.168.1.22:2377"],"JoinToken":"${TOKEN}-manager"}`;
      expect(simulated.file("calls.request")).toBe(
        [
          "POST /swarm/join HTTP/1.1",
          "Host: docker",
          "Connection: close",
          "Content-Type: application/json",
          `Content-Length: ${body.length}`,
          "",
          body,
        ].join("\n"),
      );
      expect(calls.join("\n")).not.toContain(TOKEN);
    });

    it("leaves a member in, and settles its role, labels and availability at a master", () => {
      const { status, stderr, calls } = run(joinScript(master), docker({ state: "active" }));
      expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
      expect(calls).not.toContain("system dial-stdio");
      expect(calls.find((call) => call.startsWith("node update"))).toBe(
        "node update --role manager --availability active --label-add room=lab 2 --label-add cloudlet.node=pixel-1 --label-add cloudlet.platform=linux/arm/v7 --label-add cloudlet.labels=cloudlet.node,cloudlet.platform,room --label-rm old node1",
      );
    });

    describe("where a join that was tried again left entries in the swarm", () => {
      const entries = `"master node ls") [ "$3" = --filter ] || printf 'node1\\nnode7\\nnode8\\n' ;;
  "master node inspect") case $4 in *Hostname*) printf 'node1 ready pixel-1\\nnode7 unknown \\nnode8 unknown pixel-8\\n' ;; *cloudlet.labels*) ;; *Spec.Role*) echo "manager ready reachable" ;; esac ;;`;
      const swarm = docker({ state: "active" }, entries);
      const removed = (calls: string[]) => calls.filter((call) => call.startsWith("node rm"));

      it("removes those that no phone has used, and says so", () => {
        const { status, stderr, calls } = run(joinScript(master), swarm);
        expect({ status, stderr }).toEqual({
          status: 0,
          stderr: "pixel-1: removed an entry of the swarm that no phone has used: node7\n",
        });
        expect(removed(calls)).toEqual(["node rm --force node7"]);
      });

      it("leaves them to another phone that joins meanwhile, and not to one whose join was killed", () => {
        const beside = (process: string) =>
          `ln -s ${process} .cloudlet/joining-pixel-9\n${joinScript(master)}`;
        const living = run(`sh -c 'exec sleep 1' & ${beside("$!")}`, swarm, {
          commands: { sleep: "exec /bin/sleep 1" },
        });
        expect({ status: living.status, removed: removed(living.calls) }).toEqual({
          status: 0,
          removed: [],
        });
        expect(removed(run(beside("4194304"), swarm).calls)).toHaveLength(1);
      });
    });

    it("makes a compute a worker", () => {
      const asCompute = docker({ state: "inactive" }).replaceAll("node1", "node4");
      const { status, calls } = run(joinScript(compute), asCompute);
      expect(status).toBe(0);
      expect(calls.join("\n")).toContain("node update --role worker --availability active");
      expect(calls).toContain("swarm join-token worker");
    });

    it("says with the engine's words why a phone was not let in, without the token", () => {
      const answer =
        'HTTP/1.1 503 Service Unavailable\\r\\n\\r\\n{"message":"could not reach 192.168.1.22:2377"}\\n';
      const { status, stderr } = run(joinScript(master), docker({ state: "inactive", answer }));
      expect(status).toBe(1);
      expect(stderr).toBe(
        "pixel-1: the swarm at 192.168.1.22:2377 did not let it in: could not reach 192.168.1.22:2377\n",
      );
    });

    it("waits for an engine that is slow to join, and says after 20 s that it goes on by itself", () => {
      const answer =
        'HTTP/1.1 500 Error\\r\\n\\r\\n{"message":"Timeout was reached before node joined. The attempt to join the swarm will continue in the background."}\\n';
      const slow = (looks: number) =>
        run(
          joinScript(compute),
          docker(
            { state: "inactive", answer },
            `"phone info --format") case $3 in
    *LocalNodeState*NodeAddr*) if grep -q dial-stdio "$CALLS"; then state=pending; else state=inactive; fi
      if [ "$(grep -c 'LocalNodeState.*NodeAddr' "$CALLS")" -gt ${looks} ]; then echo "active node4 192.168.1.21 false 1"; else echo "$state - - false 0"; fi ;;
    *Error*) echo "no answer" ;;
  esac ;;`,
          ),
        );
      expect(slow(20)).toMatchObject({ status: 0, stderr: "" });
      expect(slow(100_000)).toMatchObject({
        status: 1,
        stderr: expect.stringContaining("did not let it in within 180 s: no answer") as string,
      });
    });

    it("does not join without a token", () => {
      const { status, stderr, calls } = run(joinScript(master), docker({ state: "inactive" }), {
        files: { [ON_MASTER]: "echo 'no master answers' >&2; exit 69\n" },
      });
      expect(status).toBe(1);
      expect(stderr).toBe("no master answers\npixel-1: no master gave a join token\n");
      expect(calls).not.toContain("system dial-stdio");
    });

    it("refuses a member of another swarm", () => {
      const foreign = docker(
        { state: "active" },
        '"master node inspect") case $5 in node1) echo "Error: No such node: node1" >&2; exit 1 ;; esac ;;',
      );
      expect(run(joinScript(master), foreign)).toMatchObject({
        status: 1,
        stderr:
          "pixel-1: it is a member of another swarm; let it leave that one first: docker swarm leave\n",
      });
    });

    it("tries again where another change came between, and fails at once on anything else", () => {
      const update = (said: string, times: number) =>
        docker(
          { state: "active" },
          `"master node update") [ "$(grep -c 'node update' "$CALLS")" -gt ${times} ] || { echo "${said}" >&2; exit 1; } ;;`,
        );
      const raced = run(joinScript(master), update("rpc error: update out of sequence", 2));
      expect(raced).toMatchObject({ status: 0, stderr: "" });
      expect(raced.calls.filter((call) => call.startsWith("node update"))).toHaveLength(3);
      const said = "attempting to demote the last manager of the swarm";
      const refused = run(joinScript(master), update(said, 2));
      expect(refused).toMatchObject({ status: 1, stderr: `pixel-1: ${said}\n` });
    });
  });

  describe("joinScript, of a phone that the swarm knows at another address", () => {
    const moved = (known: string) => run(joinScript(master), docker({ state: "active", known }));
    const changes = (calls: string[]) =>
      calls.filter((call) => /^(swarm leave|system dial-stdio|node update)/.test(call));

    it("takes it out and in again, at its new address", () => {
      const { status, stderr, calls, simulated } = moved("192.168.1.99 true 3");
      expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
      expect(changes(calls).map((call) => call.split(" ").slice(0, 2).join(" "))).toEqual([
        "swarm leave",
        "system dial-stdio",
        "node update",
      ]);
      expect(simulated.file("calls.request")).toContain('"AdvertiseAddr":"192.168.1.21"');
    });

    it.each([
      [
        "192.168.1.99 true 1",
        "pixel-1: the swarm knows it at 192.168.1.99, and a master that has no two others cannot leave it; on the phone: docker swarm init --force-new-cluster --advertise-addr 192.168.1.21\n",
      ],
      [
        "192.168.1.22 true 3",
        "pixel-1: the swarm knows it at 192.168.1.22, and no other master answers to let it in at 192.168.1.21\n",
      ],
    ])("leaves it in where nobody could let it in again: %s", (known, message) => {
      const { status, stderr, calls } = moved(known);
      expect({ status, stderr }).toEqual({ status: 1, stderr: message });
      expect(changes(calls)).toEqual([]);
    });
  });

  describe("joinScript, of a phone whose engine is neither in the swarm nor out of it", () => {
    const changing = (looks: number) =>
      run(
        joinScript(compute),
        docker(
          { state: "active" },
          `"phone info --format") case $3 in
    *LocalNodeState*NodeAddr*) if [ "$(grep -c 'LocalNodeState.*NodeAddr' "$CALLS")" -gt ${looks} ] || grep -q dial-stdio "$CALLS"; then echo "active node4 192.168.1.21 false 1"; else echo "error - 192.168.1.21 false 0"; fi ;;
    *Error*) echo "manager stopped" ;;
  esac ;;`,
        ),
      );
    const changes = (calls: string[]) =>
      calls.filter((call) => /^(swarm leave|system dial-stdio)/.test(call));

    it("waits until it is in again", () => {
      const { status, stderr, calls } = changing(3);
      expect({ status, stderr, changes: changes(calls) }).toEqual({
        status: 0,
        stderr: "",
        changes: [],
      });
    });

    it("lets it leave and join where it does not come back", () => {
      const { status, stderr, calls } = changing(1000);
      expect({ status, stderr, changes: changes(calls) }).toEqual({
        status: 0,
        stderr:
          "pixel-4: joins the swarm anew, as its engine says for 40 s: error, manager stopped\n",
        changes: ["swarm leave --force", "system dial-stdio"],
      });
    });
  });

  describe("joinScript, of a compute that becomes a master", () => {
    // The swarm has managers at .22 and .23; the phone has known these.
    const promoted = (known: string, joinedAt = "192.168.1.22:2377") => {
      const swarm = `"master node ls") case "$*" in *"-q --filter role=manager"*) echo node2; echo node3 ;; esac ;;
  "master node inspect") case $4 in
    *"{{.Reachability}} {{.Addr}}"*) printf '%s\\n' 'reachable 192.168.1.22:2377' 'unreachable 192.168.1.23:2377' ;;
    *Spec.Role*) echo "manager ready reachable" ;;
  esac ;;
  "phone info --format") case $3 in
    *RemoteManagers*) echo '${known}' ;;
    *) echo "active node1 192.168.1.21 false 2" ;;
  esac ;;`;
      const script = joinScript(master).replace(
        "/var/lib/docker/swarm/docker-state.json",
        "joined.json",
      );
      const files = {
        "joined.json": `{"LocalAddr":"","RemoteAddr":"${joinedAt}","ListenAddr":""}`,
      };
      const { status, stderr, calls } = run(script, docker({ state: "active" }, swarm), { files });
      const changes = calls.filter((call) => /^(swarm leave|system dial-stdio)/.test(call));
      return { status, stderr, changes };
    };

    it("stays in the swarm meanwhile", () => {
      expect(promoted("192.168.1.22:2377")).toEqual({ status: 0, stderr: "", changes: [] });
    });

    it.each([
      ["192.168.1.23:2377", "192.168.1.22:2377 192.168.1.23:2377", undefined],
      ["192.168.1.99:2377", "192.168.1.99:2377 192.168.1.22:2377", undefined],
      ["192.168.1.98:2377", "192.168.1.22:2377", "192.168.1.98:2377"],
    ])("leaves and joins at one that answers where it might ask %s", (gone, known, joinedAt) => {
      expect(promoted(known, joinedAt)).toEqual({
        status: 0,
        stderr: `pixel-1: joins the swarm anew, as it might ask ${gone} to let it in as a master, where none answers\n`,
        changes: ["swarm leave --force", "system dial-stdio"],
      });
    });
  });

  describe("joinScript, of a phone that was in the swarm before", () => {
    // What it was: node0, a manager that is found to be down at the second look, in state $2 then.
    const former = (state: string) =>
      docker(
        { state: "active" },
        `"master node ls") case $4 in node.label=cloudlet.node=pixel-1) echo node0; echo node1 ;; esac ;;
  "master node inspect") case $5 in
      node0) case $4 in
        *Status.State*) if [ "$(grep -c 'State.* node0$' "$CALLS")" -gt 1 ]; then echo ${state}; else echo ready; fi ;;
        *ManagerStatus*) grep -q 'node demote node0' "$CALLS" || echo 192.168.1.21:2377 ;;
        *Status.Addr*) echo 192.168.1.99 ;;
      esac ;;
      *) case $4 in *cloudlet.labels*) ;; *) echo "manager ready reachable" ;; esac ;;
    esac ;;`,
      );

    it("removes what it was, once the swarm has found that to be down", () => {
      const { status, stderr, calls } = run(joinScript(master), former("down"));
      expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
      expect(calls.filter((call) => /^node (demote|rm)/.test(call))).toEqual([
        "node demote node0",
        "node rm --force node0",
      ]);
    });

    it("removes no phone that lives, and says where it is", () => {
      const { status, stderr, calls } = run(joinScript(master), former("ready"));
      expect(status).toBe(1);
      expect(stderr).toBe(
        "pixel-1: another phone is in the swarm under this key: node node0 at 192.168.1.99\n",
      );
      expect(calls.filter((call) => /^node (demote|rm)/.test(call))).toEqual([]);
    });
  });

  describe("leaveScript", () => {
    // Whoever has the phone now knows the old ones.
    const ROTATED = ["worker", "manager"].map((role) => `swarm join-token --rotate -q ${role}`);
    const script = leaveScript(compute);
    const docker = `case "$WHERE $1 $2" in
  "master node ls") echo node4; echo node1 ;;
  "master node inspect") case $4 in
      *cloudlet.node*) printf 'node1 pixel-1\\nnode4 pixel-4\\nnode5 a-pixel-4\\n' ;;
      *Status.State*) echo ready ;;
      *ManagerStatus*) echo ;;
    esac ;;
  "master node ps") if [ "$3" = --filter ]; then grep -q drain "$CALLS" || echo shop_web.1
    else [ "$(grep -c 'node ps' "$CALLS")" -gt 2 ] || echo 'yes shop_web.1 Running 5 minutes ago'; fi ;;
  "master service ls") printf 'shop_web %s/1\\nother 0/1\\n' "$([ "$(grep -c 'service ls' "$CALLS")" -gt 2 ] && echo 1 || echo 0)" ;;
esac`;
    const changes = (calls: string[]) =>
      calls.filter((call) => /^(ssh|node (update|demote|rm)|swarm)/.test(call));

    it("drains the phone and waits, then demotes it, lets it leave and removes its entry", () => {
      const { status, stderr, calls } = run(script, docker);
      expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
      expect(calls.filter((call) => call.startsWith("service ls"))).toHaveLength(3);
      expect(changes(calls)).toEqual([
        "node update --availability drain node4",
        "node demote node4",
        "ssh cloudlet-former",
        "swarm leave --force",
        "node rm --force node4",
        ...ROTATED,
      ]);
    });

    it("waits no longer than its time, and says which tasks stay and which do not run elsewhere", () => {
      const stuck = docker
        .replace("-gt 2 ] || echo 'yes shop_web.1", "-gt 999 ] || echo 'yes shop_web.1")
        .replace(/"master service ls".*;;/, '"master service ls") echo "shop_web 0/1" ;;');
      expect(run(script, stuck)).toMatchObject({
        status: 0,
        stderr:
          "pixel-4: after 90 s these tasks still run there: shop_web.1\n" +
          "pixel-4: after 90 s these services do not run elsewhere: shop_web (0/1); docker service ps tells why\n",
      });
    });

    it("does not wait for a service that no other phone suits, and says so", () => {
      const alone = docker.replace(
        /"master service ls".*;;/,
        `"master service ls") echo "shop_web 0/1" ;;
  "master service ps") echo "no suitable node (scheduling constraints not satisfied on 3 nodes)" ;;`,
      );
      const { status, stderr, calls } = run(script, alone);
      expect(status).toBe(0);
      expect(stderr).toBe("pixel-4: no other phone suits these services: shop_web (0/1)\n");
      expect(calls.filter((call) => call.startsWith("service ls")).length).toBeLessThan(5);
    });

    it("waits for its turn while another phone leaves, and not for a removal that was killed", () => {
      const killed = `ln -s 4194304 .cloudlet/leaving\n${script}`;
      expect(run(killed, docker)).toMatchObject({ status: 0, stderr: "" });
      const other = `sh -c 'exec sleep 1' & ln -s $! .cloudlet/leaving; ${script}`;
      const commands = { sleep: 'echo "sleep $1" >> "$CALLS"; exec /bin/sleep 0.2' };
      const { status, calls, simulated } = run(other, docker, { commands });
      expect(status).toBe(0);
      expect(calls.indexOf("sleep 0.5")).toBeLessThan(
        calls.indexOf("node update --availability drain node4"),
      );
      expect(calls).toContain("sleep 0.5");
      expect(() => simulated.file(".cloudlet/leaving")).toThrow(/ENOENT/);
    });

    it("finds a phone that was interrupted before it got its label by its address", () => {
      const unlabelled = docker.replace("node4 pixel-4", "node4 at 192.168.1.21");
      const { status, calls } = run(
        leaveScript({ ...compute, address: "192.168.1.21" }),
        unlabelled,
      );
      expect(status).toBe(0);
      expect(calls).toContain("node rm --force node4");
    });

    it("removes the entry of a phone that is dead, and says so", () => {
      const { status, stderr, calls } = run(script, docker, { commands: { ssh: "exit 255" } });
      expect(status).toBe(0);
      expect(stderr).toBe("pixel-4: it does not answer; its entry is removed all the same\n");
      expect(changes(calls).slice(-3)).toEqual(["node rm --force node4", ...ROTATED]);
    });

    it("has nothing to do for a phone without an entry, but lets it leave", () => {
      const gone = docker.replace("node4 pixel-4", "node7 pixel-7");
      const { status, calls } = run(script, gone);
      expect(status).toBe(0);
      expect(changes(calls)).toEqual(["ssh cloudlet-former", "swarm leave --force"]);
    });

    it("touches nothing where no master answers", () => {
      const { status, stderr, calls } = run(script, docker, {
        files: { [ON_MASTER]: "echo 'no master answers' >&2; exit 69\n" },
      });
      expect({ status, stderr, calls }).toEqual({
        status: 69,
        stderr: "no master answers\n",
        calls: [],
      });
    });

    it("pins the phone's host key, which the settings no longer have, once", () => {
      const { simulated } = run(`(${script})\n(${script})`, docker, {
        files: { ".cloudlet/known_hosts": "pixel-1 ssh-ed25519 AAAAkey31\n" },
      });
      expect(simulated.file(".cloudlet/known_hosts")).toBe(
        "pixel-1 ssh-ed25519 AAAAkey31\npixel-4 ssh-ed25519 AAAAkey21\n",
      );
    });
  });

  describe("undoScript", () => {
    const script = undoScript(compute);
    const files = { [SSH_CONFIG]: "", ".cloudlet/known_hosts": "" };
    // The phone's own script never runs here: it would take this machine apart.
    const undo = (status: number, said = "", given: Record<string, string> = files) =>
      run(script, "exit 1", {
        files: given,
        commands: { ssh: `${said === "" ? ":" : `echo "${said}" >&2`}; exit ${status}` },
      });

    it("is silent about a phone that was cleaned up", () => {
      expect(undo(0)).toMatchObject({ status: 0, stdout: "", stderr: "" });
    });

    it.each([
      [
        "ssh: connect to host 192.168.1.21 port 22: No route to host",
        "it does not answer at 192.168.1.21",
      ],
      ["Host key verification failed.", "what answers at 192.168.1.21 shows another host key"],
    ])(
      "goes on without a phone that is not there, and leaves what finishes it: %s",
      (said, why) => {
        const { status, stderr, simulated } = undo(255, said);
        expect({ status, stderr }).toEqual({
          status: 0,
          stderr: `${said}\npixel-4: ${why}, so it was not cleaned up; when that is mended, run: sh .cloudlet/undo-pixel-4\n`,
        });
        expect(simulated.file(".cloudlet/undo-pixel-4")).toContain("HostName=192.168.1.21");
      },
    );

    it("stops at a phone that answers and could not be cleaned up, which can be tried again", () => {
      const said = "pixel-4: cannot leave the swarm";
      expect(undo(1, said)).toMatchObject({ status: 1, stderr: `${said}\n` });
    });

    it("stops where the agent has no key, or every phone would be given up as dead", () => {
      const said = "cloudlet@192.168.1.21: Permission denied (publickey).";
      expect(undo(255, said)).toMatchObject({
        status: 1,
        stderr: `${said}\npixel-4: it refuses the login, as the ssh agent has no key; pulumi preview loads it\n`,
      });
    });

    it("stops in a checkout that was never used to reach the phones", () => {
      expect(undo(0, "", {})).toMatchObject({
        status: 1,
        stderr: `pixel-4: there is no ${SSH_CONFIG} here to reach it with; pulumi preview writes it\n`,
      });
    });
  });
});
