import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { ServiceSpec } from "../../../compose/swarm-spec";
import { parseConfig } from "../../../config/parse-config";
import { overviewModel, type Overview, type OverviewService } from "../../../ops/overview/model";
import { overviewOfSettings } from "../../../ops/overview/of-settings";
import { renderOverview } from "../../../ops/overview/render-overview";
import type { Plan } from "../../../plan/plan";
import { planNodes } from "../../../plan/plan-nodes";
import { overlapping, textBoxes } from "../../support/text-boxes";

const root = join(__dirname, "../../..");
const hostKey = "ssh-ed25519 AAAA";

function planOf(phones: Record<string, object>, services: Partial<ServiceSpec>[]): Plan {
  const nodes = Object.fromEntries(
    Object.entries(phones).map(([key, node], index) => [
      key,
      { address: `192.168.100.${100 + index}`, hostKey, role: "compute", ...node },
    ]),
  );
  const planned = planNodes(parseConfig({ values: { nodes }, secretNames: [] }), new Map(), 0);
  return {
    nodes: planned,
    swarm: { firstMaster: planned[0]!, pool: undefined, found: "some", generation: 0 },
    undeclared: [],
    prune: false,
    notes: [],
    stacks: [
      {
        ...{ name: "shop", secrets: [], configs: [], external: [], sensitive: [], revision: "" },
        readyTimeoutSeconds: 1,
        networks: [
          { logicalName: "shop_net", spec: { Name: "shop_net", Driver: "overlay", Labels: {} } },
        ],
        services: services.map((spec) => ({
          logicalName: "",
          addresses: [],
          effect: "",
          dependsOn: [],
          portsWhere: "",
          engineReasons: [],
          drift: [],
          nextRepair: 0,
          spec: service(spec),
        })),
      },
    ],
  };
}

function service(spec: Partial<ServiceSpec>): ServiceSpec {
  return {
    Name: "shop_web",
    Labels: {},
    Mode: {},
    TaskTemplate: { ContainerSpec: { Image: "web" }, Networks: [{ Target: "shop_net" }] },
    ...spec,
  };
}

const placed = (...Constraints: string[]): Partial<ServiceSpec> => ({
  TaskTemplate: { ContainerSpec: { Image: "web" }, Placement: { Constraints } },
});
const phones = {
  "pixel-1": { role: "master" },
  "pixel-2": { labels: { room: "Lab" } },
  "pixel-3": { platform: "linux/arm64" },
  "pixel-4": { availability: "drain" },
};
const modelOf = (spec: Partial<ServiceSpec>): Overview =>
  overviewModel(planOf(phones, [spec]), { declaredIn: "x", simulated: false });

describe("overviewModel", () => {
  it.each<[string, string[], boolean[]]>([
    ["no constraint: on every phone that takes tasks", [], [true, true, true, false]],
    ["a role", ["node.role == manager"], [true, false, false, false]],
    ["another role", ["node.role!=manager"], [false, true, true, false]],
    ["a label in another case", ["node.labels.room == lab"], [false, true, false, false]],
    ["a label that a phone has not", ["node.labels.room != lab"], [true, false, true, false]],
    ["our own label", ["node.labels.cloudlet.node == pixel-3"], [false, false, true, false]],
    ["a machine", ["node.platform.arch == armv7l"], [true, true, false, false]],
    [
      "two that contradict each other",
      ["node.role == manager", "node.labels.room == lab"],
      [false, false, false, false],
    ],
    ["what only the phone knows", ["node.hostname == hammerhead"], [true, true, true, false]],
  ])("places a service by %s", (_, constraints, expected) => {
    expect(modelOf(placed(...constraints)).stacks[0]?.services[0]?.phones).toEqual(expected);
  });

  it.each<[string, Partial<ServiceSpec>, Partial<OverviewService>]>([
    ["one task by default", {}, { amount: "1 task", everywhere: false, networks: [0], ports: "" }],
    ["replicas", { Mode: { Replicated: { Replicas: 3 } } }, { amount: "3 tasks" }],
    ["a global service", { Mode: { Global: {} } }, { amount: "1 on each phone", everywhere: true }],
    [
      "a port of the routing mesh",
      { EndpointSpec: { Ports: [{ TargetPort: 80, PublishedPort: 8888 }] } },
      { ports: ":8888 on any phone" },
    ],
    [
      "a port of a pinned service's phone",
      {
        ...placed("node.role == manager"),
        EndpointSpec: {
          Ports: [{ TargetPort: 53, PublishedPort: 53, Protocol: "udp", PublishMode: "host" }],
        },
      },
      { ports: ":53/udp on pixel-1" },
    ],
    [
      "a port of whichever phone it runs on",
      { EndpointSpec: { Ports: [{ TargetPort: 80, PublishedPort: 80, PublishMode: "host" }] } },
      { ports: ":80 where it runs" },
    ],
  ])("tells %s", (_, spec, expected) => {
    expect(modelOf(spec).stacks[0]?.services[0]).toMatchObject({ name: "web", ...expected });
  });

  it("marks the first master and what takes no tasks", () => {
    expect(modelOf({}).phones.map(({ job }) => job)).toEqual([
      "first master",
      "compute",
      "compute",
      "compute, drain",
    ]);
  });
});

