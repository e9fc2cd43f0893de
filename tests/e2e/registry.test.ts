import { readFileSync } from "node:fs";
import { join } from "node:path";
import execa from "execa";
import { parseLock } from "../../images/lock-file";
import { withEntry } from "../../ops/settings-file";
import { REGISTRY_IMAGE } from "../../sim/debian-images";
import { installMissing } from "../../sim/host";
import { RELEASE_ONLY } from "../../sim/mmdebstrap";
import { packDebianImages } from "../../sim/pack-debian-images";
import { pushImages } from "../../sim/push-images";
import { SAMPLE_CERTIFICATE } from "../support/sample-certificate";
import { Fleet } from "../support/fleet";
import { copyRecipes } from "../support/recipes";
import { waitFor } from "../support/wait-for";

// stacks/registry.yml as it is, with Debian's docker-registry; the recipes of docs/platforms.md; buildah.

const MINUTES = 60_000;
jest.setTimeout(2 * MINUTES);
const PLATFORMS = ["linux/amd64", "linux/arm/v7", "linux/arm64"];

const HELLO = (registry: string) => `version: "3.8"
services:
  go:
    image: ${registry}/hello:1
    ports: ["8080:8080"]
    deploy: { placement: { constraints: [node.labels.cloudlet.node == pixel-2] } }
  nodejs:
    image: ${registry}/hello-node:1
    ports: ["8081:8080"]
    deploy: { placement: { constraints: [node.labels.cloudlet.node == pixel-2] } }
`;

let fleet: Fleet;
let registry: string;
const log = (line: string) => process.stderr.write(`registry: ${line}\n`);

const command = (name: string, ...args: string[]) =>
  fleet.project.command(`images/${name}`, ...args);

/** Files of the project that have this text; links are not followed. */
async function filesWith(text: string): Promise<string[]> {
  const { stdout } = await execa("grep", ["-rl", text, "."], { cwd: fleet.project.directory });
  return stdout.split("\n").sort();
}

const imagesHere = async () =>
  (await execa("buildah", ["images", "--all", "--quiet"])).stdout.split("\n").sort();
const certificateOf = (phone: string) =>
  fleet.lab.exec(phone, ["cat", `/etc/docker/certs.d/${registry}/cloudlet.crt`], {
    allowFailure: true,
  });
const pull = (reference: string) =>
  fleet.lab.exec("pixel-2", ["docker", "pull", "-q", reference], { allowFailure: true });

beforeAll(async () => {
  await installMissing(
    { buildah: "buildah", openssl: "openssl", go: "golang-go", mmdebstrap: "mmdebstrap" },
    log,
  );
  fleet = await Fleet.open("registry", "10.106.0.0/24", [
    { name: "pixel-1", docker: "running" },
    { name: "pixel-2", docker: "running" },
  ]);
  const { lab, project } = fleet;
  registry = `${lab.phone("pixel-1").address}:5443`;
  await pushImages(lab.registry, await packDebianImages([REGISTRY_IMAGE], log));
  copyRecipes(project);
  project.writeFile("stacks/hello.yml", HELLO(registry));
  project.writeSettings({
    platform: "linux/amd64",
    routingMesh: false,
    readyTimeoutSeconds: 120,
    ssh: { identityFile: ".cloudlet/simulated/id_ed25519" },
    nodes: {
      "pixel-1": fleet.node("pixel-1", "master"),
      "pixel-2": fleet.node("pixel-2", "compute"),
    },
  });
}, 10 * MINUTES);

afterAll(() => fleet?.close(), 2 * MINUTES);

