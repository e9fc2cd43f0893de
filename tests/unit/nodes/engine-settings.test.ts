import fc from "fast-check";
import { execFileSync } from "node:child_process";
import { MERGE_JSON } from "../../../nodes/merge-json";
import { setUpEngineScript, undoPhoneScript } from "../../../nodes/phone-scripts";
import { DAEMON_JSON, RESTART_MARK } from "../../../observe/facts-scripts";
import { engineSettings, settingsDrift, swarmPool } from "../../../plan/engine-settings";
import { sampleConfig, sampleNode } from "../../support/sample-config";
import { samplePlannedNode } from "../../support/sample-node";
import { shells } from "../../support/shells";
import { SimulatedPhone } from "../../support/simulated-phone";

const LOGS = { "log-driver": "json-file", "log-opts": { "max-size": "10m", "max-file": "3" } };
const MIRRORS = { "registry-mirrors": ["http://192.168.1.2:5000"] };
const mirrored = engineSettings(
  sampleConfig({ engine: { registryMirrors: MIRRORS["registry-mirrors"] } }),
);

/** What an awk of this machine makes of it: what changes, the file, and what was set. */
function merge(awk: readonly string[], inputs: Record<string, object>) {
  const env = Object.entries(inputs).map(([name, value]) => [name, JSON.stringify(value, null, 2)]);
  const [command = "", ...args] = awk;
  const said = execFileSync(command, [...args, MERGE_JSON], {
    env: { PATH: process.env.PATH, ...(Object.fromEntries(env) as Record<string, string>) },
    encoding: "utf8",
  });
  const [change = "", ...rest] = said.split("\n");
  const [file = "", set = ""] = rest.join("\n").split("---\n");
  return { change, file: JSON.parse(file) as object, set: JSON.parse(set) as object };
}

describe.each([
  ["this machine's awk", ["awk"]],
  ["busybox awk", ["busybox", "awk"]],
])("with %s", (_, awk) => {
  const nothing = { OURS: {}, BEFORE: {}, DEFAULTS: {}, DECLARED: {} };

  it.each<[string, Record<string, object>, ReturnType<typeof merge>]>([
    [
      "an empty file gets all",
      { CURRENT: {}, DEFAULTS: LOGS, DECLARED: MIRRORS },
      { change: "restart", file: { ...LOGS, ...MIRRORS }, set: { ...LOGS, ...MIRRORS } },
    ],
    [
      "what is there stays",
      { CURRENT: { ipv6: true }, DEFAULTS: LOGS },
      { change: "restart", file: { ipv6: true, ...LOGS }, set: LOGS },
    ],
    [
      "as it is",
      { CURRENT: { ipv6: true, ...LOGS }, OURS: LOGS, DEFAULTS: LOGS },
      { change: "same", file: { ipv6: true, ...LOGS }, set: LOGS },
    ],
    [
      "somebody's own log driver is left alone",
      { CURRENT: { "log-driver": "local" }, DEFAULTS: LOGS },
      { change: "same", file: { "log-driver": "local" }, set: {} },
    ],
    [
      "declared settings win",
      { CURRENT: { "registry-mirrors": [] }, DECLARED: MIRRORS },
      { change: "reload", file: MIRRORS, set: MIRRORS },
    ],
    [
      "what is declared no more becomes what it was",
      { CURRENT: MIRRORS, OURS: MIRRORS, BEFORE: { "registry-mirrors": ["a"] } },
      { change: "reload", file: { "registry-mirrors": ["a"] }, set: {} },
    ],
    [
      "or goes",
      { CURRENT: { ipv6: true, ...LOGS }, OURS: LOGS, BEFORE: { ipv6: false } },
      { change: "restart", file: { ipv6: true }, set: {} },
    ],
    [
      "what somebody changed since stays",
      { CURRENT: { "log-driver": "local" }, OURS: LOGS, BEFORE: {} },
      { change: "same", file: { "log-driver": "local" }, set: {} },
    ],
  ])("%s", (_name, inputs, expected) => {
    expect(merge(awk, { ...nothing, ...inputs })).toEqual(expected);
  });

  it("loses nothing of any object that it merges into", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue(), { maxKeys: 4 }), (current) => {
        fc.pre(!("log-driver" in current) && !JSON.stringify(current).includes("\\u0000"));
        const { file } = merge(awk, {
          ...nothing,
          CURRENT: current,
          DECLARED: { "log-driver": "x" },
        });
        expect(file).toEqual(JSON.parse(JSON.stringify({ ...current, "log-driver": "x" })));
      }),
      { numRuns: 60 },
    );
  });

  it.each(["", "[]", "{", '{"a": 1', '{"a": 1} x', '{"a": "b}'])(
    "takes %j for no object",
    (text) => {
      const [command = "", ...args] = awk;
      const run = () =>
        execFileSync(command, [...args, MERGE_JSON], {
          env: { PATH: process.env.PATH, CURRENT: text },
        });
      expect(run).toThrow(/Command failed/);
    },
  );
});

