import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stringify } from "yaml";
import type { Config } from "../../../config/config";
import { ConfigError } from "../../../config/problem";
import type { Facts } from "../../../observe/facts";
import { observe, openWorkspace, writeWorkspace } from "../../../observe/observe";
import { canRefresh } from "../../../ops/preview/can-refresh";
import { runWithRefresh } from "../../../ops/preview/with-refresh";
import { pulumi, pulumiJson } from "../../../ops/pulumi";
import { sampleNodes } from "../../support/sample-config";
import { declaredPhone } from "../../support/sample-facts";

jest.mock("../../../ops/pulumi", () => ({ pulumi: jest.fn(), pulumiJson: jest.fn() }));
jest.mock("../../../observe/observe", () => ({
  ...jest.requireActual<object>("../../../observe/observe"),
  observe: jest.fn(),
  openWorkspace: jest.fn(),
  writeWorkspace: jest.fn(),
}));

const home = process.cwd();
type Look = (config: Config) => Facts;
const allAnswer: Look = (config) =>
  new Map(config.nodes.map((node) => [node.key, declaredPhone(config, node)]));
const noneAnswers: Look = (config) =>
  new Map(
    config.nodes.map(({ key }) => [
      key,
      { reachable: false, reason: "no answer", detail: "timed out" },
    ]),
  );
const noMajority: Look = (config) =>
  new Map(
    config.nodes.map((node) => [node.key, { ...declaredPhone(config, node), swarm: undefined }]),
  );

function phones(look: Look, canLogIn = true): void {
  jest.mocked(openWorkspace).mockResolvedValue(canLogIn);
  jest.mocked(observe).mockImplementation((config) => Promise.resolve(look(config)));
}

function settings(config: object = {}): void {
  const all = { "cloudlet:nodes": sampleNodes, ...config };
  writeFileSync("Pulumi.home.yaml", stringify({ config: all }));
}

beforeEach(() => {
  jest.resetAllMocks();
  process.chdir(mkdtempSync(join(tmpdir(), "cloudlet-preview-")));
  settings();
  phones(allAnswer);
});

afterEach(() => {
  process.chdir(home);
  process.exitCode = undefined;
  delete process.env.PULUMI_DEBUG_COMMANDS;
});

describe("a refresh", () => {
  it("is safe where a master answers and has a majority; only masters are asked, and the provider's connection is ready", async () => {
    expect(await canRefresh("org/home")).toBe(true);
    const [asked] = jest.mocked(observe).mock.calls[0]!;
    expect(asked.nodes.map(({ key }) => key)).toEqual(["pixel-1", "pixel-2", "pixel-3"]);
    const [config, masters] = jest.mocked(writeWorkspace).mock.calls[0]!;
    expect(config.nodes).toHaveLength(4);
    expect(masters).toEqual(["pixel-1", "pixel-2", "pixel-3"]);
  });

  it.each<[string, () => void]>([
    ["no phone answers", () => phones(noneAnswers)],
    ["masters answer without a majority, or in no swarm", () => phones(noMajority)],
    ["there is no login key, as in a pull request", () => phones(allAnswer, false)],
    ["the settings forbid a look", () => settings({ "cloudlet:observe": "never" })],
    ["the settings are wrong", () => settings({ "cloudlet:platform": "c64" })],
    [
      "the login key is wrong",
      () => jest.mocked(openWorkspace).mockRejectedValue(new ConfigError([])),
    ],
  ])("is left out where %s", async (_, prepare) => {
    prepare();
    expect(await canRefresh("home")).toBe(false);
  });

  it("logs in with a key that is a secret setting, and does without one that cannot be decrypted", async () => {
    settings({ "cloudlet:sshPrivateKey": { secure: "v1:x" } });
    jest.mocked(pulumiJson).mockResolvedValueOnce({ value: "the key" });
    expect(await canRefresh("home")).toBe(true);
    expect(jest.mocked(openWorkspace).mock.calls[0]![1]).toEqual({
      privateKey: "the key",
      dryRun: true,
    });
    jest.mocked(pulumiJson).mockRejectedValueOnce(new Error("incorrect passphrase"));
    await canRefresh("home");
    expect(jest.mocked(openWorkspace).mock.calls[1]![1].privateKey).toBeUndefined();
  });
});

describe("npm run preview and npm run up", () => {
  const called = () => jest.mocked(pulumi).mock.calls.map(([args]) => args);

  it("pass everything on to pulumi, with a refresh where that is safe", async () => {
    await runWithRefresh("up", ["-s", "home", "--yes", "--target", "urn:x", "--diff"]);
    expect(called()).toEqual([
      ["up", "--stack", "home", "--refresh", "--yes", "--target", "urn:x", "--diff"],
    ]);
    expect(process.exitCode).toBe(0);
  });

  it.each([
    [["--refresh=false"], ["--refresh=false"]],
    [["--refresh"], ["--refresh=true"]],
    [
      ["-r", "--diff"],
      ["--refresh=true", "--diff"],
    ],
  ])("leave it to the user who says %p", async (given, passed) => {
    await runWithRefresh("preview", ["--stack=home", ...given]);
    expect(called()).toEqual([["preview", "--stack", "home", ...passed]]);
    expect(observe).not.toHaveBeenCalled();
  });

  it("take the stack that is selected, and leave it to pulumi where there is none", async () => {
    phones(noneAnswers);
    jest
      .mocked(pulumiJson)
      .mockResolvedValueOnce([{ name: "dev" }, { name: "home", current: true }]);
    await runWithRefresh("preview", []);
    jest.mocked(pulumiJson).mockResolvedValueOnce([]);
    await runWithRefresh("preview", []);
    expect(called()).toEqual([["preview", "--stack", "home"], ["preview"]]);
  });

  it("write the engine's events, in the place of older ones", async () => {
    phones(noneAnswers);
    writeFileSync("events.jsonl", "old\n");
    await runWithRefresh("preview", ["-s", "home", "--events", "events.jsonl"]);
    const file = join(process.cwd(), "events.jsonl");
    expect(called()).toEqual([["preview", "--stack", "home", "--event-log", file]]);
    expect(process.env.PULUMI_DEBUG_COMMANDS).toBe("true");
  });

  it("end with pulumi's own exit code", async () => {
    const failure = Object.assign(new Error("Command failed"), { exitCode: 7 });
    jest.mocked(pulumi).mockRejectedValueOnce(failure);
    await runWithRefresh("preview", ["-s", "home", "--expect-no-changes"]);
    expect(process.exitCode).toBe(7);
    jest.mocked(pulumi).mockRejectedValueOnce(new Error("ENOENT"));
    await expect(runWithRefresh("preview", ["-s", "home"])).rejects.toThrow("ENOENT");
  });
});
