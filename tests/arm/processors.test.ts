import { readFileSync } from "node:fs";
import execa from "execa";
import { parseLock } from "../../images/lock-file";
import { withEntry } from "../../ops/settings-file";
import { REGISTRY_IMAGE } from "../../sim/debian-images";
import { installMissing } from "../../sim/host";
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
services:
  go:
    image: ${registry}/hello:1
    ports: [{ target: 8080, published: 8080, mode: host }]
    deploy: { mode: global }
`;

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

async function up(): Promise<void> {
  const { exitCode, output } = await fleet.project.up();
  if (exitCode !== 0) throw new Error(`up failed:\n${output}`);
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
    declare({ platform: "linux/arm64" });
    const { exitCode, output } = await fleet.project.preview();
    expect(exitCode).not.toBe(0);
    expect(output).toContain(
      "cloudlet:nodes.pixel-3.platform: expected the platform of this phone, got linux/arm64, but it is armv8l, 32-bit programs under a 64-bit kernel; write linux/arm/v7",
    );
    expect(output).not.toContain("pixel-2.platform");
  });
});

describe("an image that was built for the cloudlet", () => {
  slow("is taken by the registry on a phone, with a build for each platform", 10, async () => {
    declare({});
    await images("registry-certificate");
    await fleet.lockImages();
    const since = Date.now();
    await up();
    tell("up of a 32-bit master, two 64-bit computes and a registry", since);
    await execa("sh", [fleet.project.path("recipes/go/build.sh")]);
    const before = Date.now();
    const options = ["--name", "hello", "--tag", "1", "--platforms", BUILT_FOR.join()];
    expect(await images("images-build", "recipes/go", ...options)).toBe(`${registry}/hello:1`);
    tell("images:build for two platforms, into the registry on a phone", before);
  });

  slow(
    "is locked with both, and answers on each phone from what its engine takes",
    10,
    async () => {
      const { project, lab } = fleet;
      const settings = readFileSync(project.path("Pulumi.e2e.yaml"), "utf8");
      const path = ["config", "cloudlet:stacks", "hello"];
      project.writeFile("Pulumi.e2e.yaml", withEntry(settings, path, { file: "stacks/hello.yml" }));
      expect(await images("images-lock")).toContain("looked up by asking a master's engine");
      const { lock } = parseLock(LOCK, readFileSync(project.path(LOCK), "utf8"));
      expect(lock[`${registry}/hello:1`]?.platforms).toEqual(BUILT_FOR);
      const before = Date.now();
      await up();
      tell("up that pulls it on three phones", before);
      const says = async (phone: string) => {
        const url = `http://${lab.phone(phone).address}:8080/`;
        const body = await fleet.answers(url, (text) => text.startsWith("hello"), SLOW_SECONDS);
        return body.replace(/, asked.*\n$/, "");
      };
      expect(await says("pixel-1")).toBe("hello from linux/arm");
      expect(await says("pixel-2")).toBe("hello from linux/arm64");
      expect(await says("pixel-3")).toBe("hello from linux/arm");
    },
  );
});
