import { readFileSync } from "node:fs";
import { statusShape, type Status } from "../../ops/status/status-shape";
import { Fleet } from "../support/fleet";
import { textBoxes } from "../support/text-boxes";
import { waitFor } from "../support/wait-for";

// The commands that look at a cloudlet and reach into it, on real engines.

const MINUTES = 60_000;
jest.setTimeout(2 * MINUTES);

let fleet: Fleet;

const run = (command: string, ...args: string[]) => fleet.project.command(command, ...args);

async function status(): Promise<Status & { readonly exitCode: number }> {
  const { exitCode, stdout, stderr } = await run("status/status", "--json");
  expect(stderr).toBe("");
  return { exitCode, ...statusShape.parse(JSON.parse(stdout)) };
}

const problemOf = ({ problems }: Status, where: string) =>
  problems.find((problem) => problem.where === where);
const serviceOf = ({ services = [] }: Status, wanted: string) =>
  services.find(({ name }) => name === wanted);

beforeAll(async () => {
  fleet = await Fleet.open("status", "10.95.0.0/24", [
    { name: "pixel-1", docker: "running" },
    { name: "pixel-2", docker: "running" },
    { name: "pixel-3", docker: "running" },
  ]);
  fleet.project.writeFile(
    "stacks/shop.yml",
    "services:\n  web:\n    image: cloudlet/probe:1\n    deploy: { mode: global }\n",
  );
  fleet.project.writeSettings({
    platform: "linux/amd64",
    routingMesh: false,
    readyTimeoutSeconds: 60,
    ssh: { identityFile: ".cloudlet/simulated/id_ed25519" },
    nodes: {
      "pixel-1": fleet.node("pixel-1", "master"),
      "pixel-2": fleet.node("pixel-2", "compute"),
      "pixel-3": fleet.node("pixel-3", "compute"),
    },
    stacks: { shop: { file: "stacks/shop.yml" } },
  });
  await fleet.lockImages();
  const { exitCode, output } = await fleet.project.up();
  expect({ exitCode, output }).toMatchObject({ exitCode: 0 });
}, 10 * MINUTES);

afterAll(() => fleet?.close(), 2 * MINUTES);

describe("npm run status", () => {
  it("has nothing against a cloudlet that works, and fits 80 columns", async () => {
    const found = await status();
    expect(found).toMatchObject({ exitCode: 0, well: true, problems: [], stack: "e2e" });
    expect(found.phones.map(({ key, state, leader }) => [key, state, leader])).toEqual([
      ["pixel-1", "ready", true],
      ["pixel-2", "ready", false],
      ["pixel-3", "ready", false],
    ]);
    for (const phone of found.phones) {
      expect(phone.engine?.version).toMatch(/^\d+\./);
      expect(phone.disk?.totalBytes).toBeGreaterThan(phone.disk?.freeBytes ?? Infinity);
      expect(phone.load).toBeGreaterThanOrEqual(0);
      expect(phone.uptimeSeconds).toBeGreaterThan(0);
    }
    expect(found.services).toMatchObject([
      { name: "shop_web", stack: "shop", wanted: 3, running: 3, image: "cloudlet/probe:1" },
    ]);
    expect(serviceOf(found, "shop_web")?.tasks.map(({ phone }) => phone)).toEqual([
      "pixel-1",
      "pixel-2",
      "pixel-3",
    ]);

    const { exitCode, stdout } = await run("status/status");
    expect(exitCode).toBe(0);
    const lines = stdout.split("\n");
    expect(lines[0]).toBe("e2e: 3 phones, 1 service, all is well");
    expect(lines.filter((line) => line.length > 80)).toEqual([]);
  });

  it("tells of services that cannot run, with their last error and a fix", async () => {
    const [probe, crash] = ["cloudlet/probe:1", "cloudlet/crash:1"];
    const make = (name: string, ...rest: string[]) =>
      fleet.docker("pixel-1", "service", "create", "--detach", `--name=${name}`, ...rest);
    await make("lone", "--constraint=node.labels.room==lab", probe);
    await make("gone", "--no-resolve-image", "cloudlet/probe:0");
    await make("crash", "--restart-delay=1s", crash);
    const found = await waitFor("three services to fail", 60, async () => {
      const now = await status();
      const errors = ["lone", "gone", "crash"].map((name) => serviceOf(now, name)?.lastError);
      return errors.every((error) => error !== undefined) ? now : undefined;
    });

    expect(found).toMatchObject({ exitCode: 1, well: false });
    expect(problemOf(found, "lone")).toEqual({
      where: "lone",
      message:
        "0 of 1 tasks run: no suitable node (scheduling constraints not satisfied on 3 nodes)",
      fix: "switch a phone on that fits its placement constraints, or change them: node.labels.room==lab",
    });
    expect(problemOf(found, "gone")).toMatchObject({
      message: expect.stringMatching(
        /^0 of 1 tasks run: pixel-\d: No such image: cloudlet\/probe:0$/,
      ),
      fix: expect.stringMatching(/`npm run images:lock -- --stack e2e --check`$/),
    });
    expect(problemOf(found, "crash")).toMatchObject({
      message: expect.stringMatching(/: pixel-\d: task: non-zero exit \(3\)$/),
      fix: "`npm run logs -- --stack e2e crash` says more",
    });
    expect(problemOf(found, "shop_web")).toBeUndefined();
    const { stdout, exitCode } = await run("status/status");
    expect(exitCode).toBe(1);
    expect(stdout.split("\n").filter((line) => line.length > 80)).toEqual([]);

    const { stderr } = await run("reach/logs", "crash");
    expect(stderr).toContain("this image fails on purpose");
    const refused = await run("reach/exec", "lone", "/app");
    expect(refused.stderr).toMatch(
      /^lone: expected a running task, got none; its last error: no suit/,
    );
    await fleet.docker("pixel-1", "service", "rm", "lone", "gone", "crash");
  });
});

