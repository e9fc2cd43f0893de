import { mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import execa from "execa";
import { stringify } from "yaml";
import { SAMPLE_CERTIFICATE } from "../../support/sample-certificate";
import { sampleNodes } from "../../support/sample-config";

const ROOT = resolve(__dirname, "../../..");
const project = mkdtempSync(join(tmpdir(), "cloudlet-build-test-"));
const bin = mkdtempSync(join(tmpdir(), "cloudlet-bin-"));

beforeAll(() => {
  const engine = { registryCertificates: { "192.168.1.21:5443": "registry.crt" } };
  const config = { "cloudlet:nodes": sampleNodes, "cloudlet:engine": engine };
  writeFileSync(join(project, "Pulumi.dev.yaml"), stringify({ config }));
  writeFileSync(join(project, "registry.crt"), SAMPLE_CERTIFICATE);
  mkdirSync(join(project, "hello"));
  writeFileSync(join(project, "hello/Dockerfile"), "FROM scratch\n");
  symlinkSync(process.execPath, join(bin, "node"));
});

/** `npm run images:build` on a machine that has nothing but Node.js. */
async function build(...args: string[]): Promise<string> {
  const command = [
    join(ROOT, "node_modules/tsx/dist/cli.mjs"),
    join(ROOT, "ops/images/images-build.ts"),
  ];
  const { exitCode, stdout, stderr } = await execa(join(bin, "node"), [...command, ...args], {
    cwd: project,
    extendEnv: false,
    env: { PATH: bin },
    reject: false,
  });
  expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: "" });
  return stderr;
}

describe("npm run images:build", () => {
  it("says all that is wrong with what it is asked for, before it does anything", async () => {
    const options = ["--name", "Hello", "--tag", "a b", "--platforms", "linux/arm/v7,armhf"];
    expect((await build("none", ...options)).split("\n")).toEqual([
      "none: expected a directory with a Dockerfile, got none",
      '--name: expected a name of lower-case letters, digits and . _ - /, got "Hello"',
      '--tag: expected a tag of letters, digits and . _ -, got "a b"',
      '--platforms: expected platforms such as linux/arm/v7,linux/arm64, got "armhf"',
    ]);
  });

  it("says what to install where there is nothing to build with", async () => {
    expect(await build("hello")).toBe(
      "images:build: expected buildah or docker buildx on this machine, got neither; `apt-get install buildah` (Debian, Ubuntu), or install Docker with its plugin buildx",
    );
  });
});
