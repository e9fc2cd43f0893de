import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { z } from "zod";
import type { LookedAt } from "../../../ops/status/look";
import { statusOf } from "../../../ops/status/status-of";
import { statusShape } from "../../../ops/status/status-shape";
import { parseSwarmView } from "../../../ops/status/swarm-view";
import { SCHEMA_PATH, schemaText } from "../../../ops/status/write-schema";
import type { PhoneFacts, ReachablePhone } from "../../../observe/facts";
import { NO_NEEDS } from "../../../plan/preflight";
import { nodeOf, sampleConfig } from "../../support/sample-config";
import { declaredEntry, noAnswer, sampleFacts, swarmOf } from "../../support/sample-facts";

const now = new Date("2026-11-22T10:00:00Z");
const config = sampleConfig();
const entry = (key: string, more: object) => ({ ...declaredEntry(nodeOf(config, key)), ...more });
const entries = (changes: Record<string, object> = {}) =>
  config.nodes.map(({ key }) => entry(key, changes[key] ?? {}));
/** All masters see the swarm with these changes. */
const swarm = (changes: Record<string, object>) =>
  Object.fromEntries(
    ["pixel-1", "pixel-2", "pixel-3"].map((key) => [key, { swarm: swarmOf(entries(changes)) }]),
  );

type Changes = Readonly<Record<string, Partial<ReachablePhone> | PhoneFacts>>;
const look = (changes: Changes = {}, more: Partial<LookedAt> = {}): LookedAt => ({
  config,
  declared: { services: new Map(), needs: NO_NEEDS, problems: [] },
  facts: sampleFacts(config, changes),
  view: { services: [] },
  built: new Map(),
  ...more,
});
const status = (changes?: Changes, more?: Partial<LookedAt>) =>
  statusOf("dev", look(changes, more), now);
const stateOf = (changes: Changes) => status(changes).phones[3]?.state;

describe("statusOf", () => {
  it("has nothing against phones that are as declared", () => {
    const well = status(swarm({ "pixel-2": { leader: true } }));
    expect(well).toMatchObject({
      stack: "dev",
      at: "2026-11-22T10:00:00.000Z",
      well: true,
      problems: [],
    });
    expect(well.phones.map(({ key, role, state, leader }) => [key, role, state, leader])).toEqual([
      ["pixel-1", "master", "ready", false],
      ["pixel-2", "master", "ready", true],
      ["pixel-3", "master", "ready", false],
      ["pixel-4", "compute", "ready", false],
    ]);
  });

  it.each<[string, Changes]>([
    ["no answer", { "pixel-4": noAnswer }],
    ["wrong host key", { "pixel-4": { ...noAnswer, reason: "wrong host key" } as PhoneFacts }],
    ["login refused", { "pixel-4": { ...noAnswer, reason: "login refused" } as PhoneFacts }],
    ["not in the swarm", { "pixel-4": { membership: undefined } }],
    ["down", swarm({ "pixel-4": { state: "down" } })],
    ["paused", swarm({ "pixel-4": { availability: "pause" } })],
    ["drained", swarm({ "pixel-4": { availability: "drain" } })],
    ["unknown", { "pixel-1": noAnswer, "pixel-2": noAnswer, "pixel-3": noAnswer }],
  ])("sees that a phone is: %s", (state, changes) => {
    expect(stateOf(changes)).toBe(state);
  });

  it.each([
    [{ installed: false, running: false }, "no docker"],
    [{ installed: true, running: false }, "docker is off"],
  ])("sees an engine that does not run: %j", (engine, state) => {
    const { engine: whole } = look().facts.get("pixel-4") as ReachablePhone;
    expect(stateOf({ "pixel-4": { engine: { ...whole, ...engine } } })).toBe(state);
  });

  it("goes on with a phone that does not answer, and says why and what to do", () => {
    const { problems, phones, well } = status({ "pixel-4": noAnswer });
    const detail = "ssh: connect to host 192.168.1.23 port 22: No route to host";
    expect(well).toBe(false);
    expect(problems).toEqual([
      {
        where: "pixel-4",
        message: `it does not answer at 192.168.1.24 (${detail}), though the other phones still hear from it`,
        fix: "switch it on, look at its Wi-Fi and address, or take it out of the settings",
      },
    ]);
    expect(phones[3]).toEqual({
      ...{ key: "pixel-4", address: "192.168.1.24", role: "compute", leader: false },
      ...{ state: "no answer", swarmState: "ready", detail, temperatures: [] },
    });
  });

  it("says of a host key once what the settings should say", () => {
    const { problems } = status({
      "pixel-4": { reachable: false, reason: "wrong host key", detail: "SHA256:new" },
    });
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatchObject({
      where: "cloudlet:nodes.pixel-4.hostKey",
      fix: expect.stringContaining("ssh-keyscan"),
    });
  });

  it("tells of a phone that the masters take for down though it answers, and of drift, with commands for this stack", () => {
    const changes = swarm({ "pixel-4": { state: "down", labels: {} } });
    expect(statusOf("home", look(changes), now).problems).toEqual([
      {
        where: "pixel-4",
        message: "it answers here, and the swarm's masters take it for down",
        fix: "if it was just switched on, look again in a minute; else `npm run doctor -- --stack home` tries the ports between the phones",
      },
      {
        where: "pixel-4",
        message: expect.stringMatching(/^it is not as declared: label cloudlet\.node: pixel-4 -> /),
        fix: "`npx pulumi up --stack home` sets it right",
      },
    ]);
  });

  it("puts a lost majority before all else, and knows no services then", () => {
    const { problems, services } = status(
      { "pixel-1": { swarm: undefined }, "pixel-2": noAnswer, "pixel-3": noAnswer },
      { view: undefined },
    );
    expect(problems.map(({ where }) => where)).toEqual(["cloudlet:nodes", "pixel-2", "pixel-3"]);
    expect(problems[0]?.message).toMatch(/^expected 2 of 3 masters, .*bring back/);
    expect(services).toBeUndefined();
  });

  it("tells of masters that are all there and have no leader", () => {
    const led = { swarm: undefined };
    const { problems } = status(
      { "pixel-1": led, "pixel-2": led, "pixel-3": led },
      { view: undefined },
    );
    expect(problems).toEqual([
      {
        where: "cloudlet:nodes",
        message: "no master answers for the swarm, so nobody can tell how it is",
        fix: "they may be choosing a leader: look again in half a minute, then `npm run doctor`",
      },
    ]);
  });

  it("tells of what preflight has against a phone, but not of what one may live with for good", () => {
    const addresses = [{ device: "wlan0", address: "192.168.1.24", dynamic: true }];
    expect(status({ "pixel-4": { addresses } }).problems).toEqual([]);
    const { problems } = status({ "pixel-4": { clockAheadSeconds: 7200 } });
    expect(problems[0]).toMatchObject({ where: "cloudlet:nodes.pixel-4" });
    expect(problems[0]?.message).toMatch(/clock that is 2 hours ahead/);
  });

  it.each([
    [{ temperatures: [{ sensor: "cpu", celsius: 84 }] }, undefined],
    [
      {
        temperatures: [
          { sensor: "skin", celsius: 40 },
          { sensor: "cpu", celsius: 91.5 },
        ],
      },
      "it is 91.5 °C hot inside (cpu)",
    ],
    [{ battery: { celsius: 51, percent: 80 } }, "its battery is 51 °C hot"],
    [
      { battery: { percent: 9, status: "Discharging" } },
      "its battery has 9 % left, and is not charging",
    ],
    [{ battery: { percent: 9, status: "Charging", health: "Cold" } }, undefined],
    [{ battery: { percent: 0, status: "Discharging" } }, undefined],
    [{ battery: { percent: 50, health: "Overheat" } }, `its battery's health is "Overheat"`],
  ])("judges sensors and battery: %j", (condition, message) => {
    const found = status({ "pixel-4": { condition: { temperatures: [], ...condition } } }).problems;
    expect(found.map((each) => each.message)).toEqual(message === undefined ? [] : [message]);
    expect(found.every(({ where, fix }) => where === "pixel-4" && fix !== "")).toBe(true);
  });

  it("tells of services that are declared and not there, once there is a swarm", () => {
    const declared = {
      services: new Map([["shop_web", "shop"]]),
      needs: NO_NEEDS,
      problems: [{ where: "stacks/a.yml", message: "no such file", fix: "" }],
    };
    expect(status({}, { declared }).problems).toEqual([
      { where: "stacks/a.yml", message: "no such file", fix: "" },
      {
        where: "shop_web",
        message: "it is declared in stack shop, and not in the swarm",
        fix: "`npx pulumi up` makes it",
      },
    ]);
    expect(status({}, { declared, view: undefined }).problems).toHaveLength(1);
  });
});

