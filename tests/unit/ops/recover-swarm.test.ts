import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { timeInName } from "../../../ops/recovery/back-up-swarm";
import { planRecovery } from "../../../ops/recovery/recover-swarm";
import { requireRestorable } from "../../../ops/recovery/restore-swarm";
import { nodeOf, sampleConfig } from "../../support/sample-config";
import {
  declaredEntry,
  declaredPhone,
  freshFacts,
  noAnswer,
  sampleFacts,
  swarmOf,
} from "../../support/sample-facts";

const config = sampleConfig();
const mute = { swarm: undefined };
const engine = declaredPhone(config, nodeOf(config, "pixel-1")).engine;
const stopped = { swarm: undefined, engine: { ...engine, running: false } };
const lost = sampleFacts(config, { "pixel-1": mute, "pixel-2": noAnswer, "pixel-3": noAnswer });
const entries = config.nodes.map(declaredEntry);
/** The swarm after a forced new cluster of pixel-1, not cleared up yet. */
const halfDone = swarmOf(
  entries.map((entry) =>
    entry.id === "id-pixel-1" ? entry : { ...entry, reachability: "", state: "down" },
  ),
);

describe("planRecovery", () => {
  it("goes on with the master that is left, and says what that means", async () => {
    const { keeper, begun, description } = await planRecovery(config, lost);
    expect([keeper.node.key, begun]).toEqual(["pixel-1", false]);
    expect(description).toBe(
      "pixel-1 (192.168.1.21) becomes the only master; services, networks and secrets stay as it knows them:\n" +
        "- it may not know the swarm's last changes, if the lost masters had not told it\n" +
        "- pixel-2, pixel-3: given up; if they come back with their old state, run this again before `up`;\n" +
        "  several of them that run together elsewhere, out of reach of pixel-1, would go on as a second swarm: switch them off first\n" +
        "- entries of lost masters are removed, join tokens change",
    );
  });

  it("goes on with the one that the user names, and has the others that are left leave", async () => {
    const facts = sampleFacts(config, { "pixel-1": mute, "pixel-2": mute, "pixel-3": noAnswer });
    const { keeper, description } = await planRecovery(config, facts, "pixel-2");
    expect(keeper.node.key).toBe("pixel-2");
    expect(description).toContain(
      "- pixel-1: leaves the old swarm, whose state it still has; `up` joins it anew\n- pixel-3: given up",
    );
    await expect(planRecovery(config, facts, "pixel-3")).rejects.toThrow(
      "--master: expected one of pixel-1, pixel-2, which hold the swarm, got pixel-3",
    );
  });

  it("goes on where it was interrupted, with the phones that hold the old state", async () => {
    const facts = sampleFacts(config, {
      "pixel-1": { swarm: halfDone },
      "pixel-2": mute,
      "pixel-3": noAnswer,
    });
    const { keeper, begun, description } = await planRecovery(config, facts);
    expect([keeper.node.key, begun]).toEqual(["pixel-1", true]);
    expect(description).toBe(
      "pixel-1 manages the swarm; a recovery before this one is not finished:\n" +
        "- pixel-2: leaves the old swarm, whose state it still has; `up` joins it anew\n" +
        "- 2 entries of lost masters are removed, join tokens change",
    );
  });

  it("chooses between two swarms only when told to", async () => {
    const facts = sampleFacts(config, { "pixel-1": { swarm: halfDone } });
    await expect(planRecovery(config, facts)).rejects.toThrow(
      "pixel-1 and pixel-2 both manage the swarm and do not know each other: masters that were given up have come back together; " +
        "say with --master whose state counts (one of pixel-1, pixel-2, pixel-3), and the others leave theirs",
    );
    const { keeper, description } = await planRecovery(config, facts, "pixel-1");
    expect(keeper.node.key).toBe("pixel-1");
    expect(description).toContain("- pixel-2: leaves the old swarm");
    expect(description).toContain("- pixel-3: leaves the old swarm");
  });

  it.each([
    [
      "the swarm has its majority: pixel-1 answers for it; nothing to recover, `npx pulumi up` repairs the rest",
      sampleFacts(config, { "pixel-3": noAnswer }),
    ],
    [
      "2 of 3 masters are there, which is a majority once the engine of pixel-2 runs; `npx pulumi up` starts it",
      sampleFacts(config, { "pixel-1": mute, "pixel-2": stopped, "pixel-3": noAnswer }),
    ],
    [
      "no master that answers is a member of this swarm; switch one on, or restore a backup: `npm run backup -- --restore FILE --master KEY`",
      freshFacts(config),
    ],
  ])("refuses: %s", async (message, facts) => {
    await expect(planRecovery(config, facts)).rejects.toThrow(message);
  });
});

describe("requireRestorable", () => {
  const directory = mkdtempSync(join(tmpdir(), "cloudlet-backup-"));
  const backup = join(directory, "backup.tar.gz");
  const text = join(directory, "text");
  writeFileSync(backup, Buffer.from([0x1f, 0x8b, 8]));
  writeFileSync(text, "no archive");
  const why = (facts: typeof lost, file = backup, master = "pixel-1") => {
    try {
      requireRestorable(config, facts, file, master);
    } catch (error) {
      return (error as Error).message;
    }
    return "";
  };

  it("lets a lost swarm be restored on a master with Docker, whether it runs or not", () => {
    expect(why(lost)).toBe("");
    expect(why(sampleFacts(config, { "pixel-1": stopped, "pixel-2": mute, "pixel-3": mute }))).toBe(
      "",
    );
  });

  it.each([
    [
      "the swarm has its majority: pixel-1 answers for it; a backup is only for a swarm that is lost",
      why(sampleFacts(config)),
    ],
    [
      "--master: expected one of pixel-1, pixel-2, pixel-3, got pixel-4",
      why(lost, backup, "pixel-4"),
    ],
    [
      `--restore: expected a backup, got ${text}, which is no gzip archive or not there`,
      why(lost, text),
    ],
    [
      "--restore: expected a backup, got none.tar.gz, which is no gzip archive or not there",
      why(lost, "none.tar.gz"),
    ],
    [
      "pixel-2: it does not answer at 192.168.1.22: ssh: connect to host 192.168.1.23 port 22: No route to host",
      why(lost, backup, "pixel-2"),
    ],
    [
      "pixel-1: expected Docker on it, got none; `npx pulumi up` installs it",
      why(freshFacts(config)),
    ],
  ])("refuses: %s", (message, got) => {
    expect(got).toBe(message);
  });
});

it("a time in a file's name has no character that a shell or a file system minds", () => {
  expect(timeInName(new Date("2026-11-22T23:30:15.123Z"))).toBe("20261122T233015Z");
});
