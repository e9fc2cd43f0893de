import { imageTimes } from "../../../ops/status/look";
import { serviceProblems } from "../../../ops/status/service-problems";
import { serviceStatus } from "../../../ops/status/service-status";
import { commandsFor } from "../../../ops/status/status-of";
import type { ServiceView, TaskView } from "../../../ops/status/swarm-view";

const now = new Date("2026-11-22T10:00:00Z");
const before = (seconds: number) => new Date(now.getTime() - seconds * 1000).toISOString();
const task = (more: Partial<TaskView>): TaskView => ({
  slot: 1,
  phone: "pixel-2",
  phoneIsReady: true,
  wanted: "running",
  state: "running",
  since: before(3600),
  error: "",
  containerId: "c",
  ...more,
});
const failed = (seconds: number, error: string) =>
  task({ wanted: "shutdown", state: "failed", since: before(seconds), error });
const service = (more: Partial<ServiceView>): ServiceView => ({
  name: "shop_web",
  stack: "shop",
  mode: "replicated",
  replicas: 1,
  image: "web:1",
  changedAt: before(86_400),
  update: undefined,
  constraints: ["node.labels.room==lab"],
  tasks: [task({})],
  ...more,
});
const problemsOf = (view: ServiceView, stack = "dev") =>
  serviceProblems(view, serviceStatus(view, new Map()), { now, command: commandsFor(stack) });
const pending = (error: string) => [
  task({ phone: undefined, state: "pending", since: before(60), error }),
];

describe("serviceProblems", () => {
  it("has nothing against a service that runs, whatever failed an hour ago", () => {
    expect(
      problemsOf(service({ tasks: [task({}), failed(3700, "task: non-zero exit (1)")] })),
    ).toEqual([]);
    expect(problemsOf(service({ replicas: 0, tasks: [] }))).toEqual([]);
  });

  it.each([
    [
      "no suitable node (scheduling constraints not satisfied on 4 nodes)",
      "switch a phone on that fits its placement constraints, or change them: node.labels.room==lab",
    ],
    ["no suitable node (insufficient resources on 4 nodes)", "reserve less for it, or add a phone"],
    [
      "no suitable node (host-mode port already in use on 4 nodes)",
      "another task on each phone publishes this port: write another one, or fewer replicas",
    ],
    [
      "no suitable node (max replicas per node limit exceed; 1 node not available for new tasks)",
      "write fewer replicas, or add a phone",
    ],
    [
      "no suitable node (4 nodes not available for new tasks)",
      "switch on or add a phone that may run it",
    ],
  ])("tells of a task that finds no phone: %s", (error, fix) => {
    expect(problemsOf(service({ tasks: pending(error) }))).toEqual([
      { where: "shop_web", message: `0 of 1 tasks run: ${error}`, fix },
    ]);
  });

  it.each([
    [
      "No such image: web:1",
      "look whether that phone reaches the image's registry, and whether the image is still there: `npm run images:lock -- --stack home --check`",
    ],
    ["task: non-zero exit (1)", "`npm run logs -- --stack home shop_web` says more"],
    [
      "driver failed programming external connectivity: Bind for 0.0.0.0:80 failed: port is already allocated",
      "something else on that phone has this port: stop it, or write another port",
    ],
    [
      'invalid mount config for type "bind": bind source path does not exist: /srv',
      "make that directory on the phone, or use a volume",
    ],
  ])("tells why the task before the one that starts failed, and where: %s", (error, fix) => {
    const starting = task({ state: "preparing", since: before(5) });
    expect(problemsOf(service({ tasks: [starting, failed(9, error)] }), "home")).toEqual([
      { where: "shop_web", message: `0 of 1 tasks run: pixel-2: ${error}`, fix },
    ]);
  });

  it("does not blame an error of last week for a task that starts", () => {
    const tasks = [task({ state: "preparing", since: before(5) }), failed(700_000, "x")];
    expect(problemsOf(service({ tasks }))).toEqual([
      {
        where: "shop_web",
        message: "0 of 1 tasks run: one is preparing on pixel-2",
        fix: "wait: look again in a minute",
      },
    ]);
  });

  it("tells of tasks on a phone that is gone", () => {
    const tasks = [task({ slot: 2 }), task({ phone: "pixel-3", phoneIsReady: false })];
    expect(problemsOf(service({ replicas: 2, tasks }))[0]?.message).toBe(
      "1 of 2 tasks run: one was running on pixel-3, which is down",
    );
  });

  it("does not take a service that runs between two failures for well", () => {
    const tasks = [
      task({ since: before(1) }),
      failed(3, "boom"),
      failed(60, "x"),
      failed(599, "x"),
    ];
    expect(problemsOf(service({ tasks }))).toEqual([
      {
        where: "shop_web",
        message: "it keeps failing, 3 times within ten minutes: pixel-2: boom",
        fix: "`npm run logs -- shop_web` says more",
      },
    ]);
    expect(problemsOf(service({ tasks: tasks.slice(0, 3) }))).toEqual([]);
  });

  it.each([
    ["completed", undefined],
    ["updating", undefined],
    ["paused", "its last update was paused, as tasks failed: too many"],
    ["rollback_completed", "its last update failed, and was rolled back: too many"],
    ["rollback_paused", "its last update failed, and rolling it back failed too: too many"],
  ])("takes an update that is %s for: %s", (state, message) => {
    const update = { state, message: "too many" };
    expect(problemsOf(service({ update }))[0]?.message).toBe(message);
  });
});

it("imageTimes leaves out images without a time of their own", () => {
  const images = [
    { RepoDigests: ["web@sha256:a", "registry:5000/web@sha256:a"], Created: 1_700_000_000 },
    { RepoDigests: ["old@sha256:b"], Created: 0 },
    { RepoDigests: null, Created: 1_700_000_000 },
  ];
  expect([...imageTimes([images, undefined, { message: "no" }])]).toEqual([
    ["sha256:a", "2023-11-14T22:13:20.000Z"],
  ]);
});
