import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildTool } from "../../../toolchain/build-tool";
import { cli } from "../../../toolchain/tool";

let folder: string;
const pathBefore = process.env.PATH;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "cloudlet-build-"));
});

afterEach(() => {
  process.env.PATH = pathBefore;
  jest.useRealTimers();
  rmSync(folder, { recursive: true, force: true });
});

test("a build that cannot start fails with the reason, and nothing goes on in the background", async () => {
  jest.useFakeTimers({ doNotFake: ["nextTick", "setImmediate"] });
  process.env.PATH = folder;
  const file = join(folder, "pulumi");
  const building = buildTool(cli, file, () => {});
  await expect(building).rejects.toThrow(/^the Pulumi CLI 3\.259\.0: .*ENOENT/);
  expect(jest.getTimerCount()).toBe(0);
  expect(existsSync(file)).toBe(false);
});
