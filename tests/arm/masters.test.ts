import { readFileSync } from "node:fs";
import { consoleLog } from "../../sim/arm/machine";
import type { Fleet } from "../support/fleet";
import { waitFor } from "../support/wait-for";
import { ArmCloudlet, LOCK, MASTERS, MINUTES, slow, SLOW_SECONDS, tell } from "./arm-cloudlet";

// What needs ARM phones most, on the least that shows it; `npm test` has time for this file alone, and
// `npm run test:arm` runs the others too.

let cloudlet: ArmCloudlet;
let fleet: Fleet;

function writeProbe(tag: string): void {
  cloudlet.writeStack("probe", { image: `cloudlet/probe:${tag}`, ports: ["8080:8080"] });
}

beforeAll(async () => {
  cloudlet = await ArmCloudlet.open({ probe: { file: "stacks/probe.yml" } });
  fleet = cloudlet.fleet;
  writeProbe("1");
  await cloudlet.set({});
  const before = Date.now();
  await cloudlet.up();
  tell("up of three masters and one service", before);
}, 15 * MINUTES);

afterAll(() => fleet?.close(), 2 * MINUTES);

describe("phones with 32-bit ARM processors", () => {
  slow("report armv7l, and are labelled with the platform of the lock's images", 2, async () => {
    const about = await fleet.docker("pixel-2", "info", "-f", "{{.OSType}} {{.Architecture}}");
    expect(about).toBe("linux armv7l");
    const label = '{{.Description.Hostname}} {{index .Spec.Labels "cloudlet.platform"}}';
    const inspect = ["node", "inspect", "--format", label, ...MASTERS];
    const labels = await fleet.dockerMap("pixel-1", ...inspect);
    expect(labels).toEqual(Object.fromEntries(MASTERS.map((name) => [name, "linux/arm/v7"])));
    expect(readFileSync(fleet.project.path(LOCK), "utf8")).toContain("linux/arm/v7");
    const placement = ["service", "inspect", "-f", "{{json .Spec.TaskTemplate.Placement}}"];
    expect(await fleet.docker("pixel-1", ...placement, "probe_page")).toContain(
      "node.labels.cloudlet.platform == linux/arm/v7",
    );
  });

  slow("answer on every phone's address, wherever the task runs", 5, async () => {
    await Promise.all(MASTERS.map((phone) => cloudlet.answers(phone, 8080)));
  });

  slow("are refused an image that has no build for them, in the preview", 3, async () => {
    cloudlet.writeStack("big", { image: "cloudlet/amd64-only:1" });
    await cloudlet.set({ stacks: { big: { file: "stacks/big.yml" } } });
    const { exitCode, output } = await fleet.project.preview();
    await cloudlet.set({});
    expect(exitCode).not.toBe(0);
    expect(output).toContain(
      'expected an image with a build for linux/arm/v7, got "cloudlet/amd64-only:1", which has linux/amd64',
    );
  });
});

describe("a power cut", () => {
  let old = "";
  let others: string[] = [];

  slow("of the leader leaves the rest with another, and the mesh answers", 8, async () => {
    old = (await cloudlet.leader("pixel-2")) ?? "";
    others = MASTERS.filter((name) => name !== old);
    const before = Date.now();
    await fleet.lab.powerOff(old);
    const [first = ""] = others;
    const next = await waitFor("another leader", SLOW_SECONDS, async () => {
      const found = await cloudlet.leader(first);
      return found === old ? undefined : found;
    });
    tell("leader's power cut to another leader", before);
    expect(others).toContain(next);
    await Promise.all(others.map((phone) => cloudlet.answers(phone, 8080)));
    tell("leader's power cut to the page on every other phone", before);
  });

  slow("does not keep preview, status and up from going on through another", 15, async () => {
    writeProbe("2");
    await cloudlet.set({});
    const before = Date.now();
    const preview = await fleet.project.preview();
    if (preview.exitCode !== 0) throw new Error(`preview failed:\n${preview.output}`);
    tell("preview without a master", before);
    expect(await cloudlet.status()).toContain(old);
    const since = Date.now();
    await cloudlet.up();
    tell("up without a master", since);
    const [first = ""] = others;
    const image = ["service", "inspect", "-f", "{{.Spec.TaskTemplate.ContainerSpec.Image}}"];
    expect(await fleet.docker(first, ...image, "probe_page")).toContain("cloudlet/probe:2");
  });

  slow("is over when the phone comes back, as a master", 8, async () => {
    const before = Date.now();
    await fleet.lab.powerOn(old);
    tell("power on to SSH", before);
    await cloudlet.whole(others[0] ?? "");
    tell("power on to a master again", before);
    const said = readFileSync(consoleLog({ lab: fleet.lab.name, phone: old }), "utf8");
    expect(said.match(/^OpenRC init version/gm)).toHaveLength(2); // its log is of both boots
  });

  slow("of the phone that an updated service runs on moves its task elsewhere", 8, async () => {
    const [asked = ""] = others;
    const from = await waitFor("the task", SLOW_SECONDS, async () => {
      const [phone] = await cloudlet.phonesOf(asked, "probe_page");
      return phone;
    });
    const survivor = MASTERS.find((name) => name !== from) ?? "";
    const before = Date.now();
    await fleet.lab.powerOff(from);
    const to = await waitFor("the task elsewhere", SLOW_SECONDS, async () => {
      const phones = await cloudlet.phonesOf(survivor, "probe_page");
      return phones.find((phone) => phone !== from);
    });
    tell("power cut to the task elsewhere", before);
    expect(MASTERS).toContain(to);
    await cloudlet.answers(survivor, 8080);
    old = from;
    others = MASTERS.filter((name) => name !== from);
  });

  slow("of a second master is told as a lost majority, by name", 10, async () => {
    const [left = "", second = ""] = others;
    await fleet.lab.powerOff(second);
    const before = Date.now();
    const { output } = await fleet.project.preview();
    tell("preview that tells the lost majority", before);
    const since = Date.now();
    await Promise.all([fleet.lab.powerOn(old), fleet.lab.powerOn(second)]);
    expect(output).toMatch(
      new RegExp(`expected 2 of 3 masters[^]*got 1 \\(${left}\\)[^]*missing[^]*${second}`),
    );
    await cloudlet.whole(left);
    tell("two phones' power on to three masters", since);
    await cloudlet.answers(left, 8080);
  });
});
