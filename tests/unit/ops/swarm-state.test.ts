import type { SwarmFacts, SwarmNode } from "../../../observe/facts";
import {
  chooseForBackup,
  leftBehind,
  livingMasters,
  newestRaft,
  parseRaftPosition,
  staleEntries,
  survivors,
} from "../../../ops/recovery/swarm-state";
import { sampleConfig } from "../../support/sample-config";
import { declaredEntry, noAnswer, sampleFacts, swarmOf } from "../../support/sample-facts";

const config = sampleConfig();

/** The swarm of the sample phones, with some of their entries changed; undefined leaves one out. */
function swarmWith(changes: Readonly<Record<string, Partial<SwarmNode> | undefined>>): SwarmFacts {
  const nodes = config.nodes.flatMap((node) => {
    if (node.key in changes && changes[node.key] === undefined) return [];
    return [{ ...declaredEntry(node), ...changes[node.key] }];
  });
  return swarmOf(nodes);
}

const keysOf = (seen: readonly { node: { key: string } }[]) => seen.map(({ node }) => node.key);
const LEADER = { leader: true };
const STALE = { reachability: "", state: "down" };

/** The phones where each master's view of the swarm is this one. */
function seenBy(swarm: SwarmFacts) {
  return sampleFacts(config, { "pixel-1": { swarm }, "pixel-2": { swarm }, "pixel-3": { swarm } });
}

describe("survivors", () => {
  it("are the masters that hold our swarm's state, running or not; a compute or a stranger is none", () => {
    const facts = sampleFacts(config, {
      "pixel-1": { swarm: undefined },
      "pixel-2": noAnswer,
      "pixel-3": { swarm: undefined, membership: { clusterId: "another", nodeId: "x" } },
    });
    expect(keysOf(survivors(config, facts))).toEqual(["pixel-1"]);
    expect(livingMasters(config, facts)).toEqual([]);
  });

  it("are none where no master that answers is in a swarm", () => {
    const facts = sampleFacts(config, {
      "pixel-1": { membership: undefined },
      "pixel-2": noAnswer,
      "pixel-3": noAnswer,
    });
    expect(survivors(config, facts)).toEqual([]);
  });
});

describe("leftBehind", () => {
  it("is a phone of the swarm whose entry is gone or stale, of any role, and nobody else", () => {
    const swarm = swarmWith({ "pixel-2": STALE, "pixel-3": undefined, "pixel-4": undefined });
    const facts = sampleFacts(config, {
      "pixel-1": { swarm },
      "pixel-2": { swarm: undefined },
      "pixel-3": { swarm: undefined },
    });
    expect(keysOf(leftBehind(config, facts, swarm))).toEqual(["pixel-2", "pixel-3", "pixel-4"]);
    expect(staleEntries(swarm).map(({ id }) => id)).toEqual(["id-pixel-2"]);
    expect(leftBehind(config, facts, swarmWith({}))).toEqual([]);
  });

  it("is no phone that has left its swarm, or is in another", () => {
    const swarm = swarmWith({ "pixel-2": undefined, "pixel-3": undefined });
    const facts = sampleFacts(config, {
      "pixel-1": { swarm },
      "pixel-2": { swarm: undefined, membership: undefined },
      "pixel-3": { swarm: undefined, membership: { clusterId: "another", nodeId: "id-pixel-3" } },
    });
    expect(leftBehind(config, facts, swarm)).toEqual([]);
  });
});

describe("parseRaftPosition and newestRaft", () => {
  it("reads what a phone printed, and zeros where it knew nothing", () => {
    expect(parseRaftPosition("raft=3 120\nwritten=1700000000\n")).toEqual({
      term: 3,
      index: 120,
      written: 1700000000,
    });
    expect(parseRaftPosition("raft=\nwritten=0\n")).toEqual({ term: 0, index: 0, written: 0 });
  });

  it.each([
    ["a later term counts more than a longer log", [4, 10, 1], [3, 99, 9]],
    ["then the longer log, even where another was written later", [3, 99, 1], [3, 98, 9]],
    ["where neither knows, the one written later", [0, 0, 9], [0, 0, 1]],
  ])("%s", (_, better, worse) => {
    const position = ([term = 0, index = 0, written = 0]: number[]) => ({ term, index, written });
    const positions = { better: position(better), worse: position(worse) };
    expect(newestRaft(new Map(Object.entries(positions)))).toBe("better");
    expect(newestRaft(new Map(Object.entries(positions).reverse()))).toBe("better");
  });

  it("gives none of none", () => {
    expect(newestRaft(new Map())).toBeUndefined();
  });
});

describe("chooseForBackup", () => {
  const choose = (swarm: SwarmFacts, stopOnlyMaster = false) => {
    const chosen = chooseForBackup(livingMasters(config, seenBy(swarm)), stopOnlyMaster);
    return typeof chosen === "string" ? chosen : chosen.node.key;
  };

  it("takes a follower, never the leader", () => {
    expect(choose(swarmWith({ "pixel-1": LEADER }))).toBe("pixel-2");
    expect(choose(swarmWith({ "pixel-2": LEADER }))).toBe("pixel-1");
  });

  it("refuses where the majority would be lost meanwhile", () => {
    const swarm = swarmWith({ "pixel-1": LEADER, "pixel-3": { reachability: "unreachable" } });
    expect(choose(swarm)).toBe(
      "the swarm needs 2 of its 3 masters, and 2 answer, so none may be stopped",
    );
    expect(choose(swarm, true)).toBe(choose(swarm));
  });

  it("takes the only master only when told to", () => {
    const alone = swarmWith({ "pixel-1": LEADER, "pixel-2": undefined, "pixel-3": undefined });
    const facts = sampleFacts(config, {
      "pixel-1": { swarm: alone },
      "pixel-2": noAnswer,
      "pixel-3": noAnswer,
    });
    const living = livingMasters(config, facts);
    expect(chooseForBackup(living, false)).toBe(
      "pixel-1 is the only master, and its engine and all that runs on it stop meanwhile; --stop-the-only-master does it",
    );
    expect(chooseForBackup(living, true)).toMatchObject({ node: { key: "pixel-1" } });
  });

  it("says where only the leader, or nobody, can be reached", () => {
    const facts = sampleFacts(config, {
      "pixel-1": { swarm: swarmWith({ "pixel-1": LEADER }) },
      "pixel-2": noAnswer,
      "pixel-3": noAnswer,
    });
    expect(chooseForBackup(livingMasters(config, facts), false)).toBe(
      "no master but the leader answers over SSH",
    );
    expect(chooseForBackup([], false)).toBe("no master answers for the swarm");
  });
});