describe("the schema of a status", () => {
  const schema = JSON.parse(
    readFileSync(resolve(__dirname, "../../..", SCHEMA_PATH), "utf8"),
  ) as Parameters<typeof z.fromJSONSchema>[0];

  it("is written as it is; else run npm run docs:status", () => {
    expect(schema).toEqual(JSON.parse(schemaText()));
  });

  it("is what the command prints, with all that can be known and with nothing", () => {
    const condition = {
      ...{ model: "LGE MSM 8974 HAMMERHEAD", processors: 4, load: 0.5, uptimeSeconds: 60.5 },
      temperatures: [{ sensor: "cpu", celsius: 41.5 }],
      battery: { percent: 80, status: "Full", celsius: 30.1, health: "Good" },
    };
    const memory = { totalBytes: 2, availableBytes: 1 };
    const known = { condition, memory, totalDiskBytes: 9, freeDiskBytes: 5, clockAheadSeconds: 1 };
    const view = parseSwarmView([
      [{ ID: "n", Spec: { Labels: {} }, Status: { State: "ready" } }],
      [
        {
          ID: "s",
          UpdatedAt: "2026-11-22T09:00:00Z",
          Spec: {
            Name: "web",
            TaskTemplate: { ContainerSpec: { Image: "web:1" } },
            Mode: { Replicated: { Replicas: 1 } },
          },
          UpdateStatus: { State: "paused", Message: "" },
        },
      ],
      [
        {
          ServiceID: "s",
          NodeID: "n",
          Slot: 1,
          DesiredState: "running",
          Status: { State: "rejected", Timestamp: "2026-11-22T09:00:00Z", Err: "no" },
        },
      ],
    ]);
    const full = status({ "pixel-1": known }, { view });
    expect(full.services?.[0]?.lastError?.phone).toBe("n");
    for (const each of [full, status({ "pixel-1": noAnswer }, { view: undefined })]) {
      const printed = JSON.parse(JSON.stringify(each)) as unknown;
      expect(z.fromJSONSchema(schema).safeParse(printed)).toMatchObject({ success: true });
      expect(statusShape.parse(printed)).toEqual(printed);
    }
  });

  it("refuses what is no status", () => {
    expect(z.fromJSONSchema(schema).safeParse({ well: true }).success).toBe(false);
  });
});
