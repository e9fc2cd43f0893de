import { mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "yaml";
import { compareDeclared } from "../../../ops/preview/compare-declared";
import { copyDeclared, declaredSettings } from "../../../ops/preview/declared-project";
import { readEngineEvents } from "../../../ops/preview/engine-events";
import { reportRun } from "../../../ops/preview/report-run";

const fixture = (name: string) =>
  readFileSync(join(__dirname, "../../fixtures/previews", name), "utf8");
const [before, after] = [fixture("declared-before.jsonl"), fixture("declared-after.jsonl")];
const run = { stack: "home", settings: "config: {}\n" };
const table = (text: string) => text.split("\n").filter((line) => line.startsWith("| "));

describe("comparing two declarations", () => {
  it("finds what changes without any state: phones, services, what they use, and secrets encrypted anew", () => {
    const { text, succeeded } = reportRun({ ...run, events: after, base: before });
    expect(succeeded).toBe(true);
    expect(table(text).slice(2)).toEqual([
      "| phone `pixel-1` | firewall opens to `10.96.0.12` | no task restarts |",
      "| phone `pixel-2` | new compute | Docker is set up, and it joins the swarm |",
      "| service `shop_db` | environment `MORE`, environment `SIZE` | 1 task restarts |",
      "| service `shop_log` | image `cloudlet/probe:1` → `cloudlet/probe:2`, written through the Engine API now | 1 task restarts |",
      "| service `shop_web` | environment `GREETING`, secrets | 2 tasks restart |",
      "| secret `cloudlet:dbPassword` | encrypted anew | if it is another value, the services that use it restart |",
      "| secret `cloudlet:shopPanelPassword` | encrypted anew | if it is another value, the services that use it restart |",
      "| secret `shop_shop_panel_password` | another content | the services that use it restart |",
      "| config `shop_notes` | another content | the services that use it restart |",
    ]);
    expect(text).toContain("<sub>Compared with what the target branch declares");
  });

  it("finds nothing in two previews of the same, whenever they were made", () => {
    const later = before
      .replaceAll(/"sh -s -- \d+"/g, '"sh -s -- 1800000000"')
      .replaceAll(/"triggers":\[\d+\]/g, '"triggers":[1800000000]')
      .replaceAll(/"stdin":"\d{10}"/g, '"stdin":"1800000000"');
    expect(later).not.toBe(before);
    expect(compareDeclared(readEngineEvents(before), readEngineEvents(later)).steps).toEqual([]);
    expect(reportRun({ ...run, events: later, base: before }).text).toContain("`: no changes\n");
  });

  it("says that a service which the docker provider replaces is down in between", () => {
    const triggered = before.replaceAll(
      /("urn":"[^"]*::shop_web-removal".*?"triggers":)\[/g,
      '$1["another",',
    );
    const base = readEngineEvents(before);
    const changed = readEngineEvents(
      triggered.replaceAll('"replicated":{"__defaults":[],"replicas":2}', '"global":true'),
    );
    const steps = compareDeclared(base, changed).steps.map(({ kind, name }) => [kind, name]);
    expect(steps).toContainEqual(["replace", "shop_web"]);
  });

  it("shows everything as new where the target branch has problems of its own", () => {
    const { text } = reportRun({ ...run, events: after, base: "" });
    expect(text).toContain("| phone `pixel-1` | new master |");
    expect(text).toContain(
      "<sub>The target branch cannot be previewed, so everything shows as new",
    );
  });
});

const settings = `config:
  cloudlet:ssh: { user: me, identityFile: ~/.ssh/cloudlet }
  cloudlet:nodes: { pixel-1: { address: 10.0.0.1, token: { secure: v1:aaaa } } }
  cloudlet:dbPassword:
    secure: v1:bbbb
  cloudlet:sshPrivateKey:
    secure: v1:cccc
encryptionsalt: v1:dddd
`;

describe("declaredSettings", () => {
  const { text, secrets } = declaredSettings(settings);

  it("has nothing encrypted, no login key, and looks at no phone", () => {
    expect(parse(text)).toEqual({
      config: {
        "cloudlet:ssh": { user: "me", identityFile: ".cloudlet/no-key" },
        "cloudlet:nodes": {
          "pixel-1": { address: "10.0.0.1", token: expect.stringMatching(/^standin[0-9a-f]{16}$/) },
        },
        "cloudlet:observe": "never",
        "cloudlet-declared:secrets": JSON.stringify({
          dbPassword: secrets["cloudlet:dbPassword"],
        }),
      },
    });
  });

  it("gives each secret a stand-in that is fit for a URL, and another one for another encrypted text", () => {
    expect(Object.keys(secrets)).toEqual(["cloudlet:dbPassword"]);
    expect(secrets["cloudlet:dbPassword"]).toMatch(/^standin[0-9a-f]{16}$/);
    const again = declaredSettings(settings.replace("bbbb", "eeee")).secrets;
    expect(again["cloudlet:dbPassword"]).not.toBe(secrets["cloudlet:dbPassword"]);
    expect(declaredSettings(settings).secrets).toEqual(secrets);
  });

  it("refuses what is no map of settings, in the words of all commands", () => {
    const project = mkdtempSync(join(tmpdir(), "cloudlet-project-"));
    writeFileSync(join(project, "Pulumi.home.yaml"), "config: [1\n");
    expect(() => copyDeclared(project, join(project, "copy"), "home")).toThrow(
      "Pulumi.home.yaml: expected YAML, got something else",
    );
  });

  it("takes a file without settings for one", () => {
    expect(declaredSettings("").secrets).toEqual({});
  });
});

describe("copyDeclared", () => {
  it("leaves state, connections, other stacks' settings and the git folder behind", () => {
    const project = mkdtempSync(join(tmpdir(), "cloudlet-project-"));
    for (const folder of [".state", ".cloudlet", ".git", "node_modules", "stacks/deep"])
      mkdirSync(join(project, folder), { recursive: true });
    for (const file of [".env", "Pulumi.yaml", "Pulumi.dev.yaml", "stacks/deep/.env", "index.ts"])
      writeFileSync(join(project, file), "x: 1\n");
    writeFileSync(join(project, "Pulumi.home.yaml"), settings);
    const copy = join(mkdtempSync(join(tmpdir(), "cloudlet-copy-")), "copy");
    copyDeclared(project, copy, "home");
    expect(readdirSync(copy).sort()).toEqual(
      [".state", "Pulumi.home.yaml", "Pulumi.yaml", "index.ts", "node_modules", "stacks"].sort(),
    );
    expect(readdirSync(join(copy, "stacks/deep"))).toEqual([".env"]);
    expect(readFileSync(join(copy, "Pulumi.home.yaml"), "utf8")).not.toContain("secure");
    expect(readFileSync(join(project, "Pulumi.home.yaml"), "utf8")).toBe(settings);
  });
});
