import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import * as building from "../../../toolchain/build-tool";
import { ensureTools, removeTools } from "../../../toolchain/install";
import * as go from "../../../toolchain/require-go";
import { type Tool, tools } from "../../../toolchain/tool";
import * as vendor from "../../../toolchain/vendor";

// Only the deciding is tested here: builds and downloads are stood in for, files are real.

let folder: string;
let home: string;
let lines: string[];
const log = (line: string) => lines.push(line);
const cacheBefore = process.env.XDG_CACHE_HOME;

const buildTool = jest.spyOn(building, "buildTool");
const requireGo = jest.spyOn(go, "requireGo");
const vendorAnswers = jest.spyOn(vendor, "vendorAnswers");
const download = jest.spyOn(vendor, "downloadFromVendor");

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "cloudlet-tools-"));
  home = join(folder, "home");
  lines = [];
  process.env.XDG_CACHE_HOME = join(folder, "cache");
  buildTool.mockReset().mockImplementation((tool, file) => {
    writeFileSync(file, `built ${tool.source}`);
    return Promise.resolve();
  });
  requireGo.mockReset().mockResolvedValue();
  vendorAnswers.mockReset().mockResolvedValue(false);
  download.mockReset().mockRejectedValue(new Error("unexpected download"));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

afterAll(() => {
  process.env.XDG_CACHE_HOME = cacheBefore;
  if (cacheBefore === undefined) delete process.env.XDG_CACHE_HOME;
});

const titles = tools.map(({ title }) => title);

function fromVendor(tool: Tool): void {
  const file = join(home, tool.file);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `vendor's ${tool.source}`);
  chmodSync(file, 0o755);
}

function content(tool: Tool): string {
  return readFileSync(join(home, tool.file), "utf8");
}

async function outcomes(build?: boolean): Promise<string[]> {
  const report = await ensureTools({ log, home, ...(build !== undefined && { build }) });
  return report.tools.map(({ outcome }) => outcome);
}

const all = (outcome: string) => tools.map(() => outcome);
const built = () => buildTool.mock.calls.map(([tool]) => tool.title);

test("what the vendor has put there is left alone, without a word", async () => {
  tools.forEach(fromVendor);
  expect(await outcomes(true)).toEqual(all("already there"));
  expect(tools.map(content)).toEqual(tools.map(({ source }) => `vendor's ${source}`));
  expect([lines, built(), vendorAnswers.mock.calls]).toEqual([[], [], []]);
});

test("the vendor is asked first, and built from source is what it did not give", async () => {
  vendorAnswers.mockResolvedValue(true);
  download.mockImplementation((wanted) => {
    wanted.slice(0, 2).forEach(fromVendor);
    return Promise.reject(new Error("connection reset"));
  });
  expect(await outcomes(false)).toEqual(["downloaded", "downloaded", "built", "built"]);
  expect(built()).toEqual(titles.slice(2));
  expect(lines.join("\n")).toContain("connection reset");
});

test("all from the vendor: nothing is built, and Go is not needed", async () => {
  vendorAnswers.mockResolvedValue(true);
  download.mockImplementation((wanted) => Promise.resolve(wanted.forEach(fromVendor)));
  requireGo.mockRejectedValue(new Error("no Go"));
  expect(await outcomes(false)).toEqual(all("downloaded"));
  expect(built()).toEqual([]);
});

test("a vendor that does not answer: all is built, what is missing is said before", async () => {
  expect(await outcomes(false)).toEqual(all("built"));
  expect(lines[0]).toBe(`missing in ${home}: ${titles.join(", ")}`);
  expect(tools.map(content)).toEqual(tools.map(({ source }) => `built ${source}`));
});

test("asked to build, the vendor is not asked", async () => {
  expect(await outcomes(true)).toEqual(all("built"));
  expect(vendorAnswers).not.toHaveBeenCalled();
});

test("CLOUDLET_BUILD_TOOLS=1 is the same wish", async () => {
  process.env.CLOUDLET_BUILD_TOOLS = "1";
  try {
    expect(await outcomes()).toEqual(all("built"));
  } finally {
    delete process.env.CLOUDLET_BUILD_TOOLS;
  }
  expect(vendorAnswers).not.toHaveBeenCalled();
});

test("a second run does nothing; after the home is deleted, it is refilled without building", async () => {
  await outcomes(true);
  expect(await outcomes(true)).toEqual(all("already there"));
  rmSync(home, { recursive: true });
  expect(await outcomes(false)).toEqual(all("from an earlier build"));
  expect(built()).toHaveLength(tools.length);
  expect(vendorAnswers).not.toHaveBeenCalled();
});

test("one of ours that was built from other source is built again; the vendor's beside it stays", async () => {
  const [outdated, ...others] = tools as [Tool, ...Tool[]];
  others.forEach(fromVendor);
  fromVendor(outdated);
  writeFileSync(`${join(home, outdated.file)}.built-by-cloudlet`, "other source");
  expect(await outcomes(true)).toEqual(["built", ...others.map(() => "already there")]);
  expect(content(outdated)).toBe(`built ${outdated.source}`);
});

test("a build that fails leaves nothing behind, and the next run goes on from there", async () => {
  buildTool.mockImplementation((tool, file) => {
    writeFileSync(file, "half");
    return tool.source === "docker-provider"
      ? Promise.reject(new Error("no memory"))
      : Promise.resolve();
  });
  await expect(outcomes(true)).rejects.toThrow("no memory");
  expect(existsSync(join(home, "plugins/resource-docker-v5.2.0"))).toBe(false);
  expect(readdirSync(join(folder, "cache/cloudlet/toolchain"))).not.toContain("lock");

  buildTool
    .mockClear()
    .mockImplementation((_, file) => Promise.resolve(writeFileSync(file, "whole")));
  expect(await outcomes(true)).toEqual(["already there", "already there", "built", "built"]);
});

test("without Go nothing is built: the error is the one that says what to install", async () => {
  requireGo.mockRejectedValue(new Error("toolchain: Go 1.21 or newer is needed"));
  await expect(outcomes(true)).rejects.toThrow("Go 1.21 or newer is needed");
  expect(built()).toEqual([]);
});

test("two at once: one builds, the other waits, says so, and finds all there", async () => {
  const results = await Promise.all([outcomes(true), outcomes(true)]);
  expect(results).toContainEqual(all("built"));
  expect(built()).toHaveLength(tools.length);
  expect(lines).toContain(`waiting for process ${process.pid}, which installs the tools`);
});

test("removing takes what we put there and the folders that are then empty, nothing else", async () => {
  const [kept, ...ours] = [...tools].reverse() as [Tool, ...Tool[]];
  fromVendor(kept);
  await outcomes(true);
  writeFileSync(join(home, "credentials.json"), "{}");
  await removeTools({ log, home });

  expect(ours.filter(({ file }) => existsSync(join(home, file)))).toEqual([]);
  expect(content(kept)).toBe(`vendor's ${kept.source}`);
  expect(readdirSync(home).sort()).toEqual(["credentials.json", "versions"]);
  expect(readdirSync(dirname(join(home, kept.file)))).toEqual(["pulumi"]);
});
