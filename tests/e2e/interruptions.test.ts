import { cutSshSessions } from "../../sim/faults";
import { leaveNetworkBehind } from "../../sim/leave-network-behind";
import { breakOff, upUntil, type Break } from "../support/broken-up";
import type { PulumiResult } from "../support/cloudlet-project";
import { Fleet } from "../support/fleet";
import { waitFor } from "../support/wait-for";

const MINUTES = 60_000;
const SERVICES = ["service", "ls", "--format", "{{.Name}} {{.Replicas}}"];

let fleet: Fleet;

beforeAll(async () => {
  fleet = await Fleet.open(
    "interrupt",
    "10.100.0.0/24",
    ["pixel-1", "pixel-2"].map((name) => ({ name, docker: "stopped" })),
  );
  const { project } = fleet;
  project.writeFile("stacks/word.txt", "a word\n");
  // One service that the docker provider writes, one that we write, and what they use.
  project.writeFile(
    "stacks/small.yml",
    `services:
  one:
    image: cloudlet/probe:1
    secrets: [word]
    deploy: { mode: global }
  two:
    image: cloudlet/probe:1
    environment: { ONE: "1", TWO: "2" }
    configs: [page]
secrets: { word: { file: ./word.txt } }
configs: { page: { file: ./word.txt } }
`,
  );
  project.writeSettings(settings());
  await fleet.lockImages();
}, 10 * MINUTES);

afterAll(() => fleet?.close(), 2 * MINUTES);

function settings(stacks: object = {}): object {
  return {
    platform: "linux/amd64",
    routingMesh: false,
    readyTimeoutSeconds: 180,
    ssh: { identityFile: ".cloudlet/simulated/id_ed25519" },
    nodes: {
      "pixel-1": fleet.node("pixel-1", "master", { labels: { room: "lab" } }),
      "pixel-2": fleet.node("pixel-2", "compute"),
    },
    stacks: { small: { file: "stacks/small.yml" }, ...stacks },
  };
}

async function engineStart(phone: string): Promise<string> {
  const started = ["sh", "-c", "stat -c %Y /proc/$(cat /run/docker.pid)"];
  return (await fleet.lab.exec(phone, started)).stdout.trim();
}

/** The next `up`, after what its refusal or the documentation says where the stack is locked: no state surgery. */
async function nextUp(): Promise<PulumiResult> {
  const { project } = fleet;
  const first = await project.up();
  if (!first.output.includes("the stack is currently locked")) return first;
  await project.pulumi(["cancel", "-s", "e2e", "--yes"]);
  return project.up();
}

async function expectDeclared(): Promise<void> {
  const format =
    '{{.Description.Hostname}} {{.Spec.Role}} {{.Status.State}} {{index .Spec.Labels "cloudlet.node"}} {{or (index .Spec.Labels "room") "-"}}';
  const ids = (await fleet.docker("pixel-1", "node", "ls", "-q")).split("\n");
  expect(ids).toHaveLength(2);
  expect(await fleet.dockerMap("pixel-1", "node", "inspect", "--format", format, ...ids)).toEqual({
    "pixel-1": "manager ready pixel-1 lab",
    "pixel-2": "worker ready pixel-2 -",
  });
  expect(await fleet.dockerMap("pixel-1", ...SERVICES)).toEqual({
    small_one: "2/2",
    small_two: "1/1",
  });
  for (const kind of ["network", "secret", "config"]) {
    const ours = ["--filter", "label=com.docker.stack.namespace=small", "-q"];
    const found = await fleet.docker("pixel-1", kind, "ls", ...ours);
    expect([kind, found.split("\n")]).toEqual([kind, [expect.stringMatching(/./)]]);
  }
  expect(await fleet.project.plannedSteps("--refresh")).toEqual([]);
}

async function fromNothing(): Promise<void> {
  const { exitCode, output } = await fleet.project.destroy();
  expect([exitCode, exitCode === 0 ? "" : output]).toEqual([0, ""]);
}

async function expectUp(): Promise<string> {
  const { exitCode, output } = await fleet.project.up();
  expect([exitCode, exitCode === 0 ? "" : output]).toEqual([0, ""]);
  return output;
}

async function expectNextUpConverges(): Promise<void> {
  const { exitCode, output } = await nextUp();
  expect([exitCode, exitCode === 0 ? "" : output]).toEqual([0, ""]);
  await expectDeclared();
  await fromNothing();
}

/** Waits until a master has what the state does not know of yet: the worst moment. */
const untilThere = (kind: string, name: string) => async () => {
  await waitFor(`${kind} ${name} on the master`, 20, async () => {
    const found = await fleet.docker("pixel-1", kind, "ls", "-q", "--filter", `name=${name}`);
    return found === "" ? undefined : true;
  });
};
const atOnce = () => Promise.resolve();

describe("an up that is broken off: the next one converges, from whatever was there", () => {
  it.each<[Break, RegExp, () => Promise<void>]>([
    ["Ctrl-C", /swarm-begun creating/, atOnce],
    ["kill -9 of all", /Network small_default creating/, untilThere("network", "small_default")],
    ["kill -9 of all", /Secret small_word creating/, untilThere("secret", "small_word")],
    ["kill -9 of the CLI", /Service small_one creating/, untilThere("service", "small_one")],
  ])(
    "by %s at %s",
    async (kind, moment, worst) => {
      await upUntil(fleet.project, moment, async () => {
        await worst();
        breakOff(fleet.project, kind);
      });
      await expectNextUpConverges();
    },
    8 * MINUTES,
  );

  it.each<[string, RegExp, () => Promise<void>]>([
    ["cut SSH sessions", /pixel-2-engine creating/, () => cutSshSessions(fleet.lab, "pixel-2")],
    ["a phone's power cut", /pixel-2-member creating/, () => fleet.lab.powerOff("pixel-2")],
  ])(
    "by %s at %s",
    async (_, moment, cut) => {
      const begin = Date.now();
      await upUntil(fleet.project, moment, cut);
      // Nobody waits for a phone that will not answer any more.
      expect((Date.now() - begin) / 1000).toBeLessThan(90);
      await fleet.lab.powerOn("pixel-2");
      await expectNextUpConverges();
    },
    8 * MINUTES,
  );
});

describe("an engine that has lost a network, so that no task there joins it", () => {
  it.each([
    ["in a sandbox", 4500],
    ["beside all sandboxes", 4501],
  ] as const)(
    "is restarted by the up whose tasks need it: the network's interface is %s",
    async (where, vxlan) => {
      const { project, lab } = fleet;
      await expectUp();
      await leaveNetworkBehind(lab, "pixel-2", vxlan, where);
      const before = await engineStart("pixel-2");
      project.writeFile(
        "stacks/late.yml",
        `services: { all: { image: "cloudlet/probe:1", deploy: { mode: global } } }
networks: { default: { driver_opts: { com.docker.network.driver.overlay.vxlanid_list: "${vxlan}" } } }
`,
      );
      project.writeSettings(settings({ late: { file: "stacks/late.yml" } }));
      expect(await expectUp()).toContain(
        "pixel-2: its engine restarts, as no task there can join a network",
      );
      expect(await engineStart("pixel-2")).not.toBe(before);
      // The restart ended other stacks' tasks there as well.
      await waitFor("all tasks", 30, async () => {
        const running = Object.values(await fleet.dockerMap("pixel-1", ...SERVICES)).sort();
        return running.join() === "1/1,2/2,2/2" || undefined;
      });
      project.writeSettings(settings());
      await fromNothing();
    },
    8 * MINUTES,
  );
});
