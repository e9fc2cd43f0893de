import { readFileSync } from "node:fs";
import execa from "execa";
import { parseLock } from "../../images/lock-file";
import { withEntry } from "../../ops/settings-file";
import { REGISTRY_IMAGE } from "../../sim/debian-images";
import { installMissing } from "../../sim/host";
import { RELEASE_ONLY } from "../../sim/mmdebstrap";
import { packDebianImages } from "../../sim/pack-debian-images";
import type { PhoneSpec } from "../../sim/phone-container";
import { pushImages } from "../../sim/push-images";
import { ARM_SETTINGS } from "../support/arm-settings";
import { Fleet } from "../support/fleet";
import { copyRecipes } from "../support/recipes";
import { LOCK, MINUTES, slow, SLOW_SECONDS, tell } from "./arm-cloudlet";

// A phone of each kind of ARM processor, and what `images:build` builds for them on this machine, from the cloudlet's own registry.

const PHONES: readonly PhoneSpec[] = [
  { name: "pixel-1" },
  { name: "pixel-2", processor: "aarch64" },
  { name: "pixel-3", processor: "armv8l" },
];
const BUILT_FOR = ["linux/arm/v7", "linux/arm64"];
const HELLO = (registry: string) => `version: "3.8"
x-deploy: &deploy { mode: global }
services:
  go:
    image: ${registry}/hello:1
    ports: [{ target: 8080, published: 8080, mode: host }]
    deploy: *deploy
  nodejs:
    image: ${registry}/hello-node:1
    ports: [{ target: 8080, published: 8081, mode: host }]
    deploy: *deploy
`;
/** Each recipe, and the name of its image. */
const RECIPES = [
  ["go", "hello"],
  ["nodejs", "hello-node"],
] as const;
/** What it says of the processor that its build is for, on each phone. */
const ANSWERS = [
  ["pixel-1", "linux/arm"],
  ["pixel-2", "linux/arm64"],
  ["pixel-3", "linux/arm"],
] as const;

let fleet: Fleet;
let registry: string;
const log = (line: string) => process.stderr.write(`armkinds: ${line}\n`);

function declare(ofPixel3: object): void {
  fleet.project.writeSettings({
    ...ARM_SETTINGS,
    nodes: {
      "pixel-1": fleet.node("pixel-1", "master"),
      "pixel-2": fleet.node("pixel-2", "compute", { platform: "linux/arm64" }),
      "pixel-3": fleet.node("pixel-3", "compute", ofPixel3),
    },
  });
}

async function images(command: string, ...options: string[]): Promise<string> {
  const { exitCode, stdout, output } = await fleet.project.command(`images/${command}`, ...options);
  if (exitCode !== 0) throw new Error(`${command} failed:\n${output}`);
  return stdout;
}

beforeAll(async () => {
  await installMissing({ buildah: "buildah", openssl: "openssl", go: "golang-go" }, log);
  fleet = await Fleet.open("armkinds", "10.105.2.0/24", PHONES, "arm");
  registry = `${fleet.lab.phone("pixel-1").address}:5443`;
  const registryImages = await packDebianImages([REGISTRY_IMAGE], log, ["linux/arm/v7"]);
  await pushImages(fleet.lab.registry, registryImages);
  copyRecipes(fleet.project);
  fleet.project.writeFile("stacks/hello.yml", HELLO(registry));
}, 15 * MINUTES);

afterAll(() => fleet?.close(), 2 * MINUTES);

describe("a phone with 32-bit programs under a 64-bit kernel", () => {
  slow("is told apart from a 64-bit one, though both call themselves aarch64", 5, async () => {
    for (const phone of ["pixel-2", "pixel-3"])
      expect((await fleet.lab.exec(phone, ["uname", "-m"])).stdout).toBe("aarch64");
    const { stdout } = await fleet.lab.exec("pixel-3", ["apk", "--print-arch"]);
    expect(stdout).toBe("armv7");
    declare({ platform: "linux/arm64" });
    const { exitCode, output } = await fleet.project.preview();
    expect(exitCode).not.toBe(0);
    expect(output).toContain(
      "cloudlet:nodes.pixel-3.platform: expected the platform of this phone, got linux/arm64, but it is armv8l, 32-bit programs under a 64-bit kernel; write linux/arm/v7",
    );
    expect(output).not.toContain("pixel-2.platform");
  });
});

