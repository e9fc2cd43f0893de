import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import execa from "execa";
import { parse } from "yaml";
import { MONITORING_IMAGES } from "../../sim/debian-images";
import { packDebianImages, unpackPackages } from "../../sim/pack-debian-images";
import { pushImages } from "../../sim/push-images";
import { Fleet } from "../support/fleet";
import { simulateSensors } from "../support/simulated-sensors";
import { waitFor } from "../support/wait-for";

// stacks/monitoring.yml as it is, with the real Prometheus, node exporter and docker command of Debian. Grafana is a stand-in,
// and so are the sensors.

const MINUTES = 60_000;
jest.setTimeout(2 * MINUTES);
const FILES = resolve(__dirname, "../../stacks/monitoring");
const PASSWORD = "panels-s3cret";
const PHONES = ["pixel-1", "pixel-2"];

interface Dashboard {
  readonly panels: { readonly title: string; readonly targets: { readonly expr: string }[] }[];
}
interface Alerts {
  readonly groups: { readonly rules: { readonly alert: string; readonly expr: string }[] }[];
}
/** One series of an answer. */
interface Sample {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: readonly [time: number, value: string];
}

const dashboard = JSON.parse(readFileSync(join(FILES, "grafana/fleet.json"), "utf8")) as Dashboard;
const alerts = parse(readFileSync(join(FILES, "alerts.yml"), "utf8")) as Alerts;
const panelQueries = dashboard.panels.flatMap(({ title, targets }) =>
  targets.map(({ expr }): [string, string] => [title, expr]),
);
const alertQueries = alerts.groups.flatMap(({ rules }) =>
  rules.map(({ alert, expr }): [string, string] => [alert, expr]),
);

let fleet: Fleet;
const log = (line: string) => process.stderr.write(`monitor: ${line}\n`);

async function ask<Data>(path: string, query: Record<string, string> = {}): Promise<Data> {
  const url = `http://${fleet.lab.phone("pixel-1").address}:9090/api/v1/${path}`;
  const response = await fetch(`${url}?${new URLSearchParams(query).toString()}`, {
    signal: AbortSignal.timeout(5000),
  });
  const answer = (await response.json()) as { status: string; data: Data; error?: string };
  if (answer.status !== "success") throw new Error(answer.error);
  return answer.data;
}

async function query(expression: string): Promise<readonly Sample[]> {
  return (await ask<{ result: readonly Sample[] }>("query", { query: expression })).result;
}

/** Values by phone, as soon as each phone has one. */
function valuesOf(expression: string): Promise<Record<string, number>> {
  return waitFor(`${expression} of each phone`, 90, async () => {
    const samples = (await query(expression)).map(({ metric, value }): [string, number] => [
      metric.phone ?? "",
      Number(value[1]),
    ]);
    const values = Object.fromEntries(samples);
    return PHONES.every((phone) => phone in values) ? values : undefined;
  });
}

async function containerOf(service: string): Promise<string> {
  return fleet.docker("pixel-1", "ps", "-q", "--filter", `name=monitoring_${service}.`);
}

beforeAll(async () => {
  fleet = await Fleet.open(
    "monitor",
    "10.104.0.0/24",
    PHONES.map((name) => ({ name, docker: "running" })),
  );
  const { lab, project } = fleet;
  await pushImages(lab.registry, await packDebianImages(MONITORING_IMAGES, log));
  const cool = { percent: 80, celsius: 30, status: "Charging" } as const;
  await simulateSensors(lab, "pixel-1", { celsius: 41.5, battery: cool });
  const empty = { percent: 9, celsius: 54.5, status: "Discharging" } as const;
  await simulateSensors(lab, "pixel-2", { celsius: 91, battery: empty });

  // As docs/monitoring.md tells those who want to ask Prometheus themselves.
  project.writeFile(
    "stacks/ask-prometheus.yml",
    'version: "3.8"\nservices:\n  prometheus:\n    ports: ["9090:9090"]\n',
  );
  project.writeSettings({
    platform: "linux/amd64",
    routingMesh: false,
    readyTimeoutSeconds: 120,
    ssh: { identityFile: ".cloudlet/simulated/id_ed25519" },
    nodes: {
      "pixel-1": fleet.node("pixel-1", "master"),
      "pixel-2": fleet.node("pixel-2", "compute"),
    },
    stacks: { monitoring: { files: ["stacks/monitoring.yml", "stacks/ask-prometheus.yml"] } },
  });
  await project.setSecret("grafanaPassword", PASSWORD);
  await fleet.lockImages();
  const { exitCode, output } = await project.up();
  if (exitCode !== 0) throw new Error(output);
}, 10 * MINUTES);

