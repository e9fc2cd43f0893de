import { readFileSync } from "node:fs";
import { join } from "node:path";
import { readEngineEvents } from "../../../ops/preview/engine-events";
import { renderReport, type ReportInputs } from "../../../ops/preview/report";
import { reportRun } from "../../../ops/preview/report-run";
import type { Row } from "../../../ops/preview/row";

// Previews and an up as the engine wrote them for four simulated phones and three stacks (fixtures/previews).
const fixture = (name: string) =>
  readFileSync(join(__dirname, "../../fixtures/previews", name), "utf8");

function report(name: string, settings = "config: {}\n"): string {
  return reportRun({ stack: "e2e", events: fixture(name), base: undefined, settings }).text;
}

/** Title, summary and table, without what is folded. */
const open = (text: string) => text.slice(0, text.indexOf("<details>")).trim().split("\n");

describe("the report of a recorded preview", () => {
  it("says what changes for each phone and service, and how many tasks restart", () => {
    expect(open(report("changed.jsonl"))).toEqual([
      "<!-- cloudlet preview of e2e -->",
      "## Preview of `e2e`: 2 phones, 7 services and 1 config",
      "",
      "8 tasks restart.",
      "",
      "| what | change | effect |",
      "| --- | --- | --- |",
      "| phone `pixel-3` | role compute → master | no task restarts |",
      "| phone `pixel-4` | role master → compute | no task restarts |",
      "| service `coffee_barista` | a secret value in it | 1 task restarts |",
      "| service `coffee_counter` | a secret value in it | 1 task restarts |",
      "| service `coffee_kitchen` | a secret value in it | 1 task restarts |",
      "| service `coffee_postgres` | a secret value in it | 1 task restarts |",
      "| service `coffee_web` | image `juangonzalout/go-coffeeshop-web:latest` → `juangonzalout/go-coffeeshop-web:2.0` | 1 task restarts |",
      "| service `shop_log` | configs | 1 task restarts |",
      "| service `shop_web` | replicas 2 → 3, image `cloudlet/probe:1` → `cloudlet/probe:2` | 2 tasks restart, 1 more |",
      "| config `shop_notes` | another content | the services that use it restart |",
    ]);
  });

  it("folds the details away, with old and new values and what Swarm does", () => {
    expect(report("changed.jsonl")).toContain(
      [
        "<details><summary>service <code>coffee_web</code></summary>",
        "",
        "```diff",
        "- Labels.com.docker.stack.image: juangonzalout/go-coffeeshop-web:latest",
        "+ Labels.com.docker.stack.image: juangonzalout/go-coffeeshop-web:2.0",
        "- TaskTemplate.ContainerSpec.Image: juangonzalout/go-coffeeshop-web:latest@sha256:4d08084705587fb7ddf75336839f0a3effb6f912532ee55970c5f17d9de0fbea",
        "+ TaskTemplate.ContainerSpec.Image: juangonzalout/go-coffeeshop-web:2.0@sha256:3333333305587fb7ddf75336839f0a3effb6f912532ee55970c5f17d9de0fbea",
        "updated in place: its task is restarted, one at a time, each stopped before its successor starts",
        "```",
        "",
        "</details>",
      ].join("\n"),
    );
  });

  it("names phones that come and go, what their peers' firewalls do, and what goes with a stack", () => {
    expect(open(report("members.jsonl")).slice(1)).toEqual([
      "## Preview of `e2e`: 5 phones, 2 services, 1 network and 1 config",
      "",
      "| what | change | effect |",
      "| --- | --- | --- |",
      "| phone `pixel-1` | firewall opens to `10.96.0.15`, firewall closes to `10.96.0.14` | no task restarts |",
      "| phone `pixel-2` | firewall opens to `10.96.0.15`, firewall closes to `10.96.0.14` | no task restarts |",
      "| phone `pixel-3` | availability active → drain, label room: `living room`, firewall opens to `10.96.0.15`, firewall closes to `10.96.0.14` | its tasks move to other phones |",
      "| phone `pixel-4` | removed, was master | its tasks move, and it leaves the swarm |",
      "| phone `pixel-5` | new master | Docker is set up, and it joins the swarm |",
      "| service `shop_log` | removed | 1 task stops |",
      "| service `shop_web` | removed | 2 tasks stop |",
      "| network `shop_front` | removed |  |",
      "| config `shop_notes` | removed |  |",
    ]);
  });

  it("says why phones and services are repaired, and what somebody changed or removed by hand", () => {
    expect(open(report("drift.jsonl")).slice(3)).toEqual([
      "2 tasks restart.",
      "",
      "| what | change | effect |",
      "| --- | --- | --- |",
      "| phone `pixel-3` | repair: `docker is not enabled at boot; docker is not running` | no task restarts |",
      "| service `coffee_proxy` | changed or removed by hand, written again as declared |  |",
      "| service `coffee_web` | changed or removed by hand, written again as declared | 1 task restarts |",
      "| service `shop_log` | removed by hand, made again: image `cloudlet/probe:1` | 1 task starts |",
      "| service `shop_web` | replicas 1 → 2, environment `GREETING` | 1 task restarts, 1 more |",
      "| config `shop_notes` | removed by hand, made again |  |",
    ]);
  });

  it("says that a network and its services were removed by hand", () => {
    expect(open(report("removed-by-hand.jsonl"))).toEqual(
      expect.arrayContaining([
        "| phone `pixel-3` | repair: `availability active -> drain` | no task restarts |",
        "| service `shop_web` | removed by hand, made again: image `cloudlet/probe:1` | 2 tasks start |",
        "| network `shop_front` | removed by hand, made again |  |",
      ]),
    );
  });

  it("says when a service gets another writer and another mode, which takes it down", () => {
    expect(open(report("noted.jsonl")).slice(3)).toEqual([
      "2 tasks restart and **1 service down in between**.",
      "",
      "| what | change | effect |",
      "| --- | --- | --- |",
      "| service `shop_web` | written through the Engine API now | 2 tasks restart, **down in between** |",
    ]);
  });

  it("says that nothing changes, with the notes and what it was compared with", () => {
    const text = report("unchanged.jsonl");
    expect(open(text)).toEqual([
      "<!-- cloudlet preview of e2e -->",
      "## Preview of `e2e`: no changes",
    ]);
    expect(text).toContain("<details><summary>4 notes</summary>");
    expect(text.trimEnd().split("\n").at(-1)).toBe(
      "<sub>Compared with the state of the last up; 4 phones not looked at.</sub>",
    );
  });

  it("tells of an up what it did", () => {
    const text = report("up.jsonl");
    expect(open(text)).toContain("## Up of `e2e`: 1 phone, 4 services and 1 config");
    expect(text).toContain("| service `shop_web` | replicas 1 → 2, environment `GREETING` |");
    expect(text).toContain("<sub>What this up did.</sub>");
  });

  it("lists the problems of one that failed, and nothing that it would change", () => {
    expect(report("refused-settings.jsonl", fixture("refused-settings.yaml"))).toBe(
      `<!-- cloudlet preview of e2e -->
## Preview of \`e2e\` failed: 3 problems

- \`Pulumi.e2e.yaml:17:7\` \`cloudlet:nodes.pixel-3.address: expected an IPv4 address, got "10.96.0.300"\`
- \`Pulumi.e2e.yaml:18:7\` \`cloudlet:nodes.pixel-3.role: expected master or compute, got "worker"\`
- \`Pulumi.e2e.yaml:37:7\` \`cloudlet:stacks.shop.colour: unknown setting; see Pulumi.example.yaml for the known ones\`

<sub>A preview changes nothing.</sub>
`,
    );
    expect(report("refused-stack-file.jsonl")).toContain(
      '- `stacks/shop.yml:14:16: services.log.networks[0] uses a network that is not defined, got "back"; define it under the top-level networks`\n',
    );
  });

  it("says when the engine was killed, or never began, instead of calling it unchanged", () => {
    const whole = fixture("changed.jsonl");
    const cut = whole.slice(0, whole.lastIndexOf('"summaryEvent"'));
    for (const events of [cut, ""]) {
      const { text, succeeded } = reportRun({
        stack: "e2e",
        events,
        base: undefined,
        settings: "a: 1\n",
      });
      expect(succeeded).toBe(false);
      expect(text).toContain("## Preview of `e2e` did not run to its end\n");
      expect(text).toContain("It ended before it could say why: see the job's log.");
      expect(text).not.toContain("| what |");
    }
  });

  it("finds what kept the engine from beginning where that is the settings file", () => {
    const run = { stack: "org/e2e", events: "", base: undefined };
    const broken = reportRun({ ...run, settings: "config:\n  a: [1\n<<<<<<< HEAD\n" });
    expect(broken.problems[0]).toMatchObject({ file: "Pulumi.e2e.yaml", line: 3, column: 1 });
    expect(reportRun({ ...run, settings: undefined }).text).toContain(
      "- `Pulumi.e2e.yaml: expected the settings of a Pulumi stack, got no such file`",
    );
  });
});

