import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { fingerprint } from "../../../toolchain/fingerprint";
import { tools } from "../../../toolchain/tool";
import { versions } from "../../../toolchain/versions";

const root = resolve(__dirname, "../../..");
const read = (file: string) => readFileSync(join(root, file), "utf8");

// The engine asks for providers by equal version: one number that is out of step, and nothing deploys.
test("the versions are those of the npm packages, wherever they are written", () => {
  const { dependencies } = JSON.parse(read("package.json")) as {
    dependencies: Record<string, string>;
  };
  expect(dependencies).toMatchObject({
    pulumi: versions.cli,
    "@pulumi/command": versions.command,
    "@pulumi/docker": versions.docker,
  });
  expect(read("toolchain/cli/go.mod")).toContain(
    `github.com/pulumi/pulumi/pkg/v3 v${versions.cli}`,
  );
  expect(read("toolchain/command-provider/main.go")).toContain(`version = "${versions.command}"`);
  expect(read("toolchain/docker-provider/info/info.go")).toContain(
    `Version = "${versions.docker}"`,
  );
});

test("every tool has a fingerprint of its own, always the same", () => {
  const all = tools.map(fingerprint);
  expect(new Set(all).size).toBe(tools.length);
  expect(tools.map(fingerprint)).toEqual(all);
  expect(all.every((text) => /^[0-9a-f]{32}$/.test(text))).toBe(true);
});
