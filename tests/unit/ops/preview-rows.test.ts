import type { EngineRun, Inputs, Step } from "../../../ops/preview/engine-events";
import { membershipIn, peersIn, withoutPeers } from "../../../ops/preview/phone-scripts-text";
import { rowsOf } from "../../../ops/preview/rows";
import { setUpEngineScript } from "../../../nodes/phone-scripts";
import { changeEffect } from "../../../plan/change-effect";
import { firewallText } from "../../../plan/firewall";
import { serviceBody } from "../../../stacks/stack-scripts";
import { joinScript } from "../../../swarm/swarm-scripts";
import type { ServiceSpec } from "../../../compose/swarm-spec";
import { samplePlannedNode } from "../../support/sample-node";

const STACK = "cloudlet:stacks:ComposeStack";

function rows(steps: Partial<Step>[], run: Partial<EngineRun> = {}) {
  const whole = steps.map((step): Step => ({
    kind: "update",
    type: "command:local:Command",
    name: "shop_web",
    parent: { type: STACK, name: "shop" },
    before: {},
    after: {},
    wasRemovedByHand: false,
    ...step,
  }));
  const outputs = { before: {}, after: {} };
  return rowsOf({
    result: "succeeded",
    isPreview: true,
    steps: whole,
    messages: [],
    outputs,
    settings: {},
    ...run,
  });
}

const spec = (change: Partial<ServiceSpec> = {}, container: object = {}): ServiceSpec => ({
  Name: "shop_web",
  Labels: {},
  TaskTemplate: { ContainerSpec: { Image: "web:1@sha256:aaaaaaaaaaaaaaaa", ...container } },
  Mode: { Replicated: { Replicas: 2 } },
  ...change,
});
const body = (service: ServiceSpec): Inputs => ({
  stdin: serviceBody(service),
  environment: { REPAIR: "0" },
});
const change = (after: ServiceSpec, before = spec()) =>
  rows([{ before: body(before), after: body(after) }])[0];

describe("a service that is written through the Engine API", () => {
  it.each<[string, ServiceSpec, string[], string]>([
    [
      "another build of the same image",
      spec({}, { Image: "web:1@sha256:bbbbbbbbbbbbbbbb" }),
      ["image `web:1`, another build (`aaaaaaaaaaaa` → `bbbbbbbbbbbb`)"],
      "2 tasks restart",
    ],
    ["labels", spec({ Labels: { owner: "lab" } }), ["labels"], "no task restarts"],
    [
      "replicas",
      spec({ Mode: { Replicated: { Replicas: 1 } } }),
      ["replicas 2 → 1"],
      "no task restarts, 1 fewer",
    ],
    [
      "variables that come and go",
      spec({}, { Env: ["A=1", "B=2"] }),
      ["environment `A`", "environment `B`"],
      "2 tasks restart",
    ],
    [
      "several parts",
      spec(
        { EndpointSpec: { Ports: [{ TargetPort: 80, PublishedPort: 8080 }] } },
        { Healthcheck: { Test: ["CMD", "true"] }, Sysctls: { a: "1" } },
      ),
      ["ports", "healthcheck", "`a`"],
      "2 tasks restart",
    ],
  ])("%s", (_, after, changes, effect) => {
    expect(change(after)).toMatchObject({ changes, effect });
  });

  it("is down in between where Swarm refuses to change its mode", () => {
    expect(change(spec({ Mode: { Global: {} } }))).toMatchObject({
      changes: ["mode"],
      effect: "2 tasks restart, **down in between**",
    });
    const global = spec({ Mode: { Global: {} } });
    expect(change({ ...global, ...{ Labels: { a: "b" } } }, global)).toMatchObject({
      effect: "no task restarts",
    });
    expect(change(spec({ Mode: { Global: {} } }, { User: "x" }), global)).toMatchObject({
      effect: "its task on every phone restarts",
    });
  });

  it("takes what the program said of one that was changed by hand, in numbers", () => {
    const living = spec({}, { User: "somebody" });
    const said = changeEffect(spec(), ["TaskTemplate.ContainerSpec.User: a -> b"], "engine");
    const [row] = rows(
      [
        {
          before: body(living),
          after: { ...body(living), environment: { REPAIR: "1795400413" } },
        },
      ],
      { messages: [{ severity: "info", about: "shop_web", text: said }] },
    );
    expect(row).toMatchObject({
      changes: ["changed or removed by hand, written again as declared"],
      effect: "2 tasks restart",
      details: [said],
    });
  });
});