describe("renderOverview", () => {
  const long = "a-name-that-is-as-long-as-the-settings-allow-and-then-it-is-cut";
  const services = (count: number): Partial<ServiceSpec>[] =>
    Array.from({ length: count }, (_, index) => ({
      Name: `shop_${index % 3 === 0 ? long : `service-${index}`}`,
      Mode: index % 4 === 0 ? { Global: {} } : { Replicated: { Replicas: 100 + index } },
      ...(index % 5 === 4 ? placed("node.labels.nowhere == yes") : {}),
      EndpointSpec: {
        Ports: [80, 443, 65_535].map((port) => ({ TargetPort: port, PublishedPort: port })),
      },
    }));
  const counts = Array.from({ length: 12 }, (_, index) => index + 1);

  it.each(counts)(
    "keeps every text apart from the others and inside the picture, with %d phones",
    (count) => {
      const fleet = Object.fromEntries(
        counts.slice(0, count).map((number) => [
          number % 2 === 0 ? `${long.slice(0, 60)}${number}` : `pixel-${number}`,
          {
            role: number === 1 ? "master" : "compute",
            availability: number === 2 ? "drain" : "active",
          },
        ]),
      );
      const plan = planOf(fleet, services(10));
      const svg = renderOverview(
        overviewModel(plan, { declaredIn: "Pulumi.home.yaml", simulated: true }),
        "light",
      );
      const boxes = textBoxes(svg);
      expect(boxes.length).toBeGreaterThan(10 + 4 * count);
      expect(overlapping(boxes)).toEqual([]);
      const [, width, height] = /viewBox="0 0 (\d+) (\d+)"/.exec(svg)?.map(Number) ?? [];
      expect(
        boxes.filter(({ left, right, bottom }) => left < 0 || right > width! || bottom > height!),
      ).toEqual([]);
    },
  );

  it("says so where a service fits no phone", () => {
    expect(renderOverview(modelOf(placed("node.labels.room == attic")), "light")).toContain(
      "web: fits no phone",
    );
  });

  it("shows names as they are, whatever they mean to SVG", () => {
    const svg = renderOverview({ ...modelOf({}), declaredIn: '<&"> ' }, "light");
    expect(svg).toContain("as &lt;&amp;&quot;&gt;  declares it");
  });

  it("follows the reader's colour scheme, or has one of its own", () => {
    const query = "@media (prefers-color-scheme: dark)";
    expect(renderOverview(modelOf({}), "as the reader likes it")).toContain(query);
    expect(renderOverview(modelOf({}), "dark")).not.toContain(query);
  });
});

describe("overviewOfSettings", () => {
  const draw = (text: string) =>
    overviewOfSettings({
      path: "x/Pulumi.a.yaml",
      text,
      projectDirectory: "/",
      readFile: () => undefined,
    });
  const node = (key: string, host: number, role: string) =>
    `    ${key}: {address: 10.0.0.${host}, role: ${role}, hostKey: ${hostKey}}\n`;

  it("takes for the first master the one that the engine hands over first: by key, not by place", () => {
    const nodes = ["zeta", "mid", "alpha"].map((key, host) => node(key, host + 1, "master"));
    const svg = draw(`config:\n  cloudlet:nodes:\n${nodes.join("")}`);
    expect([...svg.matchAll(/>(alpha|mid|zeta)</g)].map(([, key]) => key)).toEqual([
      "alpha",
      "mid",
      "zeta",
    ]);
  });

  it("names every problem of the settings instead of drawing them", () => {
    expect(() => draw("config:\n  cloudlet:nodes: {}\n")).toThrow(
      "cloudlet:nodes: expected 1, 3, 5 or 7 masters; a swarm needs one to exist, got none",
    );
  });
});

describe("docs/overview.svg", () => {
  const read = (path: string) => (existsSync(path) ? readFileSync(path) : undefined);

  it("shows Pulumi.dev.yaml as it is now; `npm run overview` draws it anew", () => {
    const path = "Pulumi.dev.yaml";
    const text = readFileSync(join(root, path), "utf8");
    const drawn = overviewOfSettings({ path, text, projectDirectory: root, readFile: read });
    expect(drawn).toContain("SIMULATED phones");
    expect(readFileSync(join(root, "docs/overview.svg"), "utf8")).toBe(drawn);
  });
});
