import type { PhoneFacts, ReachablePhone } from "../../../observe/facts";
import { checkAlone, checkQuorum } from "../../../plan/check-quorum";
import { nodeOf, sampleConfig, sampleNode, sampleNodes } from "../../support/sample-config";
import {
  declaredEntry,
  declaredPhone,
  freshFacts,
  freshPhone,
  noAnswer,
  sampleFacts,
  swarmOf,
} from "../../support/sample-facts";

const config = sampleConfig();
const mute = { swarm: undefined };
const stopped = { swarm: undefined, engine: { ...engineOf("pixel-1"), running: false } };
const reflashed = freshPhone(config, nodeOf(config, "pixel-3"));
const stranger = { swarm: undefined, membership: { clusterId: "another", nodeId: "id-x" } };
const detail = "ssh: connect to host 192.168.1.23 port 22: No route to host";

function engineOf(key: string): ReachablePhone["engine"] {
  return declaredPhone(config, nodeOf(config, key)).engine;
}

/** The one message, or nothing. */
function messageFor(
  changes: Readonly<Record<string, Partial<ReachablePhone> | PhoneFacts>>,
  settings = config,
): string | undefined {
  const problems = checkQuorum(settings, sampleFacts(settings, changes));
  expect(problems.map(({ where }) => where)).toEqual(problems.map(() => "cloudlet:nodes"));
  expect(problems.length).toBeLessThan(2);
  return problems[0]?.message;
}

describe("a majority that is lost is one problem, which names who is missing and what to do", () => {
  it("two of three masters do not answer", () => {
    expect(messageFor({ "pixel-1": mute, "pixel-2": noAnswer, "pixel-3": noAnswer })).toBe(
      "expected 2 of 3 masters, without which the swarm takes no change, got 1 (pixel-1), " +
        `missing pixel-2 (no answer at 192.168.1.22: ${detail}), pixel-3 (no answer at 192.168.1.23: ${detail}); ` +
        "bring back 1 of pixel-2, pixel-3; where they are lost, go on with what is left: `npm run recover`",
    );
  });

  it("one is off and one was reflashed", () => {
    expect(messageFor({ "pixel-1": mute, "pixel-2": noAnswer, "pixel-3": reflashed })).toBe(
      "expected 2 of 3 masters, without which the swarm takes no change, got 1 (pixel-1), " +
        `missing pixel-2 (no answer at 192.168.1.22: ${detail}), pixel-3 (in no swarm any more at 192.168.1.23); ` +
        "bring back pixel-2; where they are lost, go on with what is left: `npm run recover`",
    );
  });

  it("two were reflashed: no phone that is switched on brings the majority back", () => {
    expect(messageFor({ "pixel-1": mute, "pixel-2": reflashed, "pixel-3": reflashed })).toBe(
      "expected 2 of 3 masters, without which the swarm takes no change, got 1 (pixel-1), " +
        "missing pixel-2 (in no swarm any more at 192.168.1.22), pixel-3 (in no swarm any more at 192.168.1.23); " +
        "where they are lost, go on with what is left: `npm run recover`",
    );
  });

  it("one is in another swarm, and one shows another host key", () => {
    const key: PhoneFacts = { reachable: false, reason: "wrong host key", detail: "SHA256:abc" };
    expect(messageFor({ "pixel-1": mute, "pixel-2": stranger, "pixel-3": key })).toBe(
      "expected 2 of 3 masters, without which the swarm takes no change, got 1 (pixel-1), " +
        "missing pixel-2 (in another swarm at 192.168.1.22), pixel-3 (wrong host key at 192.168.1.23: SHA256:abc); " +
        "bring back pixel-3; where they are lost, go on with what is left: `npm run recover`",
    );
  });

  it("only a compute is left: nothing to go on with, but a backup", () => {
    const off = { "pixel-1": noAnswer, "pixel-2": noAnswer, "pixel-3": noAnswer };
    expect(messageFor(off)).toMatch(
      /got none, missing pixel-1 .*; bring back 2 of pixel-1, pixel-2, pixel-3; restore a backup with `npm run backup -- --restore FILE --master KEY`$/,
    );
  });

  it("three of five are gone", () => {
    const nodes = {
      ...sampleNodes,
      "pixel-5": sampleNode(25, "master"),
      "pixel-6": sampleNode(26, "master"),
    };
    const five = sampleConfig({ nodes });
    const two = { "pixel-1": mute, "pixel-2": mute };
    const lost = { "pixel-3": noAnswer, "pixel-5": noAnswer, "pixel-6": noAnswer };
    expect(messageFor({ ...two, ...lost }, five)).toMatch(
      /^expected 3 of 5 masters, .* got 2 \(pixel-1, pixel-2\), missing pixel-3 .*; bring back 1 of pixel-3, pixel-5, pixel-6; where/,
    );
    expect(messageFor({ ...two, ...lost, "pixel-3": stopped }, five)).toBeUndefined();
  });

  it("two are off, and the engine of the third is stopped: starting it would not help", () => {
    expect(messageFor({ "pixel-1": stopped, "pixel-2": noAnswer, "pixel-3": noAnswer })).toMatch(
      /got 1 \(pixel-1\), missing pixel-2/,
    );
  });
});

