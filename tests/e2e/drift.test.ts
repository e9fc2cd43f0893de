import * as faults from "../../sim/faults";
import { Fleet } from "../support/fleet";
import { waitFor } from "../support/wait-for";

// `npm run preview` and `npm run up`: what somebody changed or removed by hand, whoever wrote it.

const MINUTES = 60_000;

const STACK_FILE = `services:
  web:
    image: cloudlet/probe:1
    environment: { GREETING: hello }
    networks: [front]
    secrets: [panel_password]
    deploy: { replicas: 2 }
  gap:
    image: cloudlet/probe:1
    environment: { A: "1", B: "2" }
    networks: [back]
    configs: [notes]
  plain:
    image: cloudlet/probe:1
    networks: [front]
networks:
  front:
  back:
configs:
  notes: { file: ./notes.txt }
secrets:
  panel_password: { external: true }
`;

let fleet: Fleet;

const npmRun = (command: "preview" | "up", ...options: string[]) =>
  fleet.project.command(`preview/${command}`, "--non-interactive", ...options);

/** The changed resources of a preview, as its lines name them. */
const changed = (output: string) =>
  [...output.matchAll(/^ ([+~-]+) +\S+ (\S+) (?:create|update|delete|replace)\b/gm)]
    .map(([, sign, name]) => `${sign} ${name}`)
    .filter((line, index, all) => all.indexOf(line) === index)
    .sort();

/** What the preview says of a resource that is no error. */
const messageOf = (resource: string, output: string) =>
  output.split(`(${resource}):\n`)[1]?.split("\n")[0]?.trim();

async function mend(): Promise<void> {
  for (const run of [
    await npmRun("up", "--yes", "--skip-preview"),
    await npmRun("preview", "--expect-no-changes"),
  ])
    expect([run.exitCode, run.exitCode === 0 ? "" : run.output]).toEqual([0, ""]);
}

const names = async (kind: "network" | "secret" | "config" | "service") =>
  (await fleet.docker("pixel-1", kind, "ls", "--format", "{{.Name}}"))
    .split("\n")
    .filter((name) => name.startsWith("shop_"))
    .map((name) => name.replace(/_[0-9a-f]{10}$/, ""))
    .sort();

const all = async () => ({
  networks: await names("network"),
  secrets: await names("secret"),
  configs: await names("config"),
  services: await names("service"),
});

const WHOLE = {
  networks: ["shop_back", "shop_front"],
  secrets: ["shop_panel_password"],
  configs: ["shop_notes"],
  services: ["shop_gap", "shop_plain", "shop_web"],
};

beforeAll(async () => {
  fleet = await Fleet.open("report", "10.96.0.0/24", [
    { name: "pixel-1", docker: "running" },
    { name: "pixel-2", docker: "running" },
  ]);
  fleet.project.writeFile("stacks/shop.yml", STACK_FILE);
  fleet.project.writeFile("stacks/notes.txt", "first\n");
  fleet.project.writeSettings({
    platform: "linux/amd64",
    routingMesh: false,
    ssh: {
      identityFile: ".cloudlet/simulated/id_ed25519",
      connectTimeoutSeconds: 1,
    },
    nodes: {
      "pixel-1": fleet.node("pixel-1", "master"),
      "pixel-2": fleet.node("pixel-2", "compute", { labels: { room: "lab" } }),
    },
    stacks: { shop: { file: "stacks/shop.yml" } },
  });
  await fleet.project.setSecret("panelPassword", "swordfish-panel");
  await fleet.lockImages();
}, 10 * MINUTES);

afterAll(() => fleet?.close(), 2 * MINUTES);

