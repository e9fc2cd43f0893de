import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stackSpec } from "../../../ops/compose/stack-spec";

const directory = mkdtempSync(join(tmpdir(), "stack-spec-"));
afterAll(() => rmSync(directory, { recursive: true }));

function run(files: Record<string, string>, paths: string[], environment = {}) {
  for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, name), text);
  return stackSpec({ stack: "st", paths, environment, currentDirectory: directory });
}

describe("stackSpec", () => {
  it("prints the spec as JSON, with stand-ins for ids, and warnings beside it", () => {
    const text =
      "services: {web: {image: a, secrets: [s], links: [x], hostname: '$NAME'}}\nsecrets: {s: {file: s.txt}}\n";
    const result = run({ "stack.yml": text, "s.txt": "data" }, ["stack.yml"], { NAME: "h" });
    expect(result.exitCode).toBe(0);
    expect(result.errors).toBe(
      "warning: stack.yml:1:42: services.web.links has no effect in a swarm: services on one network reach each other by name\n",
    );
    const printed: unknown = JSON.parse(result.output);
    expect(printed).toMatchObject({
      networks: { st_default: { Driver: "overlay" } },
      secrets: { st_s: { Data: "ZGF0YQ==" } },
      configs: {},
      services: {
        st_web: {
          TaskTemplate: {
            ContainerSpec: {
              Hostname: "h",
              Secrets: [{ SecretID: "secret-id-st_s", SecretName: "st_s" }],
            },
          },
        },
      },
    });
  });

  it("prints problems one a line and nothing else, and fails", () => {
    const result = run({ "bad.yml": "services: {web: {user: 5}}\n" }, ["bad.yml"]);
    expect(result).toEqual({
      output: "",
      errors: [
        "bad.yml:1:12: services.web.image is required: a swarm runs only images; build it, push it, and name it here",
        "bad.yml:1:18: services.web.user must be a string, got 5; put it in quotes",
        "",
      ].join("\n"),
      exitCode: 1,
    });
  });

  it("takes paths in all files from the directory of the first", () => {
    mkdirSync(join(directory, "sub"), { recursive: true });
    const files = {
      "sub/a.yml": "services: {web: {image: a}}",
      "b.yml": "services: {web: {volumes: ['./x:/y']}}",
    };
    const printed: unknown = JSON.parse(run(files, ["sub/a.yml", "b.yml"]).output);
    expect(printed).toMatchObject({
      services: {
        st_web: {
          TaskTemplate: { ContainerSpec: { Mounts: [{ Source: join(directory, "sub/x") }] } },
        },
      },
    });
  });

  it.each([
    ["is not there", ["nope.yml"], /^nope\.yml: cannot be read, there is no such file\n$/],
    ["is not text", ["binary.yml"], /^binary\.yml: cannot be read, it is not UTF-8 text\n$/],
    ["is a directory", ["."], /^\.: cannot be read, it is a directory\n$/],
  ])("says so when a file %s", (_title, paths, errors) => {
    writeFileSync(join(directory, "binary.yml"), Buffer.from([0x61, 0xff]));
    const result = run({}, paths);
    expect(result.exitCode).toBe(1);
    expect(result.errors).toMatch(errors);
  });
});
