import type { Facts, PhoneFacts, ReachablePhone } from "../../../observe/facts";
import { afterElection, isElecting } from "../../../observe/await-election";
import { sampleConfig } from "../../support/sample-config";
import { freshFacts, noAnswer, sampleFacts } from "../../support/sample-facts";

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

describe("afterElection", () => {
  it("looks again until a master answers for the swarm", async () => {
    const looks: Facts[] = [electing, sampleFacts(config, { "pixel-1": noAnswer })];
    const left = [...looks];
    const facts = await afterElection(config, electing, () =>
      Promise.resolve(left.shift() ?? electing),
    );
    expect(left).toEqual([]);
    expect(facts).toBe(looks[1]);
  });

  it("looks no second time where nothing is elected", async () => {
    const facts = sampleFacts(config);
    const look = jest.fn(() => Promise.resolve(facts));
    expect(await afterElection(config, facts, look)).toBe(facts);
    expect(look).not.toHaveBeenCalled();
  });
});
