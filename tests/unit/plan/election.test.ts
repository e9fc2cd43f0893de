import type { PhoneFacts, ReachablePhone } from "../../../observe/facts";
import { isElecting, isPerhapsAlone, isUnsettled } from "../../../plan/election";
import { sampleConfig, sampleNodes } from "../../support/sample-config";
import {
  declaredEntry,
  freshFacts,
  noAnswer,
  sampleFacts,
  swarmOf,
} from "../../support/sample-facts";

const config = sampleConfig();
const engine: ReachablePhone["engine"] = {
  installed: true,
  enabledAtBoot: true,
  running: true,
  version: "20.10.24",
  userHasAccess: true,
};
const mute = { swarm: undefined };
const silent = { swarm: undefined, engine: { ...engine, running: false, silent: true } };
const stopped = { swarm: undefined, engine: { ...engine, running: false } };
const electing = sampleFacts(config, { "pixel-1": noAnswer, "pixel-2": mute, "pixel-3": silent });

describe("isElecting", () => {
  it.each<[string, boolean, Record<string, Partial<ReachablePhone> | PhoneFacts>]>([
    ["all answer, and one for the swarm", false, {}],
    [
      "the leader is gone, and two of three are left",
      true,
      { "pixel-1": noAnswer, "pixel-2": mute, "pixel-3": silent },
    ],
    ["all have just been switched on", true, { "pixel-1": mute, "pixel-2": mute, "pixel-3": mute }],
    ["one of three is left", false, { "pixel-1": noAnswer, "pixel-2": noAnswer, "pixel-3": mute }],
    [
      "two engines are stopped, and wait to be started",
      false,
      { "pixel-1": mute, "pixel-2": stopped, "pixel-3": stopped },
    ],
  ])("%s: %s", (_, expected, changes) => {
    expect(isElecting(config, sampleFacts(config, changes))).toBe(expected);
  });

  it("nobody is in a swarm yet: there is nothing to wait for", () => {
    expect(isElecting(config, freshFacts(config))).toBe(false);
  });
});

describe("isPerhapsAlone", () => {
  it.each<[string, boolean, Record<string, PhoneFacts>]>([
    ["all answer", false, {}],
    ["one of three masters is off", false, { "pixel-2": noAnswer }],
    ["two of three are off", true, { "pixel-2": noAnswer, "pixel-3": noAnswer }],
    ["one master and a compute are off", false, { "pixel-2": noAnswer, "pixel-4": noAnswer }],
    [
      "nobody answers for the swarm",
      false,
      { "pixel-1": noAnswer, "pixel-2": noAnswer, "pixel-3": noAnswer },
    ],
  ])("%s: %s", (_, expected, changes) => {
    expect(isPerhapsAlone(sampleFacts(config, changes))).toBe(expected);
  });

  it("counts a manager that is in no settings as one that answers", () => {
    const nodes = { "pixel-1": sampleNodes["pixel-1"], "pixel-4": sampleNodes["pixel-4"] };
    const shrunk = sampleConfig({ nodes });
    const swarm = swarmOf(config.nodes.map(declaredEntry));
    expect(isPerhapsAlone(sampleFacts(shrunk, { "pixel-1": { swarm } }))).toBe(false);
  });
});

describe("isUnsettled", () => {
  it("is an election, or a leader that may be alone", () => {
    const alone = sampleFacts(config, { "pixel-2": noAnswer, "pixel-3": noAnswer });
    expect(
      [electing, alone, sampleFacts(config)].map((facts) => isUnsettled(config, facts)),
    ).toEqual([true, true, false]);
  });
});
