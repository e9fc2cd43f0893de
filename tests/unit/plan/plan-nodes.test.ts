import type { ReachablePhone } from "../../../observe/facts";
import { planNodes } from "../../../plan/plan-nodes";
import type { PlannedNode } from "../../../plan/plan";
import { nodeOf, sampleConfig, sampleNode, sampleNodes } from "../../support/sample-config";
import {
  swarmOf,
  declaredEntry,
  declaredPhone,
  freshFacts,
  noAnswer,
  sampleFacts,
} from "../../support/sample-facts";

const NOW = 1_795_000_000;
const config = sampleConfig();

function plan(changes: Parameters<typeof sampleFacts>[1], now = NOW): Map<string, PlannedNode> {
  const nodes = planNodes(config, sampleFacts(config, changes), now);
  return new Map(nodes.map((node) => [node.key, node]));
}

const engineOf = (more: Partial<ReachablePhone["engine"]>): Partial<ReachablePhone> => ({
  engine: { ...declaredPhone(config, nodeOf(config, "pixel-2")).engine, ...more },
});

/** Every master's view of the swarm, with one entry changed. */
function seenBySwarm(key: string, change: object): Record<string, Partial<ReachablePhone>> {
  const nodes = config.nodes.map((node) =>
    node.key === key ? { ...declaredEntry(node), ...change } : declaredEntry(node),
  );
  const view = { swarm: swarmOf(nodes) };
  return { "pixel-1": view, "pixel-2": view, "pixel-3": view };
}

