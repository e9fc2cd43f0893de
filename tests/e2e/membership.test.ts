import { Fleet } from "../support/fleet";
import { waitFor } from "../support/wait-for";

const MINUTES = 60_000;
const PHONES = ["pixel-1", "pixel-2", "pixel-3", "pixel-4", "pixel-5"];

let fleet: Fleet;

/** "mmc" is a master, a master and a compute; a dot stands for a phone that is not in the settings. */
function writeRoles(roles: string): void {
  const declared = PHONES.flatMap((phone, index) => {
    const letter = roles[index] ?? ".";
    return letter === "."
      ? []
      : [[phone, fleet.node(phone, letter === "m" ? "master" : "compute")]];
  });
  fleet.project.writeSettings({
    platform: "linux/amd64",
    routingMesh: false,
    ssh: { identityFile: ".cloudlet/simulated/id_ed25519", connectTimeoutSeconds: 15 },
    nodes: Object.fromEntries(declared) as object,
  });
}

/** Each node as a master of the swarm sees it, in the letters of {@link writeRoles}; "?" for one that is not as it should be. */
async function rolesSeen(from: string): Promise<string> {
  const format = "{{.Hostname}} {{.Status}} {{.Availability}} {{.ManagerStatus}}";
  const seen = await fleet.docker(from, "node", "ls", "--format", format);
  const lines = seen.split("\n").map((line) => line.trim().replace("Leader", "Reachable"));
  return PHONES.map((phone) => {
    const own = lines.filter((line) => line.startsWith(`${phone} `));
    if (own.length === 0) return ".";
    if (own.join() === `${phone} Ready Active Reachable`) return "m";
    return own.join() === `${phone} Ready Active` ? "c" : "?";
  }).join("");
}

/** The longest time in which none of the phones could list the swarm's nodes, while something else went on. */
async function longestSilence(work: () => Promise<void>): Promise<number> {
  let done = false;
  let longest = 0;
  const watching = (async () => {
    let answered = Date.now();
    while (!done) {
      const asked = PHONES.map((phone) =>
        fleet.lab
          .exec(phone, ["timeout", "5", "docker", "node", "ls", "-q"])
          .then(({ stdout }) => stdout.trim() !== "")
          .catch(() => false),
      );
      if ((await Promise.all(asked)).some(Boolean)) answered = Date.now();
      longest = Math.max(longest, Date.now() - answered);
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  })();
  await work().finally(() => (done = true));
  await watching;
  return longest / 1000;
}

async function change(roles: string, from: string): Promise<void> {
  writeRoles(roles);
  const silence = await longestSilence(async () => {
    const { exitCode, output } = await fleet.project.up();
    if (exitCode !== 0) throw new Error(output);
  });
  // An election takes some seconds; a lost majority never comes back by itself.
  expect(silence).toBeLessThan(30);
  expect(await rolesSeen(from)).toBe(roles.padEnd(PHONES.length, "."));
}

beforeAll(async () => {
  fleet = await Fleet.open(
    "membership",
    "10.102.0.0/24",
    PHONES.map((name) => ({ name, docker: "running" as const })),
  );
}, 10 * MINUTES);

afterAll(() => fleet?.close(), 2 * MINUTES);

describe("the masters change, and a majority of them stays", () => {
  // One after the other: each begins with what the one before left.
  it.each([
    ["a swarm of one master and one compute", "mc", "pixel-1"],
    ["1 -> 3", "mmm", "pixel-1"],
    ["3 -> 5", "mmmmm", "pixel-1"],
    ["5 -> 3", "mm..m", "pixel-1"],
    ["two swap their roles, and one comes back as a compute", "mmmc.", "pixel-1"],
    ["a master and a compute swap their roles", "mcmm.", "pixel-1"],
    ["all but one are replaced, and one goes", "m.cmm", "pixel-4"],
    ["the last of the old ones too", "..mmm", "pixel-4"],
    ["the leader leaves, and a phone that it does not know comes", "m.m.m", "pixel-3"],
    ["3 -> 1", "..m..", "pixel-3"],
    ["the only master becomes a compute of another", "..cm.", "pixel-4"],
  ])(
    "%s",
    async (_, roles, from) => {
      await change(roles, from);
    },
    4 * MINUTES,
  );
});

describe("the join tokens", () => {
  it(
    "change on request, and the members stay",
    async () => {
      const tokens = async () =>
        Promise.all(
          ["worker", "manager"].map((role) =>
            fleet.docker("pixel-4", "swarm", "join-token", "-q", role),
          ),
        );
      const before = await tokens();
      const { exitCode, output } = await fleet.project.command("recovery/rotate-tokens");
      expect(exitCode).toBe(0);
      const after = await tokens();
      expect(after.filter((token) => before.includes(token))).toEqual([]);
      expect(output).toContain("both join tokens are new");
      for (const token of [...before, ...after]) expect(output).not.toContain(token);
      expect(await rolesSeen("pixel-4")).toBe("..cm.");
    },
    MINUTES,
  );
});

describe("what no order of steps would do, or only one", () => {
  it(
    "to replace all masters at once is refused: what is left could not let anybody in",
    async () => {
      writeRoles("mmm");
      const { exitCode, output } = await fleet.project.up();
      expect(exitCode).not.toBe(0);
      expect(output).toContain("keep one of them in the settings for one `up`");
      expect(output).not.toContain("npm run recover");
      expect(await rolesSeen("pixel-4")).toBe("..cm.");
    },
    2 * MINUTES,
  );

  it(
    "3 -> 1 takes the dead one out first",
    async () => {
      await change("mm.m.", "pixel-1");
      await fleet.lab.powerOff("pixel-4");
      await waitFor("pixel-4 to be found silent", 60, async () => {
        const seen = await fleet.docker("pixel-1", "node", "ls", "--format", "{{.ManagerStatus}}");
        return seen.includes("Unreachable") ? true : undefined;
      });
      await change("m....", "pixel-1");
    },
    6 * MINUTES,
  );
});