describe("a service that the docker provider writes", () => {
  const type = "docker:index/service:Service";
  const inputs = (container: object, rest: object = {}): Inputs => ({
    mode: { replicated: { replicas: 3 } },
    taskSpec: { containerSpec: { image: "web:1", ...container } },
    ...rest,
  });

  it("restarts no task for labels, whatever their order", () => {
    const labels = (...names: string[]) => names.map((label) => ({ label, value: label }));
    expect(
      rows([
        {
          type,
          before: inputs({}, { labels: labels("a", "b") }),
          after: inputs({}, { labels: labels("c", "b", "a") }),
        },
      ])[0],
    ).toMatchObject({ changes: ["labels"], effect: "no task restarts" });
  });

  it("is down in between where it is replaced", () => {
    const steps = [{ type, kind: "replace", before: inputs({}), after: inputs({ user: "x" }) }];
    expect(rows(steps as Partial<Step>[])[0]).toMatchObject({
      changes: ["`user`"],
      effect: "3 tasks restart, **down in between**",
    });
  });

  it("is removed first where it takes over from the Engine API", () => {
    const steps: Partial<Step>[] = [
      { kind: "create", type, after: inputs({ image: "web:1@sha256:aaaaaaaaaaaaaaaa" }) },
      { kind: "delete", before: body(spec()) },
    ];
    expect(rows(steps)).toMatchObject([
      {
        changes: ["written by the docker provider now"],
        effect: "2 tasks restart, **down in between**",
      },
    ]);
  });
});

describe("other rows", () => {
  it("leaves companions out, but where nothing else changes", () => {
    const ready: Partial<Step> = { name: "shop-ready", after: { create: "x" } };
    const dependencies = { ...ready, name: "other-dependencies-2" };
    const removal: Partial<Step> = { name: "shop_web-removal", after: { create: "x" } };
    expect(
      rows([ready, removal, { before: body(spec()), after: body(spec({}, { User: "x" })) }]),
    ).toHaveLength(1);
    expect(rows([ready, removal, dependencies])).toMatchObject([
      { name: "other", changes: ["the wait for its tasks: changes"] },
      { name: "shop", changes: ["the wait for its tasks: changes"] },
      { name: "shop_web", changes: ["how it is removed: changes"] },
    ]);
  });

  it("says when the swarm begins anew, which takes everything down", () => {
    const step = { name: "swarm-begun", parent: { type: "cloudlet:swarm:Swarm", name: "swarm" } };
    expect(rows([{ ...step, kind: "replace" }])).toMatchObject([
      { noun: "swarm", changes: ["begins anew"], effect: "**all services are down in between**" },
    ]);
  });

  it("names secrets and configs that are written through the Engine API", () => {
    const create = "sh .cloudlet/run-on-master .cloudlet/create-file.sh 'config shop_notes_1'";
    const after = { create, stdin: "{}" };
    expect(rows([{ kind: "create", name: "shop_notes", after }])).toMatchObject([
      { noun: "config", name: "shop_notes", changes: ["new"] },
    ]);
  });

  it("takes what the program says of a command that has no row of its own", () => {
    const messages = [{ severity: "info", about: "prune", text: "removes network a_b" }] as const;
    expect(rows([{ kind: "create", name: "prune" }], { messages })).toMatchObject([
      { noun: "other", name: "prune", changes: ["`removes network a_b`"] },
    ]);
  });

  it("orders phones by their numbers, before services", () => {
    const phone = (name: string): Partial<Step> => ({
      kind: "create",
      type: "cloudlet:nodes:PhoneNode",
      parent: { type: "", name: "" },
      name,
    });
    const service: Partial<Step> = { kind: "create", after: body(spec()) };
    const names = rows([service, phone("pixel-10"), phone("pixel-2")]).map(({ name }) => name);
    expect(names).toEqual(["pixel-2", "pixel-10", "shop_web"]);
  });
});