describe("npm run preview and npm run up", () => {
  it(
    "begin a swarm, and then have nothing to do",
    async () => {
      const first = await npmRun("up", "--yes", "--skip-preview");
      expect(first).toMatchObject({ exitCode: 0 });
      expect(await all()).toEqual(WHOLE);
      const again = await npmRun("preview", "--expect-no-changes");
      expect(again).toMatchObject({ exitCode: 0 });
    },
    4 * MINUTES,
  );

  it(
    "show and mend what was changed and removed by hand: services of both writers, networks, secrets, configs",
    async () => {
      const docker = (...args: string[]) => fleet.docker("pixel-1", ...args);
      await docker("service", "update", "--detach", "--replicas", "2", "shop_plain");
      await docker("service", "rm", "shop_web", "shop_gap");
      for (const kind of ["secret", "config"]) {
        const name = await docker(kind, "ls", "-q");
        await docker(kind, "rm", ...name.split("\n"));
      }
      // Swarm lets a network go once the last task on it has ended.
      await waitFor("the network to be free", 60, () =>
        docker("network", "rm", "shop_back").catch(() => undefined),
      );
      const { output, exitCode } = await npmRun("preview");
      expect(exitCode).toBe(0);
      expect(changed(output)).toEqual([
        "+ shop_back",
        "+ shop_notes",
        "+ shop_panel_password",
        "+ shop_web",
        // A repair is waited for.
        "~ shop-ready",
        "~ shop_gap",
        "~ shop_plain",
      ]);
      const mended = await npmRun("up", "--yes", "--skip-preview");
      expect(mended).toMatchObject({ exitCode: 0 });
      expect(await all()).toEqual(WHOLE);
      await waitFor("shop_plain to have one task again", 60, async () =>
        (await fleet.taskIds("pixel-1", "shop_plain")).length === 1 ? true : undefined,
      );
      expect(await npmRun("preview", "--expect-no-changes")).toMatchObject({
        exitCode: 0,
      });
    },
    4 * MINUTES,
  );

  it(
    "show and mend what was changed by hand on a phone, and say what that does to its tasks",
    async () => {
      const { lab } = fleet;
      await faults.disableDocker(lab, "pixel-2");
      await lab.exec("pixel-2", ["sh", "-c", "echo loop >> /etc/modules-load.d/cloudlet.conf"]);
      for (const option of ["--label-rm=room", "--availability=drain", "--role=manager"])
        await faults.updateNodeByHand(lab, "pixel-1", "pixel-2", option);
      const { output } = await npmRun("preview");
      expect(changed(output)).toEqual(["~ pixel-2-engine", "~ pixel-2-member"]);
      expect(messageOf("pixel-2-engine", output)).toBe(
        "docker is not enabled at boot; /etc/modules-load.d/cloudlet.conf is not as it was left; effect: no task restarts",
      );
      expect(messageOf("pixel-2-member", output)).toBe(
        "role compute -> master; availability active -> drain; label room: lab -> (missing); " +
          "effect: the swarm has 2 -> 1 masters, it gets new tasks again, and none moves back by itself",
      );
      await mend();
    },
    4 * MINUTES,
  );

  it(
    "show and mend a firewall that was closed, engine settings that are gone, and a Docker that was stopped",
    async () => {
      const { lab } = fleet;
      const file = "/etc/docker/daemon.json";
      await faults.closeFirewall(lab, "pixel-2");
      await lab.exec("pixel-2", ["sh", "-c", `echo '{}' > ${file}`]);
      const unset = (await npmRun("preview")).output;
      expect(messageOf("pixel-2-engine", unset)).toBe(
        "the firewall is closed to the other phones; daemon.json: log-driver is missing; daemon.json: log-opts is missing",
      );
      expect(messageOf("pixel-2-member", unset)).toBe(
        "its engine has to restart; effect: its tasks move to other phones first",
      );
      await mend();
      await faults.stopDocker(lab, "pixel-2");
      const stopped = (await npmRun("preview")).output;
      expect(changed(stopped)).toEqual(["~ pixel-2-engine"]);
      expect(messageOf("pixel-2-engine", stopped)).toBe("docker is not running");
      await mend();
    },
    4 * MINUTES,
  );

  it(
    "do not read back from phones that do not answer, where a refresh would fail",
    async () => {
      await Promise.all(["pixel-1", "pixel-2"].map((phone) => fleet.lab.unplug(phone)));
      const { exitCode, output } = await npmRun("preview", "--expect-no-changes");
      await Promise.all(["pixel-1", "pixel-2"].map((phone) => fleet.lab.plug(phone)));
      expect({ exitCode, output }).toMatchObject({ exitCode: 0 });
      expect(output).toContain("pixel-1: it does not answer at 10.96.0.11");
    },
    2 * MINUTES,
  );
});
