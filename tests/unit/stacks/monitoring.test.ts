import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import { convertStack } from "../../../compose/convert-stack";
import { MONITORING_IMAGES } from "../../../sim/debian-images";

const ROOT = resolve(__dirname, "../../..");
const read = (path: string) => readFileSync(join(ROOT, path), "utf8");

const { spec, warnings } = convertStack({
  stack: "monitoring",
  files: [{ path: "stacks/monitoring.yml", text: read("stacks/monitoring.yml") }],
  environment: { MASTER_NODE: "pixel-1", MASTER_NODE_IP: "192.168.1.21" },
  workingDirectory: join(ROOT, "stacks"),
  homeDirectory: "/root",
  readFile: (path) => (existsSync(path) ? readFileSync(path) : undefined),
});
const services = Object.fromEntries(
  Object.entries(spec.services).map(([name, service]) => [
    name.replace("monitoring_", ""),
    { ...service, container: service.TaskTemplate.ContainerSpec },
  ]),
);
const names = Object.keys(services);
const mountsOf = (name: string) => services[name]!.container.Mounts ?? [];
const filesOf = (name: string) =>
  (services[name]!.container.Configs ?? []).map(({ File }) => File?.Name ?? "");

describe("stacks/monitoring.yml", () => {
  it("converts without a warning", () => {
    expect(warnings).toEqual([]);
    expect(names.sort()).toEqual(["grafana", "node-exporter", "prometheus", "swarm-reader"]);
  });

  it("names the images that the simulation packs, with versions that stay what they are", () => {
    const images = names.map((name) => services[name]!.container.Image).sort();
    expect(images).toEqual(
      MONITORING_IMAGES.map(({ repository, tag }) => `${repository}:${tag}`).sort(),
    );
    for (const image of images) expect(image).toMatch(/:v?\d+\.\d+\.\d+(-cli)?$/);
  });

  it("lets one service alone reach the engine, and that one publishes nothing", () => {
    const reaching = names.filter((name) =>
      mountsOf(name).some(({ Source = "" }) => Source.includes("docker")),
    );
    expect(reaching).toEqual(["swarm-reader"]);
    const published = names.flatMap((name) =>
      (services[name]!.EndpointSpec?.Ports ?? []).map((port) => [name, port.PublishedPort]),
    );
    expect(published).toEqual([["grafana", 3000]]);
  });

  it("lets the exporters see nothing of a phone that they do not read, and write nowhere", () => {
    expect(mountsOf("node-exporter").filter(({ ReadOnly }) => ReadOnly !== true)).toEqual([]);
    expect(services["node-exporter"]!.container.ReadOnly).toBe(true);
    const sources = mountsOf("node-exporter")
      .filter(({ Type }) => Type === "bind")
      .map(({ Source }) => Source);
    expect(sources).not.toContain("/");
    expect(sources).not.toContain("/proc");
    for (const source of sources) expect(source).toMatch(/^\/(proc\/|sys$)/);
  });

  it("keeps what has data or figures on the first master, and an exporter on every phone", () => {
    for (const name of ["grafana", "prometheus", "swarm-reader"])
      expect(services[name]!.TaskTemplate.Placement?.Constraints).toContain(
        "node.labels.cloudlet.node == pixel-1",
      );
    expect(services["node-exporter"]!.Mode).toEqual({ Global: {} });
    expect(services["node-exporter"]!.TaskTemplate.Placement?.Constraints ?? []).toEqual([]);
  });

  it("bounds the memory of each, so that none of them takes a phone down", () => {
    for (const name of names)
      expect(services[name]!.TaskTemplate.Resources?.Limits?.MemoryBytes).toBeLessThanOrEqual(
        512 * 1024 * 1024,
      );
  });

  it("gives Grafana its password as a file", () => {
    const { Env = [], Secrets = [] } = services.grafana!.container;
    const file = "/run/secrets/grafana_password";
    expect(Env).toContain(`GF_SECURITY_ADMIN_PASSWORD__FILE=${file}`);
    expect(Secrets.map(({ SecretName }) => SecretName)).toEqual(["grafana_password"]);
    expect(Env.filter((line) => /PASSWORD=/.test(line))).toEqual([]);
  });

  it("puts every file where the program looks for it", () => {
    const { rule_files } = parse(read("stacks/monitoring/prometheus.yml")) as {
      rule_files: string[];
    };
    expect(filesOf("prometheus")).toEqual(
      expect.arrayContaining(["/etc/prometheus/prometheus.yml", ...rule_files]),
    );
    const { Env = [] } = services.grafana!.container;
    const home = /^GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH=(.*)$/m.exec(Env.join("\n"))?.[1];
    expect(filesOf("grafana")).toEqual([
      home,
      "/etc/grafana/provisioning/datasources/cloudlet.yml",
      "/etc/grafana/provisioning/dashboards/cloudlet.yml",
    ]);
    expect(services["swarm-reader"]!.container.Command).toContain(filesOf("swarm-reader")[0]);
  });
});

