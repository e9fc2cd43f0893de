import { restartMember } from "../../../swarm/restart-script";
import { runScript, shells, syntaxErrors } from "../../support/shells";
import { SimulatedMaster } from "../../support/simulated-master";

const script = `set -eu
set -- node2
${restartMember("pixel-2")}`;

/** A swarm with these managers, and a phone whose engine comes back as it was. */
const docker = (managers: string) => `case "$WHERE $1 $2" in
  "master node ls") printf '${managers}' ;;
  "master node inspect") echo ready ;;
  "phone info --format") echo "active true" ;;
esac`;

describe.each(shells)("in %s", (_, shell) => {
  const run = (managers: string) => {
    const restart = { "rc-service": 'echo "rc-service $*" >> "$CALLS"' };
    const simulated = new SimulatedMaster(shell, docker(managers), restart);
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
});
