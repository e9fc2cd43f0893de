import { readFileSync } from "node:fs";
import execa from "execa";
import { parseLock } from "../../images/lock-file";
import { withEntry } from "../../ops/settings-file";
import { REGISTRY_IMAGE } from "../../sim/debian-images";
import { installMissing } from "../../sim/host";
import { packDebianImages } from "../../sim/pack-debian-images";
import { pushImages } from "../../sim/push-images";
import { Fleet } from "../support/fleet";
import { copyRecipes } from "../support/recipes";
import { ARM_SETTINGS, LOCK, MINUTES, slow, SLOW_SECONDS, tell } from "./arm-cloudlet";

// What `images:build` builds on this machine, pulled from the cloudlet's own registry and run by ARM processors: one of each kind.

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
const log = (line: string) => process.stderr.write(`armregistry: ${line}\n`);

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
  const phones = [{ name: "pixel-1" }, { name: "pixel-2", processor: "aarch64" as const }];
  fleet = await Fleet.open("armregistry", "10.105.2.0/24", phones, "arm");
  const { lab, project } = fleet;
  registry = `${lab.phone("pixel-1").address}:5443`;
  const registryImages = await packDebianImages([REGISTRY_IMAGE], log, ["linux/arm/v7"]);
  await pushImages(lab.registry, registryImages);
  copyRecipes(project);
  project.writeFile("stacks/hello.yml", HELLO(registry));
  project.writeSettings({
    ...ARM_SETTINGS,
    nodes: {
      "pixel-1": fleet.node("pixel-1", "master"),
      "pixel-2": fleet.node("pixel-2", "compute", { platform: "linux/arm64" }),
    },
  });
  await images("registry-certificate");
  await fleet.lockImages();
  const before = Date.now();
  await up();
  tell("up of a 32-bit master, a 64-bit compute and a registry", before);
}, 15 * MINUTES);

afterAll(() => fleet?.close(), 2 * MINUTES);

describe("an image that was built for the cloudlet", () => {
  slow("is taken by the registry on a phone, with a build for each processor", 5, async () => {
    await execa("sh", [fleet.project.path("recipes/go/build.sh")]);
    const before = Date.now();
    const options = ["--name", "hello", "--tag", "1", "--platforms", BUILT_FOR.join()];
    expect(await images("images-build", "recipes/go", ...options)).toBe(`${registry}/hello:1`);
    tell("images:build for two platforms, into the registry on a phone", before);
  });

  slow("is locked with both, and answers on each phone from that phone's own", 10, async () => {
    const { project, lab } = fleet;
    const settings = readFileSync(project.path("Pulumi.e2e.yaml"), "utf8");
    const path = ["config", "cloudlet:stacks", "hello"];
    project.writeFile("Pulumi.e2e.yaml", withEntry(settings, path, { file: "stacks/hello.yml" }));
    expect(await images("images-lock")).toContain("looked up by asking a master's engine");
    const { lock } = parseLock(LOCK, readFileSync(project.path(LOCK), "utf8"));
    expect(lock[`${registry}/hello:1`]?.platforms).toEqual(BUILT_FOR);
    const before = Date.now();
    await up();
    tell("up that pulls it on both phones", before);
    const says = (phone: string) =>
      fleet.answers(
        `http://${lab.phone(phone).address}:8080/`,
        (body) => body.startsWith("hello"),
        SLOW_SECONDS,
      );
    expect(await says("pixel-1")).toMatch(/^hello from linux\/arm, asked \d+ times\n$/);
    expect(await says("pixel-2")).toMatch(/^hello from linux\/arm64, asked \d+ times\n$/);
  });
});