// As https://grafana.com/docs/grafana/latest/administration/provisioning/ and .../dashboards/build-dashboards/view-dashboard-json-model/
// describe them; a key that is not there would be ignored without a word.
const datasourceRef = z.strictObject({ type: z.literal("prometheus"), uid: z.string() });
const datasourcesShape = z.strictObject({
  apiVersion: z.literal(1),
  datasources: z.tuple([
    z.strictObject({
      name: z.string(),
      uid: z.string(),
      type: z.literal("prometheus"),
      access: z.enum(["proxy", "direct"]),
      url: z.url(),
      isDefault: z.boolean(),
      editable: z.boolean(),
      jsonData: z.strictObject({ httpMethod: z.enum(["GET", "POST"]), timeInterval: z.string() }),
    }),
  ]),
});
const providersShape = z.strictObject({
  apiVersion: z.literal(1),
  providers: z.tuple([
    z.strictObject({
      name: z.string(),
      type: z.literal("file"),
      allowUiUpdates: z.boolean(),
      options: z.strictObject({ path: z.string() }),
    }),
  ]),
});
const panelShape = z.strictObject({
  id: z.int().positive(),
  type: z.enum(["stat", "table", "timeseries"]),
  title: z.string().min(1),
  description: z.string().min(1),
  datasource: datasourceRef,
  gridPos: z.strictObject({ x: z.int(), y: z.int(), w: z.int(), h: z.int() }),
  fieldConfig: z.strictObject({
    defaults: z.looseObject({
      unit: z.enum(["none", "percentunit", "percent", "celsius", "Bps", "s"]).optional(),
    }),
    overrides: z.array(z.never()),
  }),
  options: z.looseObject({}),
  targets: z.array(
    z.strictObject({
      refId: z.string(),
      datasource: datasourceRef,
      editorMode: z.literal("code"),
      expr: z.string(),
      legendFormat: z.string(),
      instant: z.boolean(),
      range: z.boolean(),
      format: z.literal("table").optional(),
    }),
  ),
  transformations: z
    .array(z.strictObject({ id: z.enum(["organize", "merge"]), options: z.looseObject({}) }))
    .optional(),
});
const dashboardShape = z.looseObject({
  uid: z.string().max(40),
  title: z.string(),
  schemaVersion: z.int().min(36),
  time: z.strictObject({ from: z.string(), to: z.string() }),
  panels: z.array(panelShape),
});

