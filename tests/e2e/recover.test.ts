import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Problem } from "../../config/problem";
import { lookAtStack } from "../../ops/recovery/swarm-phones";
import { checkQuorum } from "../../plan/check-quorum";
import { Fleet } from "../support/fleet";
import { waitFor } from "../support/wait-for";

const MINUTES = 60_000;
const PHONES = ["pixel-1", "pixel-2", "pixel-3"];
const BACKUPS = ".cloudlet/backups";

let fleet: Fleet;

const command = (name: "recover" | "backup", ...args: string[]) =>
  fleet.project.command(`recovery/${name}`, ...args);

/** Each master as the swarm sees it. */
function nodes(from: string): Promise<Record<string, string>> {
  return fleet.dockerMap(
    from,
    "node",
    "ls",
    "--format",
    "{{.Hostname}} {{.Status}} {{.ManagerStatus}}",
  );
}

async function healed(from: string): Promise<void> {
  await waitFor("three ready masters", 60, async () => {
    const states = Object.values(await nodes(from)).sort();
    return states.length === 3 && states.join() === "Ready Leader,Ready Reachable,Ready Reachable"
      ? true
      : undefined;
  });
  const { stdout } = await fleet.lab.exec(from, ["docker", "node", "ls", "-q"]);
  expect(stdout.trim().split("\n")).toHaveLength(3);
}

/** A service that is not in the settings: a definition that only the swarm holds. */
async function createKept(): Promise<void> {
  const options = ["--detach", "--no-resolve-image", "--replicas=0", "--name=kept"];
  await fleet.docker("pixel-1", "service", "create", ...options, "cloudlet/probe:1");
}

function kept(from: string): Promise<string> {
  return fleet.docker(from, "service", "ls", "--format", "{{.Name}} {{.Image}}");
}

function token(from: string): Promise<string> {
  return fleet.docker(from, "swarm", "join-token", "-q", "manager");
}

/** What a look from the project's folder finds: its paths are relative. */
async function quorumProblems(): Promise<Problem[]> {
  const before = process.cwd();
  process.chdir(fleet.project.directory);
  try {
    const { config, facts } = await lookAtStack("e2e");
    return checkQuorum(config, facts);
  } finally {
    process.chdir(before);
  }
}

async function up(): Promise<void> {
  const { exitCode, output } = await fleet.project.up();
  if (exitCode !== 0) throw new Error(output);
}

beforeAll(async () => {
  fleet = await Fleet.open(
    "e2e-recover",
    "10.94.0.0/24",
    PHONES.map((name) => ({ name, docker: "running" })),
  );
  fleet.project.writeSettings({
    platform: "linux/amd64",
    routingMesh: false,
    ssh: { identityFile: ".cloudlet/simulated/id_ed25519", connectTimeoutSeconds: 5 },
    nodes: Object.fromEntries(PHONES.map((name) => [name, fleet.node(name, "master")])),
  });
  await up();
}, 10 * MINUTES);

afterAll(() => fleet?.close(), 2 * MINUTES);

