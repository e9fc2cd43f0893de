import { stripVTControlCharacters } from "node:util";
import { renderStatus } from "../../../ops/status/render-status";
import type { PhoneStatus, ServiceStatus, Status } from "../../../ops/status/status-shape";
import { tableLines } from "../../../ops/status/table";
import { showAge, showDuration, showShare } from "../../../ops/status/text";

const at = "2026-11-22T10:00:00.000Z";
const before = (hours: number) => new Date(Date.parse(at) - hours * 3_600_000).toISOString();
const GIB = 1024 ** 3;
const phone: PhoneStatus = {
  ...{ key: "pixel-1", address: "192.168.1.21", role: "master", leader: true, state: "ready" },
  ...{ model: "LGE MSM 8974 HAMMERHEAD", machine: "armv7l", uptimeSeconds: 12 * 86_400 },
  ...{ load: 0.52, processors: 4, clockAheadSeconds: -95, engine: { version: "25.0.5+x" } },
  memory: { totalBytes: 1.9 * GIB, availableBytes: 0.9 * GIB },
  disk: { totalBytes: 12 * GIB, freeBytes: 5.1 * GIB },
  temperatures: [{ sensor: "cpu", celsius: 41.4 }],
  battery: { percent: 87, status: "Discharging" },
};
const off: PhoneStatus = {
  ...{ key: "pixel-2", address: "192.168.1.22", role: "compute", leader: false },
  ...{ state: "no answer", detail: "No route to host", temperatures: [] },
};
const service: ServiceStatus = {
  ...{ name: "coffee_web", stack: "coffee", mode: "replicated", wanted: 1, running: 0, tasks: [] },
  ...{ image: "web:1", imageCreatedAt: before(24 * 200), changedAt: before(30) },
  lastError: { message: "task: non-zero exit (1)", at: before(0.01), phone: "pixel-1" },
};
const agent: ServiceStatus = {
  ...{ name: "agent", mode: "global", wanted: 1, running: 1, image: "agent:1" },
  changedAt: before(1),
  tasks: [{ slot: 0, phone: "pixel-1", state: "running", since: before(1) }],
};
const status: Status = {
  ...{ stack: "home", at, well: false },
  problems: [
    {
      where: "pixel-2",
      message: "it does not answer at 192.168.1.22 (No route to host)",
      fix: "switch it on, look at its Wi-Fi and address, or take it out of the settings",
    },
  ],
  phones: [phone, off],
  services: [agent, service],
};
const render = (changes: Partial<Status> = {}, width = 80, colour = false) =>
  renderStatus({ ...status, ...changes }, { width, colour });

describe("renderStatus", () => {
  it("shows problems first, then phones and services, within 80 columns and without colour", () => {
    expect(render()).toBe(`home: 2 phones, 2 services, 1 problem
  pixel-2: it does not answer at 192.168.1.22 (No route to host)
    fix: switch it on, look at its Wi-Fi and address, or take it out of the
         settings

Phones
  phone    role     state      address       engine  what it is
  pixel-1  leader   ready      192.168.1.21  25.0.5  LGE MSM 8974 HAMMERHEAD,
                                                     armv7l
  pixel-2  compute  no answer  192.168.1.22

  phone    load   free memory  free disk     heat   battery       up for  clock
  pixel-1  0.5/4  0.9/1.9 GiB  5.1/12.0 GiB  41 °C  87 % falling  12 d    -95 s

Stack coffee: 1 service, 1 lacks tasks
  service     tasks  image built  changed  last error
  coffee_web  0/1    200 d        30 h     36 s ago on pixel-1: task: non-zero
                                           exit (1)

Of no stack: 1 service, all tasks run
  service  tasks  changed  where
  agent    1/1    60 min   pixel-1
`);
  });

  it("says in one line that all is well, and in one that services are not known", () => {
    expect(render({ problems: [], services: undefined }).split("\n").slice(0, 2)).toEqual([
      "home: 2 phones, 0 services, all is well",
      "",
    ]);
    expect(render({ services: undefined })).toMatch(
      /\nServices\n {2}not known: no master answers for the swarm\n$/,
    );
  });

  it("has the phones in one table where there is room, and adds nothing but colour in colour", () => {
    const wide = render({}, 200);
    expect(wide.split("\n").filter((line) => /^ {2}phone /.test(line))).toHaveLength(1);
    const coloured = render({}, 200, true);
    expect(stripVTControlCharacters(coloured)).toBe(wide);
    expect(coloured).toContain("\x1b[31mhome: 2 phones, 2 services, 1 problem\x1b[39m");
  });

  it("names all phones at once, and counts tasks that share one", () => {
    const tasks = (...phones: string[]) =>
      phones.map((key, slot) => ({ slot, phone: key, state: "running", since: at }));
    const phones = ["a", "b", "c"].map((key) => ({ ...off, key }));
    const shown = (service: ServiceStatus) => render({ problems: [], phones, services: [service] });
    expect(shown({ ...agent, tasks: tasks("a", "b", "c") })).toContain(" all 3 phones\n");
    expect(shown({ ...agent, tasks: tasks("a", "b", "a") })).toContain(" a (2), b\n");
  });
});

describe("tableLines", () => {
  const columns = [
    { head: "key", cells: ["a", "b"] },
    { head: "long", cells: ["x".repeat(10), ""] },
    { head: "text", cells: ["one two three", "four"], atLeast: 6 },
    { head: "empty", cells: ["", ""] },
  ];

  it("gives a flexible column less room before it begins another block", () => {
    expect(tableLines(columns, 24)).toEqual([
      "key  long        text",
      "a    xxxxxxxxxx  one two",
      "                 three",
      "b                four",
    ]);
  });

  it("begins another block where there is no room, without rows that have nothing there", () => {
    expect(tableLines([columns[0]!, columns[2]!, columns[1]!], 20)).toEqual([
      "key  text",
      "a    one two three",
      "b    four",
      "",
      "key  long",
      "a    xxxxxxxxxx",
    ]);
  });

  it("is nothing without content", () => {
    expect(tableLines([{ head: "key", cells: [] }], 80)).toEqual([]);
  });
});

describe("units", () => {
  it.each([
    [0, "0 s"],
    [119, "119 s"],
    [120, "2 min"],
    [7199, "119 min"],
    [86_400, "24 h"],
    [200_000, "2 d"],
  ])("shows %p seconds as %s", (seconds, text) => expect(showDuration(seconds)).toBe(text));

  it("takes a moment ahead of this clock for now", () => {
    expect(showAge(before(-1), at)).toBe("0 s");
    expect(showAge(undefined, at)).toBe("");
  });

  it.each([
    [370 * 1024 ** 2, 870 * 1024 ** 2, "370/870 MiB"],
    [0.5 * GIB, 3.7 * GIB, "0.5/3.7 GiB"],
    [60 * GIB, 252 * GIB, "60.0/252 GiB"],
  ])("shows %p of %p bytes as %s", (part, whole, text) =>
    expect(showShare(part, whole)).toBe(text),
  );
});
