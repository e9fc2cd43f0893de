import { readFileSync, writeFileSync } from "node:fs";
import { parse, stringify } from "yaml";
import { fillDisk, freeDisk, shiftClock } from "../../sim/faults";
import type { Fleet } from "../support/fleet";
import { bothSecrets, bothStacks } from "../support/sample-stacks";
import { waitFor } from "../support/wait-for";
import { ArmCloudlet, LOCK, MASTERS, MINUTES, slow, SLOW_SECONDS, tell } from "./arm-cloudlet";
import { Visitor } from "./visitor";

// Both stacks as they come, and what takes long: only `npm run test:arm` runs this file.

const PORTS = [
  ["the panel", 9000, "/api/system/status"],
  ["the coffee page", 8888, "/"],
  ["the coffee shop's proxy", 5000, "/v1/api/item-types"],
] as const;

let cloudlet: ArmCloudlet;
let fleet: Fleet;

beforeAll(async () => {
  cloudlet = await ArmCloudlet.open(bothStacks);
  fleet = cloudlet.fleet;
  for (const [name, value] of Object.entries(bothSecrets)) {
    await fleet.project.setSecret(name, value);
  }
  await cloudlet.set({});
  const before = Date.now();
  await cloudlet.up();
  tell("up of three masters and both stacks", before);
}, 20 * MINUTES);

afterEach(() => cloudlet?.set({}), MINUTES);

afterAll(() => fleet?.close(), 2 * MINUTES);

describe("both stacks", () => {
  it.each(PORTS)(
    "answer for %s at port %i on every phone's address, wherever the task runs",
    async (_, port, path) => {
      await Promise.all(MASTERS.map((phone) => cloudlet.answers(phone, port, path)));
    },
    5 * MINUTES,
  );

  slow("go on when the leader's power is cut, and it comes back", 12, async () => {
    // The panel's and the database's data is on pixel-1, and goes nowhere else.
    const old = await cloudlet.leaderOtherThan("pixel-1");
    const others = MASTERS.filter((name) => name !== old);
    const before = Date.now();
    await fleet.lab.powerOff(old);
    try {
      const pages = PORTS.flatMap(([, port, path]) =>
        others.map((phone) => cloudlet.answers(phone, port, path)),
      );
      await Promise.all(pages);
      tell("leader's power cut to all pages on the other phones", before);
    } finally {
      await fleet.lab.powerOn(old);
      await cloudlet.whole("pixel-1");
    }
  });

  slow("keep the page with two replicas answering while every engine restarts", 15, async () => {
    fleet.project.writeFile(
      "stacks/two-pages.yml",
      'version: "3.8"\nservices: { web: { deploy: { replicas: 2 } } }\n',
    );
    const files = ["stacks/go_coffee.yml", "stacks/two-pages.yml"];
    const stacks = { coffee: { environment: bothStacks.coffee.environment, files } };
    await cloudlet.set({ stacks });
    await cloudlet.up();
    const before = await cloudlet.engines();
    const visitor = new Visitor(MASTERS.map((phone) => cloudlet.url(phone, 8888)));
    const since = Date.now();
    cloudlet.logFiles = 4;
    await cloudlet.set({ stacks });
    await cloudlet.up();
    await visitor.leave();
    tell(`engines of three phones restarted; ${visitor.asked} pages asked for`, since);
    tell(`not answered at once, by phone: ${JSON.stringify([...visitor.refusals])}`, since);
    const after = await cloudlet.engines();
    expect(after.filter((id) => before.includes(id))).toEqual([]);
    expect(visitor.unanswered).toEqual([]);
    expect(visitor.asked).toBeGreaterThan(50);
  });
});

