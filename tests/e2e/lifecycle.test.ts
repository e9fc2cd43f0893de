import { copyFileSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { Fleet } from "../support/fleet";
import { ProcessWatch } from "../support/process-watch";
import { bothStacks as stacks } from "../support/sample-stacks";
import { waitFor } from "../support/wait-for";
import { runningTasks } from "../../ops/what-runs-where";

const PANEL_PASSWORD = "panel-Pa55word-e2e";
const DB_PASSWORD = "db-Pa55word-e2e";
const BROKER_PASSWORD = "broker-Pa55word-e2e";
const MINUTES = 60_000;
const COFFEE = [
  "postgres",
  "rabbitmq",
  "product",
  "counter",
  "barista",
  "kitchen",
  "proxy",
  "web",
].map((part) => `coffee_${part}`);

let fleet: Fleet;
let outputs = "";
let master: string;

function settings(changes: object = {}, moreNodes: object = {}): object {
  return {
    platform: "linux/amd64",
    routingMesh: false,
    readyTimeoutSeconds: 120,
    ssh: { identityFile: ".cloudlet/simulated/id_ed25519" },
    nodes: {
      "pixel-1": fleet.node("pixel-1", "master", { labels: { room: "lab" } }),
      "pixel-2": fleet.node("pixel-2", "master"),
      "pixel-3": fleet.node("pixel-3", "master"),
      "pixel-4": fleet.node("pixel-4", "compute"),
      ...moreNodes,
    },
    stacks,
    ...changes,
  };
}

async function up(): Promise<string> {
  const { exitCode, output } = await fleet.project.up();
  outputs += output;
  if (exitCode !== 0) throw new Error(`up failed:\n${output}`);
  return output;
}

function edit(file: string, from: string | RegExp, to: string): void {
  const text = readFileSync(fleet.project.path(file), "utf8");
  const changed = text.replace(from, to);
  expect(changed).not.toBe(text);
  fleet.project.writeFile(file, changed);
}

/** Waits until all tasks run, and none was started anew for longer than a restart's delay: parts whose connections broke end one after the other. */
async function restOfServices(): Promise<void> {
  let tasks = "";
  let since = Date.now();
  await waitFor("all tasks to run, the same for 15 s", 120, async () => {
    const services = ["portainer_agent", "portainer_portainer", ...COFFEE];
    const now = (await Promise.all(services.map((name) => fleet.taskIds("pixel-1", name)))).join();
    const replicas = await fleet.docker("pixel-1", "service", "ls", "--format", "{{.Replicas}}");
    if (now !== tasks || !/^((\d+)\/\2(\n|$))+$/.test(replicas)) since = Date.now();
    tasks = now;
    return Date.now() - since > 15_000 || undefined;
  });
}

beforeAll(async () => {
  fleet = await Fleet.open("e2e", "10.88.0.0/24", [
    { name: "pixel-1", docker: "stopped" },
    { name: "pixel-2", docker: "absent" },
    { name: "pixel-3", docker: "running" },
    { name: "pixel-4", docker: "absent" },
  ]);
  const { project } = fleet;
  await project.setSecret("portainerPassword", PANEL_PASSWORD);
  await project.setSecret("coffeeDbPassword", DB_PASSWORD);
  await project.setSecret("coffeeBrokerPassword", BROKER_PASSWORD);
  project.writeSettings(settings());
  await fleet.lockImages();
  master = fleet.lab.phone("pixel-1").address;
}, 10 * MINUTES);

afterAll(() => fleet?.close(), 2 * MINUTES);

describe("from phones with Docker stopped, absent, and in a swarm already", () => {
  it(
    "makes one swarm with the declared roles, labels and both stacks, and shows no token to anybody",
    async () => {
      const { lab } = fleet;
      // The third phone already manages a swarm: cloudlet adopts it, although the first phone is not in it.
      const address = lab.phone("pixel-3").address;
      await lab.exec("pixel-3", ["docker", "swarm", "init", "--advertise-addr", address]);
      const clusterId = await fleet.docker("pixel-3", "info", "--format", "{{.Swarm.Cluster.ID}}");
      const watch = new ProcessWatch(lab, ["pixel-1", "pixel-2", "pixel-3", "pixel-4"]);
      await up();
      const seen = await watch.stop();

      expect(await fleet.docker("pixel-1", "info", "--format", "{{.Swarm.Cluster.ID}}")).toBe(
        clusterId,
      );
      const format =
        '{{.Description.Hostname}} {{.Spec.Role}} {{.Spec.Availability}} {{.Status.State}} {{index .Spec.Labels "cloudlet.node"}} {{index .Spec.Labels "cloudlet.platform"}} {{or (index .Spec.Labels "room") "-"}}';
      const ids = (await fleet.docker("pixel-1", "node", "ls", "-q")).split("\n");
      expect(
        await fleet.dockerMap("pixel-1", "node", "inspect", "--format", format, ...ids),
      ).toEqual({
        "pixel-1": "manager active ready pixel-1 linux/amd64 lab",
        "pixel-2": "manager active ready pixel-2 linux/amd64 -",
        "pixel-3": "manager active ready pixel-3 linux/amd64 -",
        "pixel-4": "worker active ready pixel-4 linux/amd64 -",
      });
      const replicas = await fleet.dockerMap(
        "pixel-1",
        "service",
        "ls",
        "--format",
        "{{.Name}} {{.Replicas}}",
      );
      expect(replicas).toEqual({
        ...Object.fromEntries(COFFEE.map((name) => [name, "1/1"])),
        portainer_agent: "4/4",
        portainer_portainer: "1/1",
      });
      expect(seen.samples).toBeGreaterThan(20);
      expect(seen.commands.join("\n")).not.toMatch(/SWMTKN|Pa55word/);
    },
    8 * MINUTES,
  );

  // What `npm start` ends with.
  it("tells what runs where, and waits for nobody to type", async () => {
    const before = process.cwd();
    process.chdir(fleet.project.directory);
    try {
      const tasks = await runningTasks();
      const phonesOf = (name: string) =>
        tasks.filter(({ service }) => service === name).map(({ phone }) => phone);
      expect(phonesOf("portainer_agent")).toEqual(["pixel-1", "pixel-2", "pixel-3", "pixel-4"]);
      expect(phonesOf("coffee_postgres")).toEqual(["pixel-1"]);
    } finally {
      process.chdir(before);
    }
  });

  it("starts Docker at boot from now on", async () => {
    for (const phone of ["pixel-1", "pixel-2", "pixel-3", "pixel-4"]) {
      expect(
        (await fleet.lab.exec(phone, ["ls", "/etc/runlevels/default"])).stdout.split(/\s+/),
      ).toContain("docker");
    }
  });

  it(
    "opens the coffee shop: the page's data comes through all its parts, across phones",
    async () => {
      const page = await fleet.answers(`http://${master}:8888/`, (body) => /stand-in/i.test(body));
      expect(page).toMatch(/<html/i);
      const proxy = await fleet.answers(`http://${master}:8888/reverse-proxy-url`, (body) =>
        body.includes("5000"),
      );
      expect(proxy).toContain(`http://${master}:5000`);
      const menu = await fleet.answers(`http://${master}:5000/v1/api/item-types`, (body) =>
        body.includes("CAPPUCCINO"),
      );
      expect(JSON.parse(menu)).toBeTruthy();
      const orders = await fleet.answers(
        `http://${master}:5000/v1/fulfillment-orders`,
        (body) => body.startsWith("{") || body.startsWith("["),
      );
      expect(orders).toBeDefined();
    },
    2 * MINUTES,
  );

  it(
    "opens the panel: it is well, sees an agent on every phone, and lets the configured password in",
    async () => {
      await fleet.answers(`http://${master}:9000/api/system/status`, (body) =>
        body.includes("Version"),
      );
      const login = (Password: string) =>
        fetch(`http://${master}:9000/api/auth`, {
          method: "POST",
          body: JSON.stringify({ Username: "admin", Password }),
        });
      const right = await login(PANEL_PASSWORD);
      expect(right.status).toBe(200);
      expect(await right.json()).toHaveProperty("jwt");
      expect((await login("wrong-password")).status).toBeGreaterThanOrEqual(400);
      // The page fetches this list; the address is our stand-in's own.
      await fleet.answers(`http://${master}:9000/stand-in/agents`, (body) =>
        ["pixel-1", "pixel-2", "pixel-3", "pixel-4"].every((phone) => body.includes(phone)),
      );
    },
    2 * MINUTES,
  );
});

describe("when nothing changed", () => {
  it(
    "changes nothing in a second up",
    async () => {
      const output = await up();
      expect(output).toMatch(/\d+ unchanged/);
      expect(output).not.toMatch(/\d+ (created|updated|replaced|deleted)/);
    },
    2 * MINUTES,
  );

  it(
    "finds nothing to do in a refresh",
    async () => {
      expect(await fleet.project.plannedSteps("--refresh")).toEqual([]);
    },
    2 * MINUTES,
  );

  it(
    "previews no change while every phone is off the network",
    async () => {
      const phones = fleet.lab.phoneNames();
      await Promise.all(phones.map((name) => fleet.lab.unplug(name)));
      try {
        expect(await fleet.project.plannedSteps()).toEqual([]);
      } finally {
        await Promise.all(phones.map((name) => fleet.lab.plug(name)));
      }
      await waitFor("the swarm to be whole again", 90, async () => {
        const states = await fleet.docker("pixel-1", "node", "ls", "--format", "{{.Status}}");
        return /^(Ready\s*){4}$/.test(states) ? true : undefined;
      });
      await restOfServices();
    },
    5 * MINUTES,
  );
});

describe("an edited stack file", () => {
  it(
    "shows exactly the edited services in the preview, deploys them, and leaves the other services' tasks alone",
    async () => {
      const others = COFFEE.filter(
        (name) => !["coffee_web", "coffee_product", "coffee_barista"].includes(name),
      );
      const before = await Promise.all(others.map((name) => fleet.taskIds("pixel-1", name)));
      edit("stacks/go_coffee.yml", "go-coffeeshop-web:latest", "go-coffeeshop-web:v2");
      edit("stacks/go_coffee.yml", "APP_NAME: product-service", "APP_NAME: product-of-the-day");
      edit(
        "stacks/go_coffee.yml",
        /(APP_NAME: barista-service\n\s+IN_DOCKER: "true"\n\s+deploy:) \*deploy/,
        "$1\n      <<: *deploy\n      replicas: 2",
      );
      await fleet.lockImages();

      expect((await fleet.project.plannedSteps()).sort()).toEqual([
        ["update", "coffee-ready"],
        ["update", "coffee_barista"],
        ["update", "coffee_product"],
        ["update", "coffee_web"],
      ]);
      await up();

      const inspect = (name: string, format: string) =>
        fleet.docker("pixel-1", "service", "inspect", "--format", format, name);
      expect(await inspect("coffee_web", "{{.Spec.TaskTemplate.ContainerSpec.Image}}")).toContain(
        "go-coffeeshop-web:v2@sha256:",
      );
      expect(await inspect("coffee_product", "{{.Spec.TaskTemplate.ContainerSpec.Env}}")).toContain(
        "APP_NAME=product-of-the-day",
      );
      expect(
        await fleet.docker(
          "pixel-1",
          "service",
          "ls",
          "--filter",
          "name=coffee_barista",
          "--format",
          "{{.Replicas}}",
        ),
      ).toBe("2/2");
      expect(await Promise.all(others.map((name) => fleet.taskIds("pixel-1", name)))).toEqual(
        before,
      );
      expect(await fleet.project.plannedSteps()).toEqual([]);
    },
    5 * MINUTES,
  );
});

describe("removing services", () => {
  it(
    "removes one whose process ignores SIGTERM, and one that somebody removed by hand",
    async () => {
      const file = "stacks/extra.yml";
      copyFileSync(
        join(resolve(__dirname, "../fixtures/stacks"), "extra.yml"),
        fleet.project.path(file),
      );
      fleet.project.writeSettings(settings({ stacks: { ...stacks, extra: { file } } }));
      await fleet.lockImages();
      await up();
      expect(await fleet.taskIds("pixel-1", "extra_stubborn")).toHaveLength(1);
      await fleet.docker("pixel-1", "service", "rm", "extra_vanished");

      fleet.project.writeSettings(settings());
      await up();
      const left = await fleet.docker(
        "pixel-1",
        "service",
        "ls",
        "--filter",
        "label=com.docker.stack.namespace=extra",
        "-q",
      );
      expect(left).toBe("");
      expect(await fleet.project.plannedSteps()).toEqual([]);
    },
    6 * MINUTES,
  );

  it(
    "removes a stack with its networks and secrets, and leaves the other one alone",
    async () => {
      const before = await fleet.taskIds("pixel-1", "portainer_agent");
      fleet.project.writeSettings(settings({ stacks: { portainer: stacks.portainer } }));
      // Its secrets are not asked for any more, and an unused setting is an error.
      await fleet.project.pulumi(["config", "rm", "-s", "e2e", "cloudlet:coffeeDbPassword"]);
      await fleet.project.pulumi(["config", "rm", "-s", "e2e", "cloudlet:coffeeBrokerPassword"]);
      await up();
      for (const kind of ["service", "network", "secret", "config"]) {
        const left = await fleet.docker(
          "pixel-1",
          kind,
          "ls",
          "-q",
          "--filter",
          "label=com.docker.stack.namespace=coffee",
        );
        expect([kind, left]).toEqual([kind, ""]);
      }
      expect(await fleet.taskIds("pixel-1", "portainer_agent")).toEqual(before);
    },
    4 * MINUTES,
  );
});

describe("a fifth phone", () => {
  it(
    "joins, runs what runs everywhere, and leaves again",
    async () => {
      const portainer = { stacks: { portainer: stacks.portainer } };
      await fleet.lab.addPhone({ name: "pixel-5", docker: "absent" });
      fleet.project.writeSettings(
        settings(portainer, { "pixel-5": fleet.node("pixel-5", "compute") }),
      );
      await up();
      expect(await fleet.taskIds("pixel-1", "portainer_agent")).toHaveLength(5);

      fleet.project.writeSettings(settings(portainer));
      await up();
      const names = await fleet.docker("pixel-1", "node", "ls", "--format", "{{.Hostname}}");
      expect(names.split("\n").sort()).toEqual(["pixel-1", "pixel-2", "pixel-3", "pixel-4"]);
      expect(await fleet.docker("pixel-5", "info", "--format", "{{.Swarm.LocalNodeState}}")).toBe(
        "inactive",
      );
      expect(await fleet.project.plannedSteps()).toEqual([]);
    },
    6 * MINUTES,
  );
});

describe("a master that left by hand", () => {
  it(
    "is previewed as that, joins again, and has no second entry",
    async () => {
      await fleet.docker("pixel-3", "swarm", "leave", "--force");
      const preview = await fleet.project.preview();
      expect(preview.output).toMatch(/pixel-3-member.*it is not a member of the swarm/);
      expect(preview.output).toContain("~ 1 to update");
      const { exitCode, output } = await fleet.project.up();
      expect({ exitCode, output }).toMatchObject({ exitCode: 0 });
      const format = "{{.Hostname}} {{.Status}} {{.ManagerStatus}}";
      const nodes = await fleet.docker("pixel-1", "node", "ls", "--format", format);
      expect(nodes.split("\n").map((line) => line.trim().replace("Leader", "Reachable"))).toEqual(
        expect.arrayContaining([
          ...["pixel-1", "pixel-2", "pixel-3"].map((key) => `${key} Ready Reachable`),
          "pixel-4 Ready",
        ]),
      );
      expect(nodes.split("\n")).toHaveLength(4);
      expect(await fleet.project.plannedSteps()).toEqual([]);
    },
    5 * MINUTES,
  );
});

describe("a phone that the swarm knows at another address", () => {
  it(
    "is previewed as that, and joins again at its own",
    async () => {
      const { address } = fleet.lab.phone("pixel-4");
      const old = address.replace(/\d+$/, "114");
      const device = `$(ip -4 -o addr | awk '$4 ~ "^${address}/" { print $2 }')`;
      await fleet.lab.exec("pixel-4", ["sh", "-c", `ip addr add ${old}/24 dev ${device}`]);
      const token = await fleet.docker("pixel-1", "swarm", "join-token", "-q", "worker");
      // As if it had joined there from the beginning.
      const idOf = () => fleet.docker("pixel-4", "info", "--format", "{{.Swarm.NodeID}}");
      const before = await idOf();
      await fleet.docker("pixel-4", "swarm", "leave");
      await fleet.docker("pixel-1", "node", "rm", "--force", before);
      const options = ["--token", token, "--advertise-addr", old, `${master}:2377`];
      await fleet.docker("pixel-4", "swarm", "join", ...options);
      const nodeId = await idOf();
      await fleet.docker("pixel-1", "node", "update", "--label-add=cloudlet.node=pixel-4", nodeId);
      const { output } = await fleet.project.preview();
      expect(output).toContain(`pixel-4-member update`);
      expect(output).toContain(`address ${address} -> ${old}`);
      await up();
      expect(
        await fleet.docker("pixel-4", "info", "--format", "{{.Swarm.NodeAddr}} {{.Swarm.NodeID}}"),
      ).toMatch(new RegExp(`^${address} (?!${nodeId})`));
      const names = await fleet.docker("pixel-1", "node", "ls", "--format", "{{.Hostname}}");
      expect(names.split("\n").sort()).toEqual(["pixel-1", "pixel-2", "pixel-3", "pixel-4"]);
      expect(await fleet.project.plannedSteps()).toEqual([]);
    },
    5 * MINUTES,
  );
});

describe("secrets", () => {
  it(
    "are in no output and nowhere in clear in the state",
    async () => {
      const token = await fleet.docker("pixel-1", "swarm", "join-token", "-q", "manager");
      const workerToken = await fleet.docker("pixel-1", "swarm", "join-token", "-q", "worker");
      const privateKey =
        readFileSync(fleet.project.path(".cloudlet/simulated/id_ed25519"), "utf8").split("\n")[2] ??
        "";
      const state = await fleet.project.exportState();
      const secrets = [
        PANEL_PASSWORD,
        DB_PASSWORD,
        BROKER_PASSWORD,
        token,
        workerToken,
        privateKey,
      ];
      const logs = await Promise.all(
        fleet.lab
          .phoneNames()
          .map((phone) =>
            fleet.lab.exec(phone, ["find", "/var/log", "-type", "f", "-exec", "cat", "{}", "+"]),
          ),
      );
      const logged = logs.map(({ stdout }) => stdout).join("\n");
      expect(logged).toContain("API listen on /var/run/docker.sock");
      for (const secret of [
        ...secrets,
        ...secrets.map((text) => Buffer.from(text).toString("base64")),
      ]) {
        expect(secret).not.toBe("");
        expect(state.includes(secret)).toBe(false);
        expect(outputs.includes(secret)).toBe(false);
        expect(logged.includes(secret)).toBe(false);
      }
    },
    2 * MINUTES,
  );
});

describe("destroy", () => {
  it(
    "ends although a phone is off, names it, and leaves nothing of ours on the others",
    async () => {
      await fleet.lab.powerOff("pixel-4");
      const { exitCode, output } = await fleet.project.destroy();
      outputs += output;
      expect([exitCode, exitCode === 0 ? "" : output]).toEqual([0, ""]);
      expect(output).toContain(
        `pixel-4: it does not answer at ${fleet.lab.phone("pixel-4").address}`,
      );
      for (const phone of ["pixel-1", "pixel-2", "pixel-3"]) {
        expect(await fleet.docker(phone, "info", "--format", "{{.Swarm.LocalNodeState}}")).toBe(
          "inactive",
        );
        expect(await fleet.docker(phone, "ps", "-aq")).toBe("");
        // An engine that left clears its copies of the swarm's networks away in its own time.
        const networks = ["network", "ls", "-q", "--filter", "label=com.docker.stack.namespace"];
        await waitFor(`${phone} to have no network of ours`, 60, async () => {
          const left = await fleet.docker(phone, ...networks);
          return left === "" ? true : undefined;
        });
        const rules = await fleet.lab.exec(phone, ["nft", "list", "ruleset"]);
        expect(rules.stdout).not.toContain("cloudlet");
        const files = await fleet.lab.exec(
          phone,
          ["find", "/etc", "/var/lib/cloudlet", "-name", "*cloudlet*"],
          { allowFailure: true },
        );
        expect(files.stdout.split("\n").filter((file) => !file.includes("doas"))).toEqual([""]);
      }
      expect(await fleet.project.exportState()).not.toContain("urn:pulumi:e2e::cloudlet::command");
    },
    4 * MINUTES,
  );
});
