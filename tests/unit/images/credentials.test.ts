import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findCredentials, registryAuth } from "../../../images/credentials";
import { fakeCommands } from "../../support/shells";

const environment = { ...process.env };
afterEach(() => {
  process.env = { ...environment };
});

function withConfig(config: object | undefined): void {
  const directory = mkdtempSync(join(tmpdir(), "cloudlet-docker-"));
  if (config !== undefined) writeFileSync(join(directory, "config.json"), JSON.stringify(config));
  process.env.DOCKER_CONFIG = directory;
}

// A helper as Docker's: the registry on standard input, a login as JSON.
function withHelper(body: string): void {
  process.env.PATH = `${fakeCommands({ "docker-credential-box": body })}:${environment.PATH}`;
}
const ASKED = `read -r key; [ "$1 $key" = "get ghcr.io" ] || exit 1
echo '{"ServerURL":"ghcr.io","Username":"ann","Secret":"s3cret"}'`;
const login = { username: "ann", password: "s3cret" };
const auth = Buffer.from("ann:s3cret").toString("base64");

describe("findCredentials", () => {
  it.each([
    ["a registry's entry", { auths: { "ghcr.io": { auth } } }, "ghcr.io"],
    ["an entry with a scheme", { auths: { "https://ghcr.io": { auth } } }, "ghcr.io"],
    ["Docker Hub's old name", { auths: { "https://index.docker.io/v1/": { auth } } }, "docker.io"],
  ])("reads %s", async (_, config, registry) => {
    withConfig(config);
    expect(await findCredentials(registry)).toEqual(login);
  });

  it.each([
    ["the helper of one registry", { credHelpers: { "ghcr.io": "box" } }],
    ["the helper of all", { credsStore: "box", auths: { "ghcr.io": {} } }],
  ])("asks %s", async (_, config) => {
    withConfig(config);
    withHelper(ASKED);
    expect(await findCredentials("ghcr.io")).toEqual(login);
    expect(await findCredentials("quay.io")).toBeUndefined();
  });

  it.each([
    ["no file", undefined],
    ["no entry", {}],
    ["an entry of another shape", { auths: [] }],
    ["a helper that is a path", { credsStore: "../../bin/sh" }],
  ])("finds none where there is %s", async (_, config) => {
    withConfig(config);
    expect(await findCredentials("ghcr.io")).toBeUndefined();
  });
});

it("registryAuth is what the engine reads", () => {
  const read = (text: string) => JSON.parse(Buffer.from(text, "base64url").toString()) as unknown;
  expect(read(registryAuth(login, "ghcr.io"))).toEqual({ ...login, serveraddress: "ghcr.io" });
  expect(read(registryAuth({ username: "<token>", password: "t" }, "docker.io"))).toEqual({
    identitytoken: "t",
    serveraddress: "https://index.docker.io/v1/",
  });
});