describe("a phone's row", () => {
  const member = (node: object) => ({
    environment: { JOIN: joinScript({ ...samplePlannedNode("compute"), ...node }) },
  });
  const step = (part: string, before: Inputs, after: Inputs): Partial<Step> => ({
    name: `pixel-a-${part}`,
    parent:
      part === "member"
        ? { type: "cloudlet:swarm:Swarm", name: "swarm" }
        : { type: "cloudlet:nodes:PhoneNode", name: "pixel-a" },
    before,
    after,
  });
  const outputs = (before: object, after: object) => ({
    outputs: {
      before: { nodes: { "pixel-a": before } },
      after: { nodes: { "pixel-a": after } },
    },
  });

  it("says that an address changes, and that its tasks move for it", () => {
    const steps = [step("member", member({}), member({ address: "10.0.0.9" }))];
    expect(rows(steps, outputs({ address: "10.0.0.1" }, { address: "10.0.0.9" }))).toMatchObject([
      {
        changes: ["address `10.0.0.1` → `10.0.0.9`"],
        effect: "leaves the swarm and joins again: its tasks move",
      },
    ]);
  });

  it("shows a script's lines where a newer cloudlet brings another one, and only then", () => {
    const engine = { stdin: "set -eu\nadd rule ip saddr { 10.0.0.2 } accept\nold\n" };
    const newer = { stdin: "set -eu\nadd rule ip saddr { 10.0.0.3 } accept\nnew\n" };
    expect(rows([step("engine", engine, newer)])).toMatchObject([
      {
        changes: ["firewall opens to `10.0.0.3`", "firewall closes to `10.0.0.2`", "set-up script"],
        details: ["- old", "+ new"],
      },
    ]);
    const undo = step("undo", { environment: { UNDO: "a" } }, { environment: { UNDO: "b" } });
    expect(rows([undo])).toMatchObject([{ changes: ["undo script"], details: ["- a", "+ b"] }]);
  });

  it("says when an engine restarts, or may have to", () => {
    const text = "its engine has to restart";
    const messages = [{ severity: "info", about: "pixel-a-member", text }] as const;
    expect(rows([step("member", { stdin: "1" }, { stdin: "2" })], { messages })).toMatchObject([
      { changes: [`repair: \`${text}\``], effect: "its tasks move, and its engine restarts" },
    ]);
    const effect =
      "its tasks move to other phones first, one of 3 masters is away for some seconds";
    const seen = [{ ...messages[0], text: `${text}; effect: ${effect}` }];
    expect(
      rows([step("member", { stdin: "1" }, { stdin: "2" })], { messages: seen }),
    ).toMatchObject([{ changes: [`repair: \`${text}\``], effect }]);
    expect(rows([step("engine", { stdin: "a" }, { stdin: "b" })])).toMatchObject([
      { changes: ["set-up script"], effect: "if its engine has to restart, its tasks move first" },
    ]);
  });

  it("tells of a changed login", () => {
    const login = (user: string, hostKey: string) => ({ connection: { user, hostKey } });
    expect(
      rows([step("engine", login("a", "ssh-ed25519 AA"), login("b", "ssh-ed25519 BB"))]),
    ).toMatchObject([{ changes: ["hostKey `ssh-ed25519 AA` → `ssh-ed25519 BB`", "user a → b"] }]);
  });
});

describe("what scripts say of settings", () => {
  it("is read off the script that the program makes", () => {
    const nodeLabels = { "cloudlet.node": "pixel-a", room: "living room", rack: "4" };
    const node = { ...samplePlannedNode("compute"), availability: "drain", nodeLabels } as const;
    expect(membershipIn(joinScript(node))).toEqual({
      availability: "drain",
      "label room": "living room",
      "label rack": "4",
    });
    expect(membershipIn("another script")).toEqual({});
  });

  it("is the peers that the firewall lets in, without which two phones' scripts are the same", () => {
    const script = (...peers: string[]) =>
      setUpEngineScript({ ...samplePlannedNode("compute"), firewall: firewallText(peers) });
    expect([...peersIn(script("10.0.0.3", "10.0.0.2"))]).toEqual(["10.0.0.2", "10.0.0.3"]);
    expect([...peersIn(script())]).toEqual([]);
    expect(withoutPeers(script("10.0.0.2"))).toBe(withoutPeers(script()));
  });
});
