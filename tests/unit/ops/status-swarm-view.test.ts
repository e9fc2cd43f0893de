import { serviceStatus } from "../../../ops/status/service-status";
import { parseSwarmView } from "../../../ops/status/swarm-view";

// The Engine API's own shapes, as engine 20.10 gave them, without what is not read.
const nodes = [
  { ID: "n1", Spec: { Labels: { "cloudlet.node": "pixel-1" } }, Status: { State: "ready" } },
  { ID: "n2", Spec: { Labels: { "cloudlet.node": "pixel-2" } }, Status: { State: "down" } },
  { ID: "n3", Spec: { Labels: null }, Status: { State: "ready" } },
];
const service = (mode: object, more: object = {}) => ({
  ID: "s1",
  UpdatedAt: "2026-11-22T10:00:00.5Z",
  Spec: {
    Name: "shop_web",
    Labels: { "com.docker.stack.namespace": "shop" },
    TaskTemplate: { ContainerSpec: { Image: "web:1@sha256:abc" } },
    Mode: mode,
  },
  ...more,
});
const task = (slot: number, node: string, state: string, more: object = {}) => ({
  ServiceID: "s1",
  NodeID: node,
  Slot: slot,
  DesiredState: "running",
  Status: {
    State: state,
    Timestamp: `2026-11-22T10:00:0${slot}Z`,
    ContainerStatus: { ContainerID: `c${slot}`, ExitCode: 0 },
  },
  ...more,
});
const viewOf = (one: object, tasks: object[]) => parseSwarmView([nodes, [one], tasks])?.services[0];
const statusOf = (one: object, tasks: object[]) => {
  const view = viewOf(one, tasks);
  return view && serviceStatus(view, new Map([["sha256:abc", "2026-01-01T00:00:00.000Z"]]));
};

describe("parseSwarmView", () => {
  it("knows each task's phone by its key, and whether that is there", () => {
    const replicated = service({ Replicated: { Replicas: 3 } });
    const tasks = [task(1, "n1", "running"), task(2, "n2", "running"), task(3, "n3", "starting")];
    expect(viewOf(replicated, tasks)).toEqual({
      name: "shop_web",
      stack: "shop",
      mode: "replicated",
      replicas: 3,
      image: "web:1@sha256:abc",
      changedAt: "2026-11-22T10:00:00.5Z",
      update: undefined,
      constraints: [],
      tasks: [
        { slot: 3, phone: "n3", phoneIsReady: true, state: "starting", ...common(3) },
        { slot: 2, phone: "pixel-2", phoneIsReady: false, state: "running", ...common(2) },
        { slot: 1, phone: "pixel-1", phoneIsReady: true, state: "running", ...common(1) },
      ],
    });
  });

  const common = (slot: number) => ({
    wanted: "running",
    since: `2026-11-22T10:00:0${slot}Z`,
    error: "",
    containerId: `c${slot}`,
  });

  it.each([
    ["a manager without a majority", [{ message: "no leader" }, {}, {}]],
    ["a worker", [{ message: "not a manager" }]],
    ["an engine that broke off", [[], []]],
    ["a phone that says nothing", []],
  ])("sees no swarm in the words of %s", (_, bodies) => {
    expect(parseSwarmView(bodies)).toBeUndefined();
  });

  it("skips entries of another shape", () => {
    expect(parseSwarmView([[{}], [{ ID: 1 }, service({ Global: {} })], [null]])).toMatchObject({
      services: [{ name: "shop_web", mode: "global", tasks: [] }],
    });
  });
});

describe("serviceStatus", () => {
  const shutdown = (slot: number, error: string) =>
    task(slot, "n1", "failed", {
      DesiredState: "shutdown",
      Status: { State: "failed", Timestamp: "2026-11-22T09:00:00Z", Err: error },
    });

  it("counts what runs on phones that are there, and tells the last error of whatever task", () => {
    const replicated = service({ Replicated: { Replicas: 3 } });
    const tasks = [
      task(3, "", "pending", { NodeID: undefined }),
      task(2, "n2", "running"),
      task(1, "n1", "running"),
      shutdown(1, "task: non-zero exit (1)"),
      { ...task(9, "n1", "running"), ServiceID: "other" },
    ];
    expect(statusOf(replicated, tasks)).toEqual({
      name: "shop_web",
      stack: "shop",
      mode: "replicated",
      wanted: 3,
      running: 1,
      tasks: [
        { slot: 1, phone: "pixel-1", state: "running", since: "2026-11-22T10:00:01Z" },
        { slot: 2, phone: "pixel-2", state: "running", since: "2026-11-22T10:00:02Z" },
        { slot: 3, phone: undefined, state: "pending", since: "2026-11-22T10:00:03Z" },
      ],
      image: "web:1",
      digest: "sha256:abc",
      imageCreatedAt: "2026-01-01T00:00:00.000Z",
      changedAt: "2026-11-22T10:00:00.5Z",
      update: undefined,
      lastError: {
        message: "task: non-zero exit (1)",
        at: "2026-11-22T09:00:00Z",
        phone: "pixel-1",
      },
    });
  });

  const job = (iteration: number) => ({ JobIteration: { Index: iteration } });
  const done = (slot: number, iteration: number, state = "complete") =>
    task(slot, "n1", state, { DesiredState: "complete", ...job(iteration) });

  it.each([
    ["nothing", { Replicated: { Replicas: 0 } }, [], "0/0"],
    ["global: as many as the swarm has for it", { Global: {} }, [task(0, "n1", "running")], "1/1"],
    [
      "one that waits for its restart",
      { Replicated: { Replicas: 1 } },
      [task(1, "n1", "ready", { DesiredState: "ready" }), shutdown(1, "x")],
      "0/1",
    ],
    [
      "a job's last run only",
      { ReplicatedJob: { TotalCompletions: 2 } },
      [done(1, 7), done(2, 7, "running"), done(1, 6), done(2, 6)],
      "2/2",
    ],
    [
      "a job that failed",
      { ReplicatedJob: { TotalCompletions: 1 } },
      [done(1, 7, "failed")],
      "0/1",
    ],
    ["a job on each phone", { GlobalJob: {} }, [done(0, 7)], "1/1"],
  ])("counts %s", (_, mode, tasks, counts) => {
    const isJob = "ReplicatedJob" in mode || "GlobalJob" in mode;
    const found = statusOf(service(mode, isJob ? { JobStatus: job(7) } : {}), tasks);
    expect(`${found?.running}/${found?.wanted}`).toBe(counts);
  });
});