describe("a report never", () => {
  const names = ["changed", "members", "drift", "removed-by-hand", "noted", "unchanged", "up"];
  // What the simulated stacks' secrets were when the fixtures were recorded.
  const secrets = ["swordfish-panel", "swordfishDb", "swordfishDb2", "swordfishBroker"];
  const forms = secrets.flatMap((secret) => [
    secret,
    Buffer.from(secret).toString("base64"),
    encodeURIComponent(secret),
  ]);

  it.each(names)("shows a secret, in any form: %s", (name) => {
    const text = report(`${name}.jsonl`);
    expect(forms.filter((form) => text.includes(form))).toEqual([]);
  });

  it("shows a secret that the engine marks and leaves readable, nor what it logs for developers", () => {
    const marked = {
      "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
      plaintext: '"swordfish"',
    };
    const urn = "urn:pulumi:e2e::cloudlet::cloudlet:stacks:ComposeStack$x:y:Z::thing";
    const side = (inputs: object) => ({ parent: "", inputs, outputs: { stdout: "swordfish" } });
    const metadata = {
      op: "update",
      urn,
      type: "x:y:Z",
      old: side({ a: marked, b: 1 }),
      new: side({ a: { ...marked, plaintext: '"swordfish2"' }, b: 2, c: [marked] }),
    };
    const log = { severity: "debug", message: "swordfish", urn };
    const events = [
      { preludeEvent: { config: { "cloudlet:a": "swordfish" } } },
      { resourcePreEvent: { metadata } },
      { resOutputsEvent: { metadata } },
      { diagnosticEvent: log },
      { diagnosticEvent: { ...log, severity: "info", ephemeral: true } },
      { summaryEvent: { isPreview: true, result: "succeeded" } },
    ];
    const text = reportRun({
      stack: "e2e",
      events: events.map((event) => `${JSON.stringify(event)}\n`).join(""),
      base: undefined,
      settings: "",
    }).text;
    expect(text).toContain("- b: 1\n+ b: 2\n+ c[0]: [secret]\n");
    expect(text).not.toContain("swordfish");
  });

  it("shows what is in a config or a secret, which are only told apart by their names", () => {
    const text = report("changed.jsonl");
    expect(text).toContain("- name: shop_notes_71ea59d86d\n+ name: shop_notes_2245aae5a6\n");
    for (const content of ["Zmlyc3QK", "c2Vjb25kCg==", "first", "second"])
      expect(text).not.toContain(content);
  });
});

