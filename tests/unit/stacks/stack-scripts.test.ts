import type { ServiceSpec } from "../../../compose/swarm-spec";
import { readyScript, removeServiceScript } from "../../../stacks/stack-scripts";
import { runScript, shells, syntaxErrors } from "../../support/shells";
import { SimulatedMaster } from "../../support/simulated-master";

const service = (Name: string, grace?: number): ServiceSpec => ({
  Name,
  Labels: {},
  Mode: {},
  TaskTemplate: { ContainerSpec: { Image: "x", ...(grace && { StopGracePeriod: grace }) } },
});

// Time passes while somebody sleeps, in whole seconds.
const CLOCK = {
  date: 'cat "$CALLS.clock" 2>/dev/null | wc -l',
  sleep:
    'seconds=${1%.*}; while [ "$seconds" -gt 0 ]; do echo >>"$CALLS.clock"; seconds=$((seconds - 1)); done',
};

describe.each(shells)("in %s", (_, shell) => {
  const run = (script: string, docker: string) => {
    const master = new SimulatedMaster(shell, docker, CLOCK);
    return { ...runScript(shell, script, master.options), calls: master.calls() };
  };

  describe("removeServiceScript", () => {
    const script = removeServiceScript(service("shop_web", 3_000_000_000));

    it("is well-formed", () => expect(syntaxErrors(shell, script)).toBe(""));

    // The task shows up as running for two more looks.
    const removable = (said: string) => `case "$1 $2" in
  "service inspect") echo svc1 ;;
  "service rm") ${said} ;;
  "node ls") printf 'n1 Ready\\nn2 Down\\n' ;;
  "node ps") [ "$#" = 6 ] || exit 1
    if [ "$(wc -l < "$CALLS")" -lt 8 ]; then echo "svc1.1.abc $6 Running 2 seconds ago"; fi
    echo "svc10.1.abc $6 Running 2 seconds ago" ;;
esac`;

    it("removes the service and waits until its last container is gone, not for others'", () => {
      const { status, stderr, calls } = run(script, removable("echo shop_web"));
      expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
      expect(calls).toContain("service rm shop_web");
      expect(calls.filter((call) => call.startsWith("node ps")).length).toBeGreaterThan(1);
      // A dead phone's tasks are never reported as ended.
      expect(calls.some((call) => call.endsWith(" n2"))).toBe(false);
    });

    it.each([
      ["Status: Error: no such service: shop_web, Code: 1", "before it looked"],
      ["Error response from daemon: service shop_web not found", "before it looked"],
    ])("is content with a service that somebody removed already: %s", (said) => {
      const { status, stderr, calls } = run(script, `echo "${said}" >&2; exit 1`);
      expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
      expect(calls).not.toContain("service rm shop_web");
    });

    it.each(["Error: No such service: shop_web", "Error: service shop_web not found"])(
      "is content with one that somebody removes in between: %s",
      (said) => {
        const { status } = run(script, removable(`echo "${said}" >&2; exit 1`));
        expect(status).toBe(0);
      },
    );

    it.each(["inspect", "rm"])(
      "does not take a failing %s for a service that is gone, or its networks would be in use for ever",
      (verb) => {
        const trouble = "Error response from daemon: rpc error: The swarm does not have a leader";
        const docker = `case "$1 $2" in "service ${verb}") echo "${trouble}" >&2; exit 1 ;; *) echo svc1 ;; esac`;
        const { status, stderr } = run(script, docker);
        expect(status).toBe(1);
        expect(stderr).toBe(`shop_web: ${trouble}\n`);
      },
    );
  });

  describe("readyScript", () => {
    const script = readyScript({ services: ["shop_web", "shop_api"], timeoutSeconds: 3 });
    const swarm = (
      replicas: Record<string, string>,
      updates: Record<string, string> = {},
      tasks = "",
    ) => `case "$1 $2" in
  "service ls") ${Object.entries(replicas)
    .map(([name, count]) => `echo '${name} ${count}'`)
    .join("; ")} ;;
  "service inspect") shift 4; for name; do case $name in ${Object.entries(updates)
    .map(([name, state]) => `${name}) echo "$name ${state}" ;;`)
    .join(" ")} *) echo "$name " ;; esac; done ;;
  "service ps") ${tasks === "" ? ":" : `echo '${tasks}'`} ;;
esac`;
    const healthy = { shop_web: "2/2", shop_api: "1/1 (max 1 per node)", other_web: "0/1" };

    it("is well-formed", () => expect(syntaxErrors(shell, script)).toBe(""));

    it("ends well once all the stack's services run all their tasks, whatever others' do", () => {
      const { status, stderr, stdout } = run(script, swarm(healthy, { shop_web: "completed" }));
      expect({ status, stderr, stdout }).toEqual({ status: 0, stderr: "", stdout: "" });
    });

    it.each<[string, Record<string, string>, Record<string, string>, string]>([
      [
        "a task that does not run",
        { ...healthy, shop_api: "0/1" },
        {},
        "shop_api: expected all its tasks running, got 0/1 after 3 s\nshop_api.1 on pixel-2: Rejected: no such image\n",
      ],
      [
        "an update that is not done",
        healthy,
        { shop_web: "updating" },
        "shop_web: its update is not done after 3 s\nshop_api.1 on pixel-2: Rejected: no such image\n",
      ],
    ])(
      "gives up on %s after the time limit, with the task's own error",
      (_, replicas, updates, expected) => {
        const tasks = "shop_api.1 on pixel-2: Rejected: no such image";
        const { status, stderr, calls } = run(script, swarm(replicas, updates, tasks));
        expect({ status, stderr }).toEqual({ status: 1, stderr: expected });
        expect(calls.filter((call) => call.startsWith("service ls"))).toHaveLength(4);
      },
    );

    it("tells what a task is at that has no error, and nothing of those that run or are over", () => {
      const tasks = [
        "shop_api.1 on pixel-2: Preparing 9 minutes ago",
        "shop_api.1 on pixel-1: Shutdown 10 minutes ago",
        "shop_api.2 on pixel-1: Running 10 minutes ago",
        "shop_api.1 on pixel-3: Failed 11 minutes ago: task: non-zero exit (255)",
      ];
      const docker = swarm({ ...healthy, shop_api: "1/2" }, {}, tasks.join("\n"));
      expect(run(script, docker).stderr).toBe(
        [
          "shop_api: expected all its tasks running, got 1/2 after 3 s",
          tasks[0],
          tasks[3],
          "",
        ].join("\n"),
      );
    });

    it("does not wait for a service that is gone, and says what finds it again", () => {
      const { status, stderr, calls } = run(script, swarm({ shop_web: "2/2" }));
      expect(status).toBe(1);
      expect(stderr).toContain(
        "shop_api: it is not there, although the state says so; run: pulumi up --refresh\n",
      );
      expect(calls.filter((call) => call.startsWith("service ls"))).toHaveLength(1);
    });

    it.each([
      ["paused", "its update was paused, as tasks failed"],
      ["rollback_completed", "its update failed and was rolled back"],
      ["rollback_paused", "its update failed and was rolled back"],
    ])("does not wait for an update that is %s: it never ends", (state, words) => {
      const patient = readyScript({ services: ["shop_web"], timeoutSeconds: 25 });
      const { status, stderr, calls } = run(patient, swarm(healthy, { shop_web: state }));
      expect({ status, stderr }).toEqual({ status: 1, stderr: `shop_web: ${words}\n` });
      expect(calls.filter((call) => call.startsWith("service ls"))).toHaveLength(1);
    });

    it.each([
      ["0/1 (3/3 completed)", 0, ""],
      ["1/1 (2/3 completed)", 0, ""],
      ["0/1 (1/3 completed)", 1, "shop_job: expected all its tasks running, got 0/1 after 3 s\n"],
      ["0/2 (3/30 completed)", 1, "shop_job: expected all its tasks running, got 0/2 after 3 s\n"],
      ["0/1 (3/13 completed)", 1, "shop_job: expected all its tasks running, got 0/1 after 3 s\n"],
    ])("reads of a job %j whether it is ready", (count, expected, words) => {
      const job = readyScript({ services: ["shop_job"], timeoutSeconds: 3 });
      const { status, stderr } = run(job, swarm({ shop_job: count }));
      expect({ status, stderr }).toEqual({ status: expected, stderr: words });
    });

    it("waits for a global service whose tasks end, and so do not count", () => {
      const idle = swarm({ ...healthy, shop_web: "0/0" }).replace(
        '"service ps") :',
        `"service ps") [ "$4" != desired-state=ready ] || echo shop_web.node1`,
      );
      const { status, stderr } = run(script, idle);
      expect({ status, stderr }).toEqual({
        status: 1,
        stderr: "shop_web: its tasks end and are started again\n",
      });
    });

    const busy =
      "Error response from daemon: rpc error: code = DeadlineExceeded desc = context deadline exceeded";

    it("asks a master again that is too busy to answer", () => {
      const later = `if [ "$(wc -l <"$CALLS")" -lt 4 ]; then echo "${busy}" >&2; exit 1; fi\n${swarm(healthy)}`;
      const { status, stderr } = run(
        readyScript({ services: ["shop_web"], timeoutSeconds: 30 }),
        later,
      );
      expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    });

    it.each([
      ["a minute to one that is too busy all the time", busy, 61],
      [
        "no time to one that manages nothing, so that another is asked",
        "This node is not a swarm manager.",
        1,
      ],
    ])("gives %s", (__, error, looks) => {
      const patient = readyScript({ services: ["shop_web"], timeoutSeconds: 600 });
      const { status, stderr, calls } = run(patient, `echo "${error}" >&2; exit 1`);
      expect({ status, stderr }).toEqual({
        status: 1,
        stderr: `the swarm does not say what runs: ${error}\n`,
      });
      expect(calls.filter((call) => call.startsWith("service ls --format"))).toHaveLength(looks);
    });

    describe("where an engine has lost a network", () => {
      // The tasks run once the first of its phones has restarted its engine, or never.
      const lost = (ends: boolean) => `case "$1 $2" in
  "service ls") if ${ends} && [ -e restarted ]; then echo shop_web 1/1; else echo shop_web 0/1; fi ;;
  "service inspect") echo "shop_web " ;;
  "service ps") [ "$3" = --no-trunc ] || exit 0
    echo 'id1 Rejected 4 seconds ago "network sandbox join failed: error creating vxlan interface: file exists"'
    echo 'id2 Rejected 2 days ago "network sandbox join failed: error creating vxlan interface: file exists"' ;;
  "node inspect") [ "$5" = id1 ] && echo pixel-2 ;;
esac`;
      const patient = readyScript({ services: ["shop_web"], timeoutSeconds: 20 });
      const withRestart = (docker: string) => {
        const master = new SimulatedMaster(shell, docker, CLOCK);
        master.write(".cloudlet/restart-engine.sh", ": > restarted");
        const { status, stderr } = runScript(shell, patient, master.options);
        return { status, stderr, asked: master.calls().filter((call) => call.startsWith("ssh ")) };
      };
      const told =
        "pixel-2: its engine restarts, as no task there can join a network: error creating vxlan interface: file exists\n";

      it("restarts that engine, and goes on waiting", () => {
        expect(withRestart(lost(true))).toEqual({
          status: 0,
          stderr: told,
          asked: ["ssh pixel-2"],
        });
      });

      it("restarts it once", () => {
        const { status, stderr, asked } = withRestart(lost(false));
        expect({ status, asked }).toEqual({ status: 1, asked: ["ssh pixel-2"] });
        expect(stderr).toContain(`${told}shop_web: expected all its tasks running, got 0/1`);
      });
    });

    it("takes a stack without services for ready", () => {
      expect(run(readyScript({ services: [], timeoutSeconds: 1 }), "exit 1").status).toBe(0);
    });
  });
});
