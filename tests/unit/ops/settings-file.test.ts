import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "yaml";
import { withEntry, withoutEntry, writeFileAtomically } from "../../../ops/settings-file";

const entry = { address: "192.168.1.29", role: "compute", hostKey: "ssh-ed25519 AAAA" };
const at = (key: string) => ["config", "cloudlet:nodes", key];
const lines = `    pixel-9:
      address: 192.168.1.29
      role: compute
      hostKey: ssh-ed25519 AAAA
`;
const example = readFileSync(join(__dirname, "../../../Pulumi.example.yaml"), "utf8");
const dev = readFileSync(join(__dirname, "../../../Pulumi.dev.yaml"), "utf8");

const HEAD = `# At the top.

config:
  # Blanks   and  {flow}  stay.
  cloudlet:ssh: {identityFile: ~/.ssh/x,   user: me}   # so does this
  "cloudlet:nodes":   # the phones
    'pixel-1':   # the first
      address: "192.168.1.21"
      role:   master

      # which one
      hostKey: 'ssh-ed25519 BBBB'   # compared
`;
const TAIL = `
  # Of the next one.
  cloudlet:password:
    secure: v1:abc+/=:def
encryptionsalt: v1:salt:v1:x
# The end.
`;

describe("withEntry", () => {
  it("puts the phone behind the others, and keeps every other byte", () => {
    expect(withEntry(HEAD + TAIL, at("pixel-9"), entry)).toBe(HEAD + lines + TAIL);
  });

  it("puts it behind what is written of the last phone, also as a comment", () => {
    const comment = "      # port: 2222\n";
    expect(withEntry(HEAD + comment + TAIL, at("pixel-9"), entry)).toBe(
      HEAD + comment + lines + TAIL,
    );
  });

  it.each([
    ["the example", example],
    ["the simulated phones' settings", dev],
  ])("keeps every line of %s", (_, text) => {
    const result = withEntry(text, at("pixel-9"), entry);
    expect(result.replace(lines, "")).toBe(text);
    expect(parse(result)).toEqual({
      ...parse(text),
      config: {
        ...parse(text).config,
        "cloudlet:nodes": { ...parse(text).config["cloudlet:nodes"], "pixel-9": entry },
      },
    });
  });

  it.each([
    ["nothing", "  cloudlet:nodes:\n", "  cloudlet:nodes:\n"],
    ["nothing and a comment", "  cloudlet:nodes: # none\n", "  cloudlet:nodes: # none\n"],
    ["null", "  cloudlet:nodes: null # none\n", "  cloudlet:nodes: # none\n"],
    ["an empty map", "  cloudlet:nodes: {}\n", "  cloudlet:nodes:\n"],
    ["no nodes", "", "  cloudlet:nodes:\n"],
  ])("where the phones are %s", (_, before, after) => {
    const rest = "  # Kept.\n  cloudlet:observe: never # kept\n";
    const expected =
      before === "" ? `config:\n${rest}${after}${lines}` : `config:\n${after}${lines}${rest}`;
    expect(withEntry(`config:\n${before}${rest}`, at("pixel-9"), entry)).toBe(expected);
  });

  it.each([
    [
      "no config",
      "encryptionsalt: v1:x\n",
      `encryptionsalt: v1:x\nconfig:\n  cloudlet:nodes:\n${lines}`,
    ],
    ["an empty config", "config: {}\n", `config:\n  cloudlet:nodes:\n${lines}`],
    ["comments only", "# Mine.\n", `# Mine.\nconfig:\n  cloudlet:nodes:\n${lines}`],
    ["an empty text", "", `config:\n  cloudlet:nodes:\n${lines}`],
    ["no end of the last line", "a: 1", `a: 1\nconfig:\n  cloudlet:nodes:\n${lines}`],
  ])("where there is %s", (_, before, after) => {
    expect(withEntry(before, at("pixel-9"), entry)).toBe(after);
  });

  it("begins a file that is not there, and says what it is", () => {
    const text = withEntry(undefined, at("pixel-9"), entry);
    expect(text).toMatch(/^# Settings of .*\n/);
    expect(text.endsWith(`\nconfig:\n  cloudlet:nodes:\n${lines}`)).toBe(true);
  });

  it("keeps the ends of lines of another system", () => {
    const text = HEAD.replaceAll("\n", "\r\n");
    expect(withEntry(text, at("pixel-9"), entry)).toBe(text + lines.replaceAll("\n", "\r\n"));
  });

  it("writes into a map in flow style, and keeps comments and order", () => {
    const text = "# Top.\nconfig:\n  cloudlet:nodes: {pixel-1: {role: master}} # flow\n  b: 1\n";
    const result = withEntry(text, at("pixel-9"), entry);
    expect(result).toBe(
      text.replace(
        "master}}",
        "master}, pixel-9: {address: 192.168.1.29, role: compute, hostKey: ssh-ed25519 AAAA}}",
      ),
    );
  });

  it.each([
    ["a text", "config:\n  cloudlet:nodes: many\n"],
    ["a list", "- config\n"],
  ])("refuses to write into %s", (_, text) => {
    expect(() => withEntry(text, at("pixel-9"), entry)).toThrow(
      "expected a map that can be written to",
    );
  });

  it("refuses what is no YAML, without showing it", () => {
    expect(() => withEntry("config: {secret", at("x"), entry)).toThrow(
      "settings: expected YAML, got something else",
    );
  });
});

describe("withoutEntry", () => {
  it.each([
    ["the last phone", HEAD + lines + TAIL, "pixel-9", HEAD + TAIL],
    [
      "the first phone",
      `config:\n  cloudlet:nodes:\n    a:\n      role: x # its\n      # own\n${lines}`,
      "a",
      `config:\n  cloudlet:nodes:\n${lines}`,
    ],
    [
      "the only phone",
      `config:\n  cloudlet:nodes: # all\n${lines}  b: 1\n`,
      "pixel-9",
      "config:\n  cloudlet:nodes: {} # all\n  b: 1\n",
    ],
    [
      "the only phone under a quoted key",
      `config:\n  "cloudlet:nodes":\n${lines}`,
      "pixel-9",
      'config:\n  "cloudlet:nodes": {}\n',
    ],
  ])("takes out %s and keeps every other byte", (_, before, key, after) => {
    expect(withoutEntry(before, at(key))).toBe(after);
  });

  it.each(["pixel-1", "pixel-2", "pixel-3", "pixel-4"])(
    "of the example takes %s out only",
    (key) => {
      const result = withoutEntry(example, at(key));
      const expected = parse(example);
      delete expected.config["cloudlet:nodes"][key];
      expect(parse(result)).toEqual(expected);
      const kept = new Set(example.split("\n"));
      expect(result.split("\n").filter((line) => !kept.has(line))).toEqual([]);
      expect(result).toContain("  # What runs in the swarm: stack files");
    },
  );

  it("undoes an addition byte for byte", () => {
    expect(withoutEntry(withEntry(dev, at("pixel-9"), entry), at("pixel-9"))).toBe(dev);
  });
});

describe("writeFileAtomically", () => {
  it("keeps a file's mode and leaves nothing beside it", () => {
    const directory = mkdtempSync(join(tmpdir(), "cloudlet-settings-"));
    const path = join(directory, "Pulumi.home.yaml");
    writeFileSync(path, "old");
    chmodSync(path, 0o640);
    writeFileAtomically(path, "new");
    expect(readFileSync(path, "utf8")).toBe("new");
    expect(statSync(path).mode & 0o777).toBe(0o640);
    expect(readdirSync(directory)).toEqual(["Pulumi.home.yaml"]);
  });
});
