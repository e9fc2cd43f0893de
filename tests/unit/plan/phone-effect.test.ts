import type { ReachablePhone } from "../../../observe/facts";
import { describeChanges } from "../../../plan/phone-effect";
import { planNodes } from "../../../plan/plan-nodes";
import { nodeOf, sampleConfig, sampleNode, sampleNodes } from "../../support/sample-config";
import {
  declaredEntry,
  declaredPhone,
  freshFacts,
  noAnswer,
  sampleFacts,
  swarmOf,
} from "../../support/sample-facts";

const config = sampleConfig();
const masters = ["pixel-1", "pixel-2", "pixel-3"];

/** Every master's view of the swarm, with these entries changed. */
function seenBySwarm(changes: Record<string, object>) {
  const nodes = config.nodes.map((node) => ({ ...declaredEntry(node), ...changes[node.key] }));
  return Object.fromEntries(masters.map((key) => [key, { swarm: swarmOf(nodes) }]));
}

const effectsOf = (facts: ReturnType<typeof sampleFacts>, of = config) =>
  new Map(planNodes(of, facts, 0).map(({ key, effects }) => [key, effects]));
const effectOf = (key: string, changes: Parameters<typeof sampleFacts>[1]) =>
  effectsOf(sampleFacts(config, changes)).get(key);
const engine = (key: string, more: Partial<ReachablePhone["engine"]>) => ({
  engine: { ...declaredPhone(config, nodeOf(config, key)).engine, ...more },
});
const silent = seenBySwarm({ "pixel-3": { state: "down", reachability: "unreachable" } });
const restarting = (key: string) => ({ [key]: engine(key, { restartPending: true }) });

describe("the effect of a phone's change", () => {
  it.each<[string, string, Parameters<typeof sampleFacts>[1], string[]]>([
    [
      "a promotion adds a master",
      "pixel-2",
      seenBySwarm({ "pixel-2": { role: "worker" } }),
      ["the swarm has 2 -> 3 masters"],
    ],
    [
      "a demotion takes one away",
      "pixel-4",
      seenBySwarm({ "pixel-4": { role: "manager", reachability: "reachable" } }),
      ["the swarm has 4 -> 3 masters"],
    ],
    [
      "a paused phone that is to be active again gets tasks",
      "pixel-2",
      seenBySwarm({ "pixel-2": { availability: "pause" } }),
      ["it gets new tasks again, and none moves back by itself"],
    ],
    [
      "a compute whose engine restarts is drained first",
      "pixel-4",
      restarting("pixel-4"),
      ["its tasks move to other phones first"],
    ],
    [
      "a master whose engine restarts is missed besides",
      "pixel-2",
      restarting("pixel-2"),
      ["its tasks move to other phones first", "one of 3 masters is away for some seconds"],
    ],
    [
      "a master that the majority hangs on keeps its engine running",
      "pixel-2",
      {
        ...silent,
        "pixel-2": { ...silent["pixel-2"], ...engine("pixel-2", { restartPending: true }) },
        "pixel-3": noAnswer,
      },
      ["its engine restarts in a later run, as the other masters would be no majority"],
    ],
    [
      "a master at another address leaves and comes back",
      "pixel-2",
      {
        "pixel-2": {
          membership: {
            ...declaredPhone(config, nodeOf(config, "pixel-2")).membership!,
            address: "192.168.1.99",
          },
        },
      },
      [
        "it leaves the swarm and joins again",
        "its tasks end and start on other phones",
        "one of 3 masters is away until then",
      ],
    ],
    [
      "a label is no effect that is known",
      "pixel-2",
      seenBySwarm({ "pixel-2": { labels: {} } }),
      [],
    ],
  ])("%s", (_, key, changes, expected) => {
    expect(effectOf(key, changes)).toEqual({ engine: [], membership: expected });
  });

  it.each([
    ["drain", "its tasks move to other phones"],
    ["pause", "its tasks stay, and it gets no new ones"],
  ])("tells what availability %s does to tasks", (availability, effect) => {
    const nodes = { ...sampleNodes, "pixel-4": sampleNode(24, "compute", { availability }) };
    const declared = sampleConfig({ nodes });
    expect(effectsOf(sampleFacts(declared, {}), declared).get("pixel-4")?.membership).toEqual([
      effect,
    ]);
  });

  it("counts masters in the order of the changes, where one takes the place of another", () => {
    const role = {
      "pixel-3": { role: "worker" },
      "pixel-4": { role: "manager", reachability: "reachable" },
    };
    const effects = effectsOf(sampleFacts(config, seenBySwarm(role)));
    expect(effects.get("pixel-3")?.membership).toEqual(["the swarm has 3 -> 4 masters"]);
    expect(effects.get("pixel-4")?.membership).toEqual(["the swarm has 4 -> 3 masters"]);
  });

  it("says that no task restarts where only the phone is set right under a running engine", () => {
    const atBoot = engine("pixel-2", { enabledAtBoot: false });
    expect(effectOf("pixel-2", { "pixel-2": atBoot })?.engine).toEqual(["no task restarts"]);
    const stopped = engine("pixel-2", { enabledAtBoot: false, running: false });
    expect(effectOf("pixel-2", { "pixel-2": stopped })?.engine).toEqual([]);
  });

  it("is not known of phones that nobody looked at, and of those of a swarm that begins", () => {
    const none = { engine: [], membership: [] };
    expect([...effectsOf(new Map()).values()]).toEqual(Array(4).fill(none));
    expect([...effectsOf(freshFacts(config)).values()]).toEqual(Array(4).fill(none));
  });
});

describe("describeChanges", () => {
  it.each([
    [["a", "b"], ["c", "d"], "a; b; effect: c, d"],
    [["label room: lab -> (missing)"], [], "label room: lab -> (missing)"],
  ])("says %j with %j in one line", (drift, effects, expected) => {
    expect(describeChanges(drift, effects)).toBe(expected);
  });
});