describe("a report's size", () => {
  const row = (index: number, lines: number): Row => ({
    noun: "service",
    name: `stack_service-${index}`,
    changes: ["image `a` → `b`"],
    effect: "1 task restarts",
    details: Array.from({ length: lines }, (_, line) => `+ ${"x".repeat(100)} ${line}`),
    tasks: { restarting: 1, isDown: false },
  });
  const inputs = (rows: Row[]): ReportInputs => ({
    stack: "home",
    result: "succeeded",
    isPreview: true,
    rows,
    problems: [],
    comparedWith: "the state",
  });

  it("stays below GitHub's limit, leaves out whole details and says so", () => {
    const text = renderReport(inputs(Array.from({ length: 40 }, (_, index) => row(index, 60))));
    expect(text.length).toBeLessThan(65_536);
    expect(text.match(/<details>/g)?.length).toBe(text.match(/<\/details>/g)?.length);
    expect(text).toContain("service-39`");
    expect(text).toContain("_The rest is left out here; the job's log has them all._");
    expect(text.trimEnd().endsWith("</sub>")).toBe(true);
  });

  it("keeps the sum and the first rows of a table that is too long itself", () => {
    const text = renderReport(inputs(Array.from({ length: 3000 }, (_, index) => row(index, 0))));
    expect(text.length).toBeLessThan(65_536);
    expect(text).toContain("3000 tasks restart.");
    expect(text).toMatch(/_\d+ more rows left out here; the job's log has them all\._/);
  });

  it("cuts what one resource alone has to tell", () => {
    const text = renderReport(inputs([row(1, 500)]));
    expect(text).toContain("... 420 more lines\n");
  });
});

describe("text of a pull request's author", () => {
  it("is shown, and neither mentions people nor ends a table, a block or a comment", () => {
    const hostile = "a | b `c` ```\n@team --> </details><script> <!-- \u202e";
    const text = renderReport({
      stack: "home",
      result: "succeeded",
      isPreview: true,
      rows: [
        { noun: "service", name: hostile, changes: ["x"], effect: "", details: [`+ ${hostile}`] },
      ],
      problems: [{ severity: "warning", text: hostile }],
      comparedWith: "the state",
    });
    expect(text).toContain(
      "| service ````a \\| b `c` ``` @team --> </details><script> <!--```` | x |  |\n",
    );
    expect(text).toContain(
      "service <code>a | b `c` ``` @team --&#62; &#60;/details&#62;&#60;script&#62;",
    );
    expect(text).toContain("````diff\n+ a | b `c` ```\n@team");
    expect(text).not.toContain("\u202e");
  });
});

describe("readEngineEvents", () => {
  it("refuses a file that is no event log", () => {
    expect(() => readEngineEvents("Previewing update\n")).toThrow(SyntaxError);
  });
});