describe("npm run logs, exec and ssh", () => {
  it("shows what all tasks of a service wrote, wherever they run", async () => {
    const { exitCode, stderr } = await run("reach/logs", "shop_web", "--tail", "1");
    expect(exitCode).toBe(0);
    const lines = stderr.split("\n").map((line) => /@(\S+) .*listens on/.exec(line)?.[1]);
    expect(lines.sort()).toEqual(["pixel-1", "pixel-2", "pixel-3"]);
  });

  it("names the services that there are to who asks for another one", async () => {
    expect(await run("reach/logs", "web")).toMatchObject({
      exitCode: 1,
      stderr: 'expected a service, got "web"; there are shop_web',
    });
  });

  it.each(["pixel-1", "pixel-2", "pixel-3"])(
    "runs a command in the container on %s, and hands on each word and the exit code",
    async (phone) => {
      const words = ["/app", "a  b", "$HOME"];
      const { exitCode, stderr } = await run(
        "reach/exec",
        "--phone",
        phone,
        "shop_web",
        "--",
        ...words,
      );
      expect(stderr).toMatch(/got \["a {2}b" "\$HOME"\]$/);
      expect(exitCode).toBe(2);
    },
  );

  it("runs a command on a phone, and refuses one that the settings do not know", async () => {
    expect(await run("reach/ssh", "pixel-2", "hostname; exit 3")).toMatchObject({
      stdout: "pixel-2",
      exitCode: 3,
    });
    expect(await run("reach/ssh", "pixel-9")).toMatchObject({
      stderr:
        'expected a phone of Pulumi.e2e.yaml, got "pixel-9"; there are pixel-1, pixel-2, pixel-3',
      exitCode: 1,
    });
  });
});

describe("with a phone that is off", () => {
  beforeAll(() => fleet.lab.powerOff("pixel-3"));

  it("names it, why and what to do, and goes on with the others", async () => {
    const found = await status();
    expect(found).toMatchObject({ exitCode: 1, well: false });
    expect(problemOf(found, "pixel-3")).toMatchObject({
      message: expect.stringMatching(
        /^it does not answer at 10\.95\.0\.13 \(ssh: connect to host .+\)/,
      ),
      fix: "switch it on, look at its Wi-Fi and address, or take it out of the settings",
    });
    expect(found.phones.map(({ state }) => state)).toEqual(["ready", "ready", "no answer"]);
  });

  it("counts no task there once the swarm has noticed, and logs say whose are missing", async () => {
    const found = await waitFor("the swarm to take it for down", 60, async () => {
      const now = await status();
      return now.phones[2]?.swarmState === "down" ? now : undefined;
    });
    const keys = serviceOf(found, "shop_web")?.tasks.map(({ phone }) => phone);
    expect(keys).toEqual(["pixel-1", "pixel-2"]);
    const { stderr } = await run("reach/logs", "shop_web");
    expect(stderr).toContain("pixel-3 is down: what tasks wrote there is missing");
    expect(stderr).toMatch(/@pixel-1 .*listens on/);
    expect(stderr).toMatch(/@pixel-2 .*listens on/);
  });

  it("draws it as down, and the tasks where they run, with the leader's name", async () => {
    const { exitCode, stdout } = await run("overview/overview", "--look");
    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: "drew .cloudlet/overview.svg" });
    const svg = readFileSync(fleet.project.path(".cloudlet/overview.svg"), "utf8");
    const texts = textBoxes(svg).map(({ text }) => text);
    const saidOf = (phone: string) => texts.slice(texts.indexOf(phone), texts.indexOf(phone) + 7);
    expect(saidOf("pixel-1")).toContain("leader now");
    expect(saidOf("pixel-2")).toContain("ready");
    expect(saidOf("pixel-3")).toEqual(expect.arrayContaining(["down", "no answer"]));
    expect(texts.filter((text) => text === "down")).toHaveLength(1);
    expect(texts).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^as it is, .* UTC: 1 of 3 phones down$/),
        "2 of 2 running",
      ]),
    );
    expect(texts.filter((text) => text === "web")).toHaveLength(2);
  });
});