describe("phones with kernels of their own", () => {
  slow(
    "say what is wrong with an image of another platform where a forged lock lets it through",
    6,
    async () => {
      cloudlet.writeStack("big", { image: "cloudlet/amd64-only:1" });
      await cloudlet.set({
        stacks: { big: { file: "stacks/big.yml" } },
        readyTimeoutSeconds: 60,
      });
      const lock = parse(readFileSync(fleet.project.path(LOCK), "utf8")) as object;
      const forged = JSON.stringify(lock).replaceAll("linux/amd64", "linux/arm/v7");
      writeFileSync(fleet.project.path(LOCK), stringify(JSON.parse(forged)));
      const { exitCode, output } = await fleet.project.up();
      expect(exitCode).not.toBe(0);
      await cloudlet.set({});
      await cloudlet.up();
      expect(output).toMatch(
        /big_page[^]*(unsupported platform|exec format error|no matching manifest)/,
      );
    },
  );

  slow(
    "have clocks and disks of their own, and a preview sees what is wrong with them",
    10,
    async () => {
      await shiftClock(fleet.lab, "pixel-3", -3600);
      await fillDisk(fleet.lab, "pixel-3");
      let seen: string;
      try {
        seen = (await fleet.project.preview()).output;
      } finally {
        await freeDisk(fleet.lab, "pixel-3");
        await fleet.lab.reset("pixel-3");
      }
      expect(seen).toMatch(/pixel-3[^]*clock/);
      expect(seen).toMatch(/pixel-3[^]*expected \d+ MiB free for images, got 0 MiB/);
      const now = Number((await fleet.lab.exec("pixel-3", ["date", "+%s"])).stdout);
      expect(Math.abs(Date.now() / 1000 - now)).toBeLessThan(30);
      await cloudlet.whole("pixel-1");
      expect((await fleet.project.preview()).output).not.toMatch(/clock|free for images/);
    },
  );
});

describe("an aarch64 phone among them", () => {
  const services = (replicas: number) => ({
    old: { image: "cloudlet/arm32-only:1", deploy: { replicas } },
    new: { image: "cloudlet/arm64-only:1", deploy: { replicas } },
    both: { image: "cloudlet/probe:1", deploy: { mode: "global" } },
  });
  const settings = (platform: object) => ({
    stacks: { mixed: { file: "stacks/mixed.yml" } },
    nodes: { "pixel-4": fleet.node("pixel-4", "compute", platform) },
  });

  slow("is refused as a 32-bit one", 8, async () => {
    const before = Date.now();
    await fleet.lab.addPhone({ name: "pixel-4", processor: "aarch64" });
    tell("an aarch64 phone from nothing to SSH", before);
    fleet.project.writeFile("stacks/mixed.yml", JSON.stringify({ services: services(4) }));
    await cloudlet.set(settings({}));
    const { exitCode, output } = await fleet.project.preview();
    expect(exitCode).not.toBe(0);
    expect(output).toMatch(
      /pixel-4.platform: expected the platform of this phone, got linux\/arm\/v7, but it is[^]*aarch64[^]*write linux\/arm64/,
    );
  });

  slow("runs what has a build for it, and the others what has one for them", 15, async () => {
    await cloudlet.set(settings({ platform: "linux/arm64" }));
    const before = Date.now();
    await cloudlet.up();
    tell("up with an aarch64 phone that joins, and three other services", before);
    expect(await fleet.docker("pixel-4", "info", "-f", "{{.Architecture}}")).toBe("aarch64");
    const phones = (service: string) => cloudlet.phonesOf("pixel-1", `mixed_${service}`);
    expect([...new Set(await phones("old"))]).toEqual(MASTERS);
    expect(new Set(await phones("new"))).toEqual(new Set(["pixel-4"]));
    expect(await phones("both")).toEqual([...MASTERS, "pixel-4"]);
  });

  slow("leaves its own services waiting when its power is cut, and nowhere wrong", 8, async () => {
    await fleet.lab.powerOff("pixel-4");
    const states = ["service", "ps", "--no-trunc", "--filter", "desired-state=running"];
    const format = ["--format", "{{.CurrentState}}: {{.Error}}", "mixed_new"];
    await waitFor("all its tasks waiting", SLOW_SECONDS, async () => {
      const tasks = (await fleet.docker("pixel-1", ...states, ...format)).split("\n");
      const waiting = tasks.filter((task) => /^Pending.*no suitable node/.test(task));
      return waiting.length === 4 || undefined;
    });
    expect(await cloudlet.phonesOf("pixel-1", "mixed_new")).not.toEqual(
      expect.arrayContaining([expect.stringMatching(/pixel-[123]/)]),
    );
  });
});
