import { ConfigError } from "../../../config/problem";
import { readSettings } from "../../../config/read-settings";

function read(all: Record<string, string>, secretNames: string[] = []) {
  return readSettings({ project: "cloudlet", all, secretNames: JSON.stringify(secretNames) });
}

describe("readSettings", () => {
  it.each<[string, unknown]>([
    ["linux/arm64", "linux/arm64"],
    ["true", true],
    ["false", false],
    ["truely", "truely"],
    ["600", 600],
    ["-1", -1],
    ["007", "007"],
    ["1.5", "1.5"],
    ["", ""],
    ['{"a":{"role":"master"}}', { a: { role: "master" } }],
    ["[1,2]", [1, 2]],
    ["{not json", "{not json"],
    ["null", "null"],
  ])("reads %j as the value that was set", (text, value) => {
    expect(read({ "cloudlet:x": text }).raw.values).toEqual({ x: value });
  });

  it("leaves other projects' and the providers' settings alone", () => {
    expect(read({ "docker:host": "ssh://x", "cloudlet-2:x": "1", "cloudlet:a:b": "c" })).toEqual({
      raw: { values: { "a:b": "c" }, secretNames: [] },
      secrets: {},
    });
  });

  it("keeps secrets, whatever they look like, out of everything that is parsed and shown", () => {
    const settings = read({ "cloudlet:platform": "linux/arm64", "cloudlet:panel": "true" }, [
      "cloudlet:panel",
    ]);
    expect(settings).toEqual({
      raw: { values: { platform: "linux/arm64" }, secretNames: ["panel"] },
      secrets: { panel: "true" },
    });
  });

  it("refuses a secret that hides inside a plain setting, without showing it", () => {
    const all = {
      "cloudlet:nodes": '{"a":{"hostKey":"hidden-text"}}',
      "cloudlet:stacks": '{"web":{"environment":{"PASSWORD":"hidden-text"}}}',
    };
    const advice =
      "expected a plain setting, got one with a secret in it; give the secret a top-level key of its own and name that";
    let caught: unknown;
    try {
      read(all, ["cloudlet:nodes", "cloudlet:stacks"]);
    } catch (error) {
      caught = error;
    }
    expect(caught).toBeInstanceOf(ConfigError);
    expect(String(caught)).toBe(
      `ConfigError: cloudlet:nodes: ${advice}\ncloudlet:stacks: ${advice}`,
    );
  });
});
