import { restartMember } from "../../../swarm/restart-script";
import { runScript, shells, syntaxErrors } from "../../support/shells";
import { SimulatedMaster } from "../../support/simulated-master";

const script = `set -eu
set -- node2
${restartMember("pixel-2")}`;

/** A swarm with these managers, and a phone whose engine comes back as it was. */
const docker = (managers: string, tasks = ":") => `case "$WHERE $1 $2" in
  "master node ls") printf '${managers}' ;;
  "master service ls") [ "$3" != -q ] || echo service1 ;;
  "master service ps") ${tasks} ;;
  "master node inspect") echo ready ;;
  "phone info --format") echo "active true" ;;
esac`;

describe.each(shells)("in %s", (_, shell) => {
  const run = (managers: string, tasks?: string) => {
    const restart = { "rc-service": 'echo "rc-service $*" >> "$CALLS"' };
    const simulated = new SimulatedMaster(shell, docker(managers, tasks), restart);
    const { status, stderr } = runScript(shell, script, simulated.options);
    const changes = simulated.calls().filter((call) => /^(node update|rc-service)/.test(call));
    return { status, stderr, changes };
  };
  const restarted = [
    "node update --availability drain node2",
    "rc-service -q docker stop",
    "rc-service -q docker start",
  ];

  it("is well-formed", () => {
    expect(syntaxErrors(shell, script)).toBe("");
  });

  it.each([
    ["a compute", "node1 Leader\\n"],
    ["a master of three", "node1 Leader\\nnode2 Reachable\\nnode3 Reachable\\n"],
    ["the only master, as there is no other way", "node2 Leader\\n"],
  ])("drains and restarts %s", (_name, managers) => {
    expect(run(managers)).toEqual({ status: 0, stderr: "", changes: restarted });
  });

  it("leaves a master for a later run while another one is missing", () => {
    expect(run("node1 Leader\\nnode2 Reachable\\nnode3 Unreachable\\n")).toEqual({
      status: 0,
      stderr:
        "pixel-2: its engine restarts in a later run, as 1 of 3 masters would be no majority meanwhile\n",
      changes: [],
    });
  });

  const trio = "node1 Leader\\nnode2 Reachable\\nnode3 Reachable\\n";
  /** Says so for the first calls, and that it runs for the others. */
  const at = (first: string, calls: number, later = "web.1 Running 2 seconds ago ") =>
    `if [ "$(grep -c '^service ps' "$CALLS")" -le ${calls} ]; then echo '${first}'; else echo '${later}'; fi`;

  it.each([
    ["starts", "db.1 Starting 3 seconds ago ", 100],
    ["is pending until its own phone is there again", 'db.1 Pending "no suitable node"', 3],
  ])("waits for a task that %s", (_name, state, calls) => {
    const simulated = new SimulatedMaster(shell, docker(trio, at(state, calls)), {
      "rc-service": 'echo "rc-service $*" >> "$CALLS"',
    });
    expect(runScript(shell, script, simulated.options)).toMatchObject({ status: 0, stderr: "" });
    const asked = simulated.calls().filter((call) => call.startsWith("service ps"));
    expect(asked).toHaveLength(calls + 1);
    expect(simulated.calls()).toEqual(expect.arrayContaining(restarted));
  });

  it("does not wait for a task that no phone suits", () => {
    const state = 'db.1 Pending 3 minutes ago "no suitable node (1 node not available)"';
    expect(run(trio, `echo '${state}'`)).toEqual({ status: 0, stderr: "", changes: restarted });
  });

  it("goes on without a task that does not start, and says so", () => {
    expect(run(trio, "echo 'db.1 Starting 3 minutes ago '")).toEqual({
      status: 0,
      stderr:
        "pixel-2: after 180 s these tasks have not started: db.1; docker service ps tells why\n",
      changes: restarted,
    });
  });
});