describe("what Grafana is provisioned with", () => {
  const { datasources } = datasourcesShape.parse(
    parse(read("stacks/monitoring/grafana/datasource.yml")),
  );
  const { providers } = providersShape.parse(
    parse(read("stacks/monitoring/grafana/dashboards.yml")),
  );
  const dashboard = dashboardShape.parse(JSON.parse(read("stacks/monitoring/grafana/fleet.json")));
  const { panels } = dashboard;

  it("asks the Prometheus of the stack", () => {
    expect(datasources[0].url).toBe("http://prometheus:9090");
    const uids = panels.flatMap(({ datasource, targets }) => [
      datasource.uid,
      ...targets.map((target) => target.datasource.uid),
    ]);
    expect(new Set(uids)).toEqual(new Set([datasources[0].uid]));
    expect(
      filesOf("grafana").some((file) => file.startsWith(`${providers[0].options.path}/`)),
    ).toBe(true);
  });

  it("has panels that lie side by side, each with an id of its own", () => {
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, cell) => [x + (cell % w), y + Math.floor(cell / w)]),
    );
    expect(cells.filter(([x = 0]) => x >= 24)).toEqual([]);
    expect(new Set(cells.map((cell) => cell.join())).size).toBe(cells.length);
  });

  it("shows the fleet's processors, memory, disks, heat, batteries, network, clocks and tasks", () => {
    const titles = panels.map(({ title }) => title);
    for (const title of [
      ...["Processor", "Memory", "Disk", "Temperature", "Battery", "Received", "Sent", "Clock"],
      ...["Tasks of each phone", "Tasks of each service", "Alerts", "Phones ready"],
    ])
      expect(titles).toContain(title);
  });

  it("asks only for series that somebody writes, and all that is recorded is asked for", () => {
    interface Groups {
      groups: { rules: { record?: string; expr: string }[] }[];
    }
    const rulesIn = (file: string) =>
      (parse(read(`stacks/monitoring/${file}`)) as Groups).groups.flatMap(({ rules }) => rules);
    const recorded = rulesIn("rules.yml").map(({ record = "" }) => record);
    const figures = [...read("stacks/monitoring/read-swarm.sh").matchAll(/gauge\("(\w+)"/g)];
    const written = new Set([...recorded, ...figures.map(([, name = ""]) => name), "ALERTS"]);
    const series = (text: string) => text.match(/\b(?:phone:[\w:]+|cloudlet_\w+|ALERTS)\b/g) ?? [];
    const asked = panels.flatMap(({ targets }) => targets.flatMap(({ expr }) => series(expr)));
    const alerting = rulesIn("alerts.yml").flatMap(({ expr }) => series(expr));
    expect([...asked, ...alerting].filter((name) => !written.has(name))).toEqual([]);
    expect(
      panels.filter(({ targets }) => targets.some(({ expr }) => series(expr).length === 0)),
    ).toEqual([]);
    const used = new Set([...asked, ...alerting]);
    expect(recorded.filter((name) => name.startsWith("phone:") && !used.has(name))).toEqual([]);
  });
});

describe("the alerts", () => {
  const alerts = read("stacks/monitoring/alerts.yml");

  it.each([
    ["HOT_CELSIUS", "phone:temperature:celsius >= 85", "ops/status/condition-problems.ts", "85"],
    [
      "HOT_BATTERY_CELSIUS",
      "phone:battery_temperature:celsius >= 50",
      "ops/status/condition-problems.ts",
      "50",
    ],
    [
      "LOW_BATTERY_PERCENT",
      "phone:battery:percent > 0 <= 15",
      "ops/status/condition-problems.ts",
      "15",
    ],
    [
      "CLOCK_WARNED_SECONDS",
      "abs(phone:clock_ahead:seconds) >= 30",
      "plan/preflight-phone.ts",
      "30",
    ],
    [
      "LEAST_DISK_BYTES",
      "phone:disk_free:bytes < 1024 ^ 3",
      "plan/preflight-phone.ts",
      "1024 * MIB",
    ],
  ])("have the limit that status and preflight have: %s", (constant, expression, file, value) => {
    expect(alerts).toContain(expression);
    expect(read(file)).toContain(`const ${constant} = ${value};`);
  });
});