afterAll(() => fleet?.close(), 2 * MINUTES);

describe("Prometheus", () => {
  it("finds nothing to object to in its own files, where they are deployed", async () => {
    const container = await containerOf("prometheus");
    const config = "/etc/prometheus/prometheus.yml";
    const said = await fleet.docker(
      "pixel-1",
      "exec",
      container,
      "promtool",
      "check",
      "config",
      config,
    );
    expect(said).toContain("SUCCESS: 14 rules found");
    expect(said).toContain("SUCCESS: 9 rules found");
    expect(said).toContain(`${config} is valid prometheus config file syntax`);
  });

  it("has alerts that fire for what they are for, and not for sensors that are off", async () => {
    const promtool = join(await unpackPackages(log), "prometheus/usr/bin/promtool");
    const file = resolve(__dirname, "../fixtures/monitoring/alerts.test.yml");
    const { all } = await execa(promtool, ["test", "rules", file], { all: true, reject: false });
    expect(all).toMatch(/^Unit Testing: .*\n {2}SUCCESS\s*$/);
  });

  it("reaches the exporters of all phones, by Docker's names alone", async () => {
    interface Target {
      readonly labels: { readonly job: string };
      readonly health: string;
      readonly lastError: string;
    }
    const targets = await waitFor("all targets to be up", 60, async () => {
      const { activeTargets } = await ask<{ activeTargets: Target[] }>("targets");
      const up = activeTargets.filter(({ health }) => health === "up");
      return up.length === PHONES.length + 1 && up.length === activeTargets.length ? up : undefined;
    });
    expect(targets.map(({ labels }) => labels.job).sort()).toEqual([
      "phones",
      "phones",
      "prometheus",
    ]);
    expect(await valuesOf("phone:up")).toEqual({ "pixel-1": 1, "pixel-2": 1 });
  });

  it.each(panelQueries)("has data for the panel %s: %s", async (title, expression) => {
    const samples = await waitFor(`data for ${title}`, 90, async () => {
      const found = await query(expression);
      return found.length > 0 ? found : undefined;
    });
    expect(samples.map(({ value }) => Number(value[1])).filter(Number.isNaN)).toEqual([]);
  });

  it.each(alertQueries)("can evaluate the alert %s", async (alert, expression) => {
    expect(Array.isArray(await query(expression))).toBe(true);
    const { groups } = await ask<{
      groups: { rules: { name: string; health: string; lastError?: string }[] }[];
    }>("rules");
    const rule = groups.flatMap(({ rules }) => rules).find(({ name }) => name === alert);
    expect(rule).toMatchObject({ health: "ok" });
  });

  it("evaluates every recorded series without an error", async () => {
    const { groups } = await ask<{ groups: { rules: { name: string; health: string }[] }[] }>(
      "rules",
    );
    const rules = groups.flatMap(({ rules }) => rules);
    expect(rules.length).toBe(23);
    expect(rules.filter(({ health }) => health !== "ok")).toEqual([]);
  });
});