describe.each(shells)("in %s", (_, shell) => {
  const setUp = setUpEngineScript({ ...samplePlannedNode("compute"), engineSettings: mirrored });
  const undo = undoPhoneScript("pixel-4", "cloudlet");
  const inSwarm = (state: string) => ({
    docker: `case "$*" in *LocalNodeState*) echo ${state} ;; "ps -q") ;; esac`,
  });
  const restarts = (phone: SimulatedPhone) =>
    phone.calls().filter((call) => call === "rc-service -q docker stop").length;

  it("restarts an engine that is in no swarm, once", () => {
    const phone = new SimulatedPhone(inSwarm("inactive"));
    expect(phone.run(shell, setUp, "7")).toMatchObject({ status: 0, stderr: "" });
    expect(JSON.parse(phone.read(DAEMON_JSON))).toEqual({ ...LOGS, ...MIRRORS });
    expect(phone.run(shell, setUp, "8")).toMatchObject({ status: 0, stderr: "" });
    expect(restarts(phone)).toBe(1);
    expect(phone.has(RESTART_MARK)).toBe(false);
  });

  it("leaves a member running, and marks it", () => {
    const phone = new SimulatedPhone(inSwarm("active"));
    expect(phone.run(shell, setUp, "7")).toMatchObject({ status: 0, stderr: "" });
    expect(restarts(phone)).toBe(0);
    expect(phone.has(RESTART_MARK)).toBe(true);
  });

  it("tells a running engine of a mirror, which takes no restart", () => {
    const phone = new SimulatedPhone({ ...inSwarm("active"), kill: "" });
    phone.write(DAEMON_JSON, JSON.stringify({ ...LOGS, ipv6: true }));
    phone.write("/run/docker.pid", "2147483647\n");
    // The shell's own kill finds no such process; a phone's engine is there.
    expect(phone.run(shell, setUp.replaceAll("kill -HUP", "command echo HUP"), "7").status).toBe(0);
    expect(phone.has(RESTART_MARK)).toBe(false);
    expect(JSON.parse(phone.read(DAEMON_JSON))).toEqual({ ...LOGS, ipv6: true, ...MIRRORS });
  });

  it("changes nothing where the engine would not take the settings", () => {
    const dockerd =
      'case $1 in --help) echo " --validate" ;; *) echo "unknown key" >&2; exit 1 ;; esac';
    const phone = new SimulatedPhone({ ...inSwarm("active"), dockerd });
    phone.write(DAEMON_JSON, '{"ipv6":true}');
    expect(phone.run(shell, setUp, "7")).toMatchObject({
      status: 1,
      stderr: "pixel-4: Docker does not take its settings: unknown key\n",
    });
    expect(phone.read(DAEMON_JSON)).toBe('{"ipv6":true}');
    expect(phone.has(`${DAEMON_JSON}.new`)).toBe(false);
  });

  it("refuses a file that is no object, and says what to do", () => {
    const phone = new SimulatedPhone(inSwarm("active"));
    phone.write(DAEMON_JSON, '{"ipv6": true,');
    expect(phone.run(shell, setUp, "7")).toMatchObject({
      status: 1,
      stderr: `pixel-4: ${DAEMON_JSON} is no JSON object; mend it or move it away\n`,
    });
  });

  it.each([
    ["is gone again where there was none", undefined],
    ["is what it was", { ipv6: true, "log-driver": "local" }],
  ])("once undone, the file %s", (_name, before) => {
    const phone = new SimulatedPhone(inSwarm("inactive"));
    if (before !== undefined) phone.write(DAEMON_JSON, JSON.stringify(before));
    expect(phone.run(shell, setUp, "7").status).toBe(0);
    expect(phone.run(shell, undo)).toMatchObject({ status: 0, stderr: "" });
    expect(phone.has(DAEMON_JSON) ? JSON.parse(phone.read(DAEMON_JSON)) : undefined).toEqual(
      before,
    );
  });
});

