import { demoteFunction } from "../../../swarm/demotion-script";
import { runScript, shells, syntaxErrors } from "../../support/shells";
import { SimulatedMaster } from "../../support/simulated-master";

const script = `${demoteFunction("pixel-2")}
demote node2 pixel-1,pixel-2,pixel-3`;

/** A swarm whose managers are in these states; each is demoted when it is told so, if `takes` has it. */
function docker(managers: Record<string, string>, takes = Object.keys(managers)): string {
  const lines = Object.entries(managers).map(([node, status]) => `${node} ${status}`);
  return `case "$1 $2" in
  "node ls") case $6 in "{{.ID}}"*) ;; *) set -- reverse ;; esac
    printf '%s\\n' ${lines.map((line) => `'${line}'`).join(" ")} | while read -r id status; do
      if [ "$1" = reverse ]; then echo "$status $id"; else echo "$id $status"; fi
    done ;;
  "info --format") echo true ;;
  "node inspect") for node; do :; done
    case $4 in
      *cloudlet.node*) echo "pixel-\${node#node}" ;;
      *ManagerStatus*) case " ${takes.join(" ")} " in *" $node "*) grep -q "node demote $node" "$CALLS" || echo 192.168.1.2:2377 ;; *) echo 192.168.1.2:2377 ;; esac ;;
    esac ;;
esac`;
}

describe.each(shells)("in %s", (_, shell) => {
  const run = (swarm: string) => {
    const simulated = new SimulatedMaster(shell, swarm);
    const { status, stderr } = runScript(shell, script, simulated.options);
    const changes = simulated.calls().filter((call) => /^node (demote|update|rm)/.test(call));
    return { status, stderr, changes };
  };

  it("is well-formed", () => {
    expect(syntaxErrors(shell, script)).toBe("");
  });

  it("takes a living manager's vote, and waits until it is gone", () => {
    const swarm = docker({ node1: "Leader", node2: "Reachable", node3: "Reachable" });
    expect(run(swarm)).toEqual({ status: 0, stderr: "", changes: ["node demote node2"] });
  });

  it("takes the votes of dead managers that are no masters any more first", () => {
    const swarm = docker({ node1: "Leader", node2: "Reachable", node9: "Unreachable" });
    expect(run(swarm)).toEqual({
      status: 0,
      stderr: "",
      changes: ["node demote node9", "node demote node2"],
    });
  });

  it("takes the votes of dead managers alone that are no masters any more, before another is promoted", () => {
    const dead = { node2: "Unreachable", node8: "Unreachable", node9: "Unreachable" };
    const simulated = new SimulatedMaster(shell, docker({ node1: "Leader", ...dead }));
    const drop = `${demoteFunction("pixel-3")}\ndrop_dead pixel-1,pixel-2,pixel-3`;
    expect(runScript(shell, drop, simulated.options)).toMatchObject({ status: 0, stderr: "" });
    const demoted = simulated.calls().filter((call) => call.startsWith("node demote"));
    expect(demoted).toEqual(["node demote node8", "node demote node9"]);
  });

  it("leaves a manager what it is where the rest would have no majority, and names who is silent", () => {
    const swarm = docker({ node1: "Leader", node2: "Reachable", node3: "Unreachable" });
    expect(run(swarm)).toEqual({
      status: 1,
      stderr:
        "pixel-2: it stays a manager, as without it 1 of 2 masters would answer, which is no majority; switch on: pixel-3\n",
      changes: [],
    });
  });

  it("takes a dead manager's own vote, which can only help", () => {
    const swarm = docker({ node1: "Leader", node2: "Unreachable", node3: "Unreachable" });
    expect(run(swarm)).toMatchObject({ status: 0, changes: ["node demote node2"] });
  });

  it("says so where a vote does not go", () => {
    const swarm = docker({ node1: "Leader", node2: "Reachable", node3: "Reachable" }, []);
    expect(run(swarm)).toMatchObject({
      status: 1,
      stderr: "pixel-2: node node2 was demoted and is still a manager after 90 s\n",
    });
  });
});