describe("the figures", () => {
  it("are those of the sensors", async () => {
    expect(await valuesOf("phone:temperature:celsius")).toEqual({ "pixel-1": 41.5, "pixel-2": 91 });
    expect(await valuesOf("phone:battery:percent")).toEqual({ "pixel-1": 80, "pixel-2": 9 });
    expect(await valuesOf("phone:battery_temperature:celsius")).toEqual({
      "pixel-1": 30,
      "pixel-2": 54.5,
    });
  });

  it.each(PHONES)("are those of %s and not of the exporter's container", async (phone) => {
    const script = "cat /proc/net/dev; df -Pk /var/lib/docker | tail -n1";
    const { stdout } = await fleet.lab.exec(phone, ["sh", "-c", script]);
    const lines = stdout
      .trim()
      .split("\n")
      .map((line) => line.trim().split(/[\s:]+/));
    const [, , , free = ""] = lines.at(-1) ?? [];
    const received = Number(lines.find(([device]) => device === "eth0")?.[1]);

    const of = `on (instance) instance:phone{phone="${phone}"}`;
    const samples = await query(`node_network_receive_bytes_total and ${of}`);
    expect(samples.map(({ metric }) => metric.device)).toEqual(["eth0"]);
    // The images alone were megabytes; what the container itself received is a fraction of that.
    expect(received).toBeGreaterThan(10_000_000);
    expect(Number(samples[0]?.value[1])).toBeGreaterThan(received / 2);
    expect(Number(samples[0]?.value[1])).toBeLessThanOrEqual(received);
    const [disk] = await query(`phone:disk_free:bytes{phone="${phone}"}`);
    expect(Number(disk?.value[1]) / (Number(free) * 1024)).toBeCloseTo(1, 1);
    const [memory] = await query(`phone:memory_used:ratio{phone="${phone}"}`);
    expect(Number(memory?.value[1])).toBeGreaterThan(0);
    expect(Number(memory?.value[1])).toBeLessThan(1);
  });

  it("are what the swarm says of its services", async () => {
    const services = ["node-exporter", "swarm-reader", "prometheus", "grafana"];
    const wanted = await query("cloudlet_service_tasks_wanted");
    const counts = wanted.map(({ metric, value }) => [metric.service, value[1]]);
    expect(Object.fromEntries(counts)).toEqual(
      Object.fromEntries(
        services.map((name) => [`monitoring_${name}`, name === "node-exporter" ? "2" : "1"]),
      ),
    );
    await waitFor("all tasks to be counted", 45, async () => {
      const running = await valuesOf("cloudlet_phone_tasks_running");
      return running["pixel-1"] === 4 && running["pixel-2"] === 1 ? running : undefined;
    });
  });
});

describe("alerts", () => {
  const stateOf = async (alert: string) =>
    (await query(`ALERTS{alertname="${alert}"}`)).map(({ metric }) => metric.phone);

  it("begin for the phone that is hot and has an empty battery, and for no other one", async () => {
    for (const alert of ["PhoneHot", "BatteryHot", "BatteryLow"])
      expect([alert, await stateOf(alert)]).toEqual([alert, ["pixel-2"]]);
    for (const alert of ["PhoneDown", "ClockWrong", "SwarmUnread"])
      expect([alert, await stateOf(alert)]).toEqual([alert, []]);
  });
});

describe("Grafana (a stand-in)", () => {
  it("is there, with its files, and its password in no environment", async () => {
    const { address } = fleet.lab.phone("pixel-1");
    await fleet.answers(`http://${address}:3000/api/health`, (body) =>
      body.includes('"database":"ok"'),
    );
    const inspected = await fleet.docker("pixel-1", "inspect", await containerOf("grafana"));
    expect(inspected).toContain("GF_SECURITY_ADMIN_PASSWORD__FILE=/run/secrets/grafana_password");
    expect(inspected).not.toContain(PASSWORD);
  });
});

describe("the stack", () => {
  it("has nothing to change when nothing changed", async () => {
    expect(await fleet.project.plannedSteps()).toEqual([]);
  });

  it("shows a phone that went off, although nobody can ask it any more", async () => {
    await fleet.lab.powerOff("pixel-2");
    await waitFor("the alert to begin", 100, async () => {
      const [down] = await query('ALERTS{alertname="PhoneDown"}');
      return down?.metric.phone === "pixel-2" ? true : undefined;
    });
    expect(await query('cloudlet_phone_ready{phone="pixel-1"} == 1')).toHaveLength(1);
    expect(await query('cloudlet_phone_tasks_running{phone="pixel-2"} == 0')).toHaveLength(1);
  });
});