describe("settingsDrift", () => {
  it.each<[string, object | undefined, string[]]>([
    ["as declared", { ...LOGS, ...MIRRORS, more: 1 }, []],
    [
      "no file",
      undefined,
      ["log-driver is missing", "log-opts is missing", "registry-mirrors is missing"],
    ],
    ["another log driver", { "log-driver": "local", ...MIRRORS }, []],
    ["another mirror", { ...LOGS, "registry-mirrors": [] }, ["registry-mirrors differs"]],
  ])("%s", (_, file, expected) => {
    expect(settingsDrift(mirrored, file as Record<string, unknown> | undefined)).toEqual(
      expected.map((what) => `daemon.json: ${what}`),
    );
  });
});

describe("settingsDrift of what we set ourselves", () => {
  const other = { "log-driver": "json-file", "log-opts": { "max-size": "5m", "max-file": "2" } };
  const ours = { ...other, ...MIRRORS };
  it.each<[string, object, object, string[]]>([
    ["other defaults now", { ...other, ...MIRRORS }, ours, ["log-opts differs"]],
    [
      "somebody changed a part of it since",
      { ...other, "log-driver": "local", ...MIRRORS },
      ours,
      ["log-opts is declared no more"],
    ],
    ["as declared", { ...LOGS, ...MIRRORS }, { ...LOGS, ...MIRRORS }, []],
    [
      "declared no more",
      { ...LOGS, ...MIRRORS, "default-address-pools": [] },
      { ...LOGS, ...MIRRORS, "default-address-pools": [] },
      ["default-address-pools is declared no more"],
    ],
    [
      "declared no more, and changed by somebody since",
      { ...LOGS, ...MIRRORS, "default-address-pools": [1] },
      { ...LOGS, ...MIRRORS, "default-address-pools": [] },
      [],
    ],
  ])("%s", (_, file, set, expected) => {
    const asRecord = (value: object) => value as Record<string, unknown>;
    expect(settingsDrift(mirrored, asRecord(file), asRecord(set))).toEqual(
      expected.map((what) => `daemon.json: ${what}`),
    );
  });
});

describe("swarmPool", () => {
  const at = (address: string, engine = {}) =>
    swarmPool(
      sampleConfig({ nodes: { a: { ...sampleNode(21, "master"), address } }, engine, stacks: {} }),
    );

  it("is Swarm's own, unless that overlaps the phones' network or another is asked for", () => {
    expect(at("192.168.1.21")).toBeUndefined();
    expect(at("10.0.1.21")).toBe("10.201.0.0/16");
    expect(at("10.86.0.11")).toBeUndefined();
    expect(at("10.0.1.21", { swarmPool: "10.77.0.0/16" })).toBe("10.77.0.0/16");
  });
});