describe("planNodes", () => {
  it("finds no drift of members whose masters have no majority, and cannot say anything of the swarm", () => {
    const silent = { swarm: undefined };
    const masters = { "pixel-1": silent, "pixel-2": silent, "pixel-3": silent };
    for (const { drift } of plan(masters).values()) expect(drift.membership).toEqual([]);
    const left = plan({ ...masters, "pixel-4": { membership: undefined } });
    expect(left.get("pixel-4")?.drift.membership).toEqual(["it is not a member of the swarm"]);
  });

  it("finds nothing to repair on phones that are as declared", () => {
    for (const { drift, demoted } of plan({}).values()) {
      expect(drift).toEqual({ engine: [], membership: [] });
      expect(demoted).toBe(false);
    }
  });

  it("finds nothing to repair where nobody looked: a pull request's preview has no phones", () => {
    const unseen = planNodes(config, new Map(), NOW);
    expect(unseen.map(({ drift }) => drift)).toEqual(Array(4).fill({ engine: [], membership: [] }));
    expect(plan({ "pixel-3": noAnswer }).get("pixel-3")?.drift).toEqual({
      engine: [],
      membership: [],
    });
  });

  it("puts masters first, each group in the order of their keys", () => {
    const nodes = {
      d: sampleNode(1, "master"),
      a: sampleNode(2, "compute"),
      c: sampleNode(3, "compute"),
      b: sampleNode(4, "master"),
      e: sampleNode(5, "master"),
    };
    expect(planNodes(sampleConfig({ nodes }), new Map(), NOW).map(({ key }) => key)).toEqual([
      "b",
      "d",
      "e",
      "a",
      "c",
    ]);
  });

  it("labels a phone with its slot and its platform, and with the user's own labels", () => {
    const nodes = {
      ...sampleNodes,
      "pixel-9": sampleNode(9, "compute", { labels: { room: "lab" } }),
    };
    const planned = planNodes(sampleConfig({ nodes }), new Map(), NOW).at(-1);
    expect(planned?.nodeLabels).toEqual({
      room: "lab",
      "cloudlet.node": "pixel-9",
      "cloudlet.platform": "linux/arm/v7",
    });
    expect(planned?.machines).toEqual(["armv7l", "armv8l"]);
  });

  it("opens each phone's firewall to all others and not to itself", () => {
    const firewall = plan({}).get("pixel-2")?.firewall ?? "";
    expect(firewall).toContain("{ 192.168.1.21, 192.168.1.23, 192.168.1.24 }");
  });

  it.each<[string, Partial<ReachablePhone>, string[]]>([
    [
      "no Docker",
      engineOf({ installed: false, enabledAtBoot: false, running: false, userHasAccess: false }),
      ["docker is not installed"],
    ],
    [
      "Docker that does not start at boot",
      engineOf({ enabledAtBoot: false }),
      ["docker is not enabled at boot"],
    ],
    [
      "Docker that is stopped",
      engineOf({ running: false, userHasAccess: false }),
      ["docker is not running"],
    ],
    ["a user without access", engineOf({ userHasAccess: false }), ["cloudlet may not use docker"]],
    ["a closed firewall", { firewall: "closed" }, ["the firewall is closed to the other phones"]],
    ["another drop-in", { firewallHash: "0000" }, ["the firewall's drop-in is not as declared"]],
    [
      "rules that the next boot forgets",
      { firewallHash: "" },
      ["the firewall's drop-in is not as declared"],
    ],
    ["no firewall at all", { firewall: "none", firewallHash: "" }, []],
    [
      "several faults",
      { ...engineOf({ enabledAtBoot: false, running: false }), firewall: "closed" },
      [
        "docker is not enabled at boot",
        "docker is not running",
        "the firewall is closed to the other phones",
      ],
    ],
  ])("sees %s", (_, change, expected) => {
    expect(plan({ "pixel-2": change }).get("pixel-2")?.drift.engine).toEqual(expected);
  });

  it.each<[string, object, string[]]>([
    ["pixel-4", { role: "manager" }, ["role compute -> master"]],
    ["pixel-2", { role: "worker" }, ["role master -> compute"]],
    ["pixel-2", { availability: "drain" }, ["availability active -> drain"]],
    [
      "pixel-2",
      { labels: { "cloudlet.node": "pixel-2", "cloudlet.platform": "linux/arm64", mine: "x" } },
      ["label cloudlet.platform: linux/arm/v7 -> linux/arm64"],
    ],
    [
      "pixel-2",
      { labels: {} },
      [
        "label cloudlet.node: pixel-2 -> (missing)",
        "label cloudlet.platform: linux/arm/v7 -> (missing)",
      ],
    ],
  ])("sees what the swarm says of %s: %j", (key, change, expected) => {
    expect(plan(seenBySwarm(key, change)).get(key)?.drift.membership).toEqual(expected);
  });

  it.each([
    ["192.168.1.22", []],
    ["192.168.1.99", ["address 192.168.1.22 -> 192.168.1.99"]],
  ])("sees that the swarm knows a phone at %s", (address, expected) => {
    const membership = declaredPhone(config, nodeOf(config, "pixel-2")).membership!;
    const moved = plan({ "pixel-2": { membership: { ...membership, address } } }).get("pixel-2");
    expect(moved?.drift.membership).toEqual(expected);
  });

  it("sees a phone that is in no swarm, and one whose entry is gone", () => {
    const left = plan({ "pixel-4": { membership: undefined } }).get("pixel-4");
    expect(left?.drift.membership).toEqual(["it is not a member of the swarm"]);
    const removed = plan(seenBySwarm("pixel-4", { id: "another" })).get("pixel-4");
    expect(removed?.drift.membership).toEqual(["it is not a member of the swarm"]);
  });

  it("leaves the membership of a stopped engine alone: it may be all right once the engine runs", () => {
    const stopped = { ...engineOf({ running: false }), swarm: undefined };
    expect(plan({ "pixel-2": stopped }).get("pixel-2")?.drift.membership).toEqual([]);
  });

  it("calls a compute that still manages demoted, so that it waits for the new managers", () => {
    const planned = plan(seenBySwarm("pixel-4", { role: "manager" }));
    expect([...planned.values()].map(({ key, demoted }) => [key, demoted])).toEqual([
      ["pixel-1", false],
      ["pixel-2", false],
      ["pixel-3", false],
      ["pixel-4", true],
    ]);
  });

  it("does not repair an engine that runs and does not answer, as while masters elect a leader", () => {
    const silent = { ...engineOf({ running: false, silent: true }), swarm: undefined };
    expect(plan({ "pixel-2": silent }).get("pixel-2")?.drift).toEqual({
      engine: [],
      membership: [],
    });
  });

  it("numbers repairs by the time, but never lower than the last one, when the clock was ahead", () => {
    expect(plan({ "pixel-1": { repairs: NOW + 5 } }).get("pixel-1")?.nextRepair).toBe(NOW + 6);
    expect(plan({ "pixel-1": { repairs: undefined } }).get("pixel-1")?.nextRepair).toBe(NOW);
    expect(planNodes(config, freshFacts(config), NOW)[0]?.nextRepair).toBe(NOW);
  });

  it("tells each repair of a membership from the one before, although the phone counts only its engine's", () => {
    const drifted = seenBySwarm("pixel-4", { availability: "drain" });
    const first = plan(drifted, NOW).get("pixel-4")?.nextJoin;
    const second = plan(drifted, NOW + 60).get("pixel-4")?.nextJoin;
    expect(second).not.toBe(first);
  });
});