describe("a registry of the cloudlet's own", () => {
  it("is asked for before anything is built for it", async () => {
    expect(await command("images-build", "recipes/go")).toMatchObject({
      exitCode: 1,
      stdout: "",
      stderr: `cloudlet:engine.registryCertificates.${registry}: expected the certificate of the cloudlet's own registry, got none; \`npm run registry:certificate -- --stack e2e\` makes it`,
    });
  });

  it("gets a certificate once", async () => {
    const first = await command("registry-certificate");
    expect(first).toMatchObject({ exitCode: 0, stderr: "" });
    expect(first.stdout).toContain("Pulumi.e2e.yaml: cloudlet:stacks.registry.file");
    const again = await command("registry-certificate");
    expect(again.stdout).toBe("all of it was there already");

    const { project, lab } = fleet;
    const certificate = readFileSync(project.path("registry.crt"), "utf8");
    project.writeFile("registry.crt", SAMPLE_CERTIFICATE);
    expect(await command("registry-certificate")).toMatchObject({
      exitCode: 1,
      stderr: `registry.crt: expected a certificate for the first master's address ${lab.phone("pixel-1").address}, got one for another; \`npm run registry:certificate -- --stack e2e --renew\` makes both anew`,
    });
    project.writeFile("registry.crt", certificate);
  });

  it("runs on the first master, every phone trusts it, and its key is nowhere in clear", async () => {
    await fleet.lockImages();
    await fleet.project.upOrThrow();
    const certificate = readFileSync(fleet.project.path("registry.crt"), "utf8");
    for (const phone of ["pixel-1", "pixel-2"])
      expect((await certificateOf(phone)).stdout.trim()).toBe(certificate.trim());
    expect(await filesWith("PRIVATE KEY")).toEqual(["./.cloudlet/simulated/id_ed25519"]);
    expect(await fleet.project.plannedSteps()).toEqual([]);
  });

  it.each([
    ["go", "hello", PLATFORMS, []],
    ["nodejs", "hello-node", PLATFORMS.slice(0, 2), PLATFORMS.slice(0, 2)],
  ])(
    "takes the image of the recipe for %s, with builds for all platforms that it was asked for",
    async (recipe, name, platforms, toCompile) => {
      const directory = join("recipes", recipe);
      const script = fleet.project.path(join(directory, "build.sh"));
      await execa("sh", [script, ...toCompile], { env: { MMDEBSTRAP_OPTIONS: RELEASE_ONLY } });
      const before = await imagesHere();
      const options = ["--name", name, "--tag", "1", "--platforms", platforms.join(",")];
      const built = await command("images-build", directory, ...options);
      if (built.exitCode !== 0) throw new Error(built.stderr);
      expect(built.stdout).toBe(`${registry}/${name}:1`);
      expect(await imagesHere()).toEqual(before);
    },
    4 * MINUTES,
  );

  it("is not believed by a phone without the certificate, which a preview finds missing and `up` brings back", async () => {
    await fleet.lab.exec("pixel-2", ["rm", `/etc/docker/certs.d/${registry}/cloudlet.crt`]);
    const refused = await pull(`${registry}/hello:1`);
    expect(refused).toMatchObject({ exitCode: 1 });
    expect(refused.stderr).toContain("x509: certificate signed by unknown authority");
    const preview = await fleet.project.preview();
    expect(preview.output).toContain(
      `/etc/docker/certs.d/${registry}/cloudlet.crt is not as it was left`,
    );
    await fleet.project.upOrThrow();
    expect(await pull(`${registry}/hello:1`)).toMatchObject({ exitCode: 0 });
    await fleet.docker("pixel-2", "image", "rm", `${registry}/hello:1`);
  });

  it("serves the locked images to a compute, from where they answer", async () => {
    const { project } = fleet;
    const settings = readFileSync(project.path("Pulumi.e2e.yaml"), "utf8");
    const path = ["config", "cloudlet:stacks", "hello"];
    project.writeFile("Pulumi.e2e.yaml", withEntry(settings, path, { file: "stacks/hello.yml" }));
    const locked = await command("images-lock");
    expect(locked).toMatchObject({ exitCode: 0, stderr: "" });
    expect(locked.stdout).toContain("looked up by asking a master's engine");
    const lockFile = "images.e2e.lock.yml";
    const { lock } = parseLock(lockFile, readFileSync(project.path(lockFile), "utf8"));
    expect(lock[`${registry}/hello:1`]?.platforms).toEqual(PLATFORMS);
    await fleet.project.upOrThrow();
    const address = fleet.lab.phone("pixel-2").address;
    const says = (port: number) =>
      fleet.answers(`http://${address}:${port}/`, (body) => body.startsWith("hello"));
    expect(await says(8080)).toMatch(/^hello from linux\/amd64, asked \d+ times\n$/);
    expect(await says(8081)).toMatch(/^hello from Node\.js v\d+\.\d+\.\d+ on linux\/x64\n$/);
  });

  it("that cannot be reached is named, and what to do about it", async () => {
    await fleet.docker("pixel-1", "service", "scale", "--detach", "registry_registry=0");
    await waitFor("the registry to end", 30, async () => {
      const running = await fleet.docker(
        "pixel-1",
        "ps",
        "-q",
        "--filter",
        "name=registry_registry",
      );
      return running === "" ? true : undefined;
    });
    const { exitCode, stderr } = await command(
      "images-build",
      "recipes/go",
      "--platforms",
      "linux/amd64",
    );
    expect(exitCode).toBe(1);
    // A phone's firewall says nothing.
    expect(stderr).toContain(
      `${registry}: the cloudlet's own registry does not answer (no answer in 10 s); \`npm run status\``,
    );
  });

  it("leaves nothing on a phone that is given up", async () => {
    const { exitCode, output } = await fleet.project.destroy();
    expect({ exitCode, output }).toMatchObject({ exitCode: 0 });
    for (const phone of ["pixel-1", "pixel-2"]) {
      const there = await fleet.lab.exec(phone, ["ls", "/etc/docker"]);
      expect(there.stdout).not.toContain("certs.d");
    }
  });
});