describe("a swarm of three masters", () => {
  it(
    "is not recovered while it has its majority",
    async () => {
      const before = await nodes("pixel-1");
      expect(await quorumProblems()).toEqual([]);
      expect(await command("recover", "--yes")).toMatchObject({
        exitCode: 1,
        output:
          "the swarm has its majority: pixel-1 answers for it; nothing to recover, `npx pulumi up` repairs the rest",
      });
      expect(await nodes("pixel-1")).toEqual(before);
    },
    MINUTES,
  );

  it(
    "that loses two: the look names them within seconds, and `recover` goes on with the third alone",
    async () => {
      await createKept();
      const oldToken = await token("pixel-1");
      await Promise.all(["pixel-2", "pixel-3"].map((name) => fleet.lab.powerOff(name)));
      // A leader goes on for seconds until it notices that nobody follows.
      await waitFor("the third to notice", 60, async () => {
        const ls = ["docker", "node", "ls"];
        const { exitCode } = await fleet.lab.exec("pixel-1", ls, { allowFailure: true });
        return exitCode === 0 ? undefined : true;
      });

      const begin = Date.now();
      const [problem, ...others] = await quorumProblems();
      expect(Date.now() - begin).toBeLessThan(25_000);
      expect(others).toEqual([]);
      expect(problem?.where).toBe("cloudlet:nodes");
      expect(problem?.message).toMatch(
        /^expected 2 of 3 masters, .* got 1 \(pixel-1\), missing pixel-2 \(no answer at .*\), pixel-3 \(no answer at .*\); bring back 1 of pixel-2, pixel-3; .*`npm run recover`$/,
      );
      const { exitCode: refused, output } = await fleet.project.up();
      expect(refused).not.toBe(0);
      expect(output).toContain("cloudlet:nodes.pixel-2.address: expected a phone that answers");

      expect((await command("recover")).output).toContain(
        "expected --yes, as there is no terminal to ask on; nothing was changed",
      );
      const { exitCode, output: said } = await command("recover", "--yes");
      expect(said).toContain("pixel-2, pixel-3: given up");
      expect(said).toContain("now run: npx pulumi up");
      expect(said).not.toContain("SWMTKN");
      expect(exitCode).toBe(0);
      expect(await nodes("pixel-1")).toEqual({ "pixel-1": "Ready Leader" });
      expect(await token("pixel-1")).not.toBe(oldToken);
      expect(await kept("pixel-1")).toBe("kept cloudlet/probe:1");
      // Done is done.
      expect((await command("recover", "--yes")).exitCode).toBe(1);
    },
    5 * MINUTES,
  );

  it(
    "whose lost masters come back, a majority of the old swarm: `recover` makes them leave it, and `up` joins them anew",
    async () => {
      await Promise.all(["pixel-2", "pixel-3"].map((name) => fleet.lab.powerOn(name)));
      await waitFor("the two to elect a leader", 60, async () => {
        const ls = ["docker", "node", "ls"];
        const { exitCode } = await fleet.lab.exec("pixel-2", ls, { allowFailure: true });
        return exitCode === 0 ? true : undefined;
      });
      const [split] = await quorumProblems();
      expect(split?.message).toContain("both manage it and do not know each other");
      const undecided = await command("recover", "--yes");
      expect(undecided.exitCode).toBe(1);
      expect(undecided.output).toContain("say with --master whose state counts");
      const { exitCode, output } = await command("recover", "--yes", "--master", "pixel-1");
      expect(output).toContain("pixel-2: leaves the old swarm");
      expect(output).toContain("pixel-3: leaves the old swarm");
      expect(exitCode).toBe(0);
      await up();
      await healed("pixel-1");
    },
    5 * MINUTES,
  );

  it(
    "is backed up from a follower, which comes back, and restored after all three have left it",
    async () => {
      const { exitCode, output } = await command("backup");
      expect(output).toContain("holds the swarm's keys and all its secrets");
      expect(exitCode).toBe(0);
      await healed("pixel-1");
      const directory = fleet.project.path(BACKUPS);
      const files = readdirSync(directory).sort();
      expect(files).toHaveLength(2);
      const [about = "", archive = ""] = files;
      expect(statSync(directory).mode & 0o777).toBe(0o700);
      for (const file of files) expect(statSync(join(directory, file)).mode & 0o777).toBe(0o600);
      const { phone, nodeId } = JSON.parse(readFileSync(join(directory, about), "utf8")) as Record<
        string,
        string
      >;
      expect(
        await fleet.docker(
          "pixel-1",
          "node",
          "inspect",
          "--format",
          "{{.ManagerStatus.Leader}}",
          nodeId ?? "",
        ),
      ).toBe("false");
      expect(archive).toBe(about.replace(/json$/, "tar.gz"));

      const file = join(BACKUPS, archive);
      expect(
        await command("backup", "--restore", file, "--master", "pixel-1", "--yes"),
      ).toMatchObject({
        exitCode: 1,
        output:
          "the swarm has its majority: pixel-1 answers for it; a backup is only for a swarm that is lost",
      });
      await Promise.all(PHONES.map((name) => fleet.docker(name, "swarm", "leave", "--force")));

      const restored = await command("backup", "--restore", file, "--master", phone ?? "", "--yes");
      expect(restored.output).toContain("the swarm is back with one master");
      expect(restored.exitCode).toBe(0);
      expect(await nodes(phone ?? "")).toEqual({ [phone ?? ""]: "Ready Leader" });
      expect(await kept(phone ?? "")).toBe("kept cloudlet/probe:1");
      await up();
      await healed("pixel-1");
    },
    8 * MINUTES,
  );
});