describe("an engine", () => {
  /** What it makes of a name that it pulls. */
  async function architecture(phone: string, image: string): Promise<string> {
    await fleet.docker(phone, "pull", "-q", image);
    return fleet.docker(phone, "image", "inspect", "-f", "{{.Architecture}}", image);
  }

  slow("takes what its programs are made for", 10, async () => {
    declare({});
    await fleet.project.upOrThrow();
    const each = PHONES.map(({ name }) => architecture(name, "cloudlet/probe:1"));
    expect(await Promise.all(each)).toEqual(["arm", "arm64", "arm"]);
  });

  slow(
    "of 64 bits takes no 32-bit build by itself, and runs one that it is told to take",
    5,
    async () => {
      const image = "cloudlet/arm32-only:1";
      // Engines since 23 would (moby, distribution/pull_v2_unix.go); these are 20.10.
      await expect(architecture("pixel-2", image)).rejects.toThrow("docker pull: ended with 1");
      const run = ["run", "--detach", "--name=tried", "--publish=8088:8080"];
      await fleet.docker("pixel-2", ...run, "--platform=linux/arm/v7", image);
      const url = `http://${fleet.lab.phone("pixel-2").address}:8088/`;
      expect(await fleet.answers(url, (body) => body !== "", SLOW_SECONDS)).toContain("probe");
      await fleet.docker("pixel-2", "rm", "--force", "tried");
    },
  );
});

describe("images that were built for the cloudlet", () => {
  slow("find a registry on a phone", 10, async () => {
    await images("registry-certificate");
    await fleet.lockImages();
    const since = Date.now();
    await fleet.project.upOrThrow();
    tell("up of a 32-bit master, two 64-bit computes and a registry", since);
  });

  it.each(RECIPES)(
    "are taken by it with a build for each platform: the recipe for %s",
    async (recipe, name) => {
      const script = fleet.project.path(`recipes/${recipe}/build.sh`);
      await execa("sh", [script, ...BUILT_FOR], { env: { MMDEBSTRAP_OPTIONS: RELEASE_ONLY } });
      const since = Date.now();
      const options = ["--name", name, "--tag", "1", "--platforms", BUILT_FOR.join()];
      const built = await images("images-build", `recipes/${recipe}`, ...options);
      expect(built).toBe(`${registry}/${name}:1`);
      tell(`images:build of the recipe for ${recipe}, for two platforms`, since);
    },
    10 * MINUTES,
  );

  slow(
    "are locked with both, and answer on each phone from what its engine takes",
    15,
    async () => {
      const { project, lab } = fleet;
      const settings = readFileSync(project.path("Pulumi.e2e.yaml"), "utf8");
      const path = ["config", "cloudlet:stacks", "hello"];
      project.writeFile("Pulumi.e2e.yaml", withEntry(settings, path, { file: "stacks/hello.yml" }));
      expect(await images("images-lock")).toContain("looked up by asking a master's engine");
      const { lock } = parseLock(LOCK, readFileSync(project.path(LOCK), "utf8"));
      for (const [, name] of RECIPES)
        expect(lock[`${registry}/${name}:1`]?.platforms).toEqual(BUILT_FOR);
      const since = Date.now();
      await fleet.project.upOrThrow();
      tell("up that pulls both on three phones", since);
      const says = (phone: string, port: number) => {
        const url = `http://${lab.phone(phone).address}:${port}/`;
        return fleet.answers(url, (text) => text.startsWith("hello"), SLOW_SECONDS);
      };
      for (const [phone, platform] of ANSWERS) {
        expect(await says(phone, 8080)).toMatch(`hello from ${platform}, asked `);
        expect(await says(phone, 8081)).toMatch(
          new RegExp(`^hello from Node\\.js v\\d+\\.\\d+\\.\\d+ on ${platform}\n$`),
        );
      }
    },
  );
});