describe("no problem", () => {
  it.each([
    ["all is well", {}],
    ["one of three is off", { "pixel-2": noAnswer }],
    [
      "a master answers for the swarm, whatever the others do",
      { "pixel-2": noAnswer, "pixel-3": noAnswer },
    ],
    [
      "the engines of two are stopped: `up` starts them",
      { "pixel-1": mute, "pixel-2": stopped, "pixel-3": stopped },
    ],
    ["all engines are stopped", { "pixel-1": stopped, "pixel-2": stopped, "pixel-3": stopped }],
    [
      "one is off, and the others elect a leader",
      { "pixel-1": mute, "pixel-2": mute, "pixel-3": noAnswer },
    ],
    [
      "two have not joined yet, and the engine of the first is stopped",
      { "pixel-1": stopped, "pixel-2": reflashed, "pixel-3": reflashed },
    ],
  ])("%s", (_, changes) => {
    expect(messageFor(changes)).toBeUndefined();
  });

  it("a fresh fleet, one that nobody looked at, and one of which no phone answers", () => {
    const off = config.nodes.map(({ key }): [string, PhoneFacts] => [key, noAnswer]);
    expect(checkQuorum(config, freshFacts(config))).toEqual([]);
    expect(checkQuorum(config, new Map())).toEqual([]);
    expect(checkQuorum(config, new Map(off))).toEqual([]);
  });
});

describe("a leader that answers while this machine reaches no majority", () => {
  it("may not know yet that it is alone", () => {
    const facts = sampleFacts(config, { "pixel-2": noAnswer, "pixel-3": noAnswer });
    expect(checkAlone(facts)).toEqual([
      {
        where: "cloudlet:nodes",
        message:
          "expected 2 of 3 masters, without which the swarm takes no change, got 1 (pixel-1), missing pixel-2, pixel-3; " +
          "it takes a leader half a minute to notice that it is alone: look again then, or bring back 1 of them",
      },
    ]);
  });

  it.each([
    ["one of three is off", { "pixel-2": noAnswer }],
    [
      "its majority is lost and it knows",
      { "pixel-1": mute, "pixel-2": noAnswer, "pixel-3": noAnswer },
    ],
  ])("is not told where %s", (_, changes) => {
    expect(checkAlone(sampleFacts(config, changes))).toEqual([]);
  });
});

describe("masters that were given up and have come back together", () => {
  const entries = config.nodes.map(declaredEntry);
  const alone = entries
    .filter(({ id }) => id !== "id-pixel-3")
    .map((entry) => (entry.id === "id-pixel-2" ? { ...entry, reachability: "" } : entry));

  it("are a majority of the swarm as it was: nobody here may choose", () => {
    expect(messageFor({ "pixel-1": { swarm: swarmOf(alone) } })).toBe(
      "expected masters of one swarm, got pixel-1 and pixel-2, which both manage it and do not know each other: " +
        "masters that were given up have come back together; say whose state counts: `npm run recover -- --master KEY`",
    );
  });

  it("are no problem of this kind while they do not manage, or are in a swarm of another name", () => {
    const swarm = swarmOf(alone);
    expect(messageFor({ "pixel-1": { swarm }, "pixel-2": mute, "pixel-3": mute })).toBeUndefined();
    const other = { swarm: { ...swarmOf(entries), clusterId: "another" } };
    expect(messageFor({ "pixel-1": { swarm }, "pixel-2": other, "pixel-3": mute })).toBeUndefined();
  });
});
