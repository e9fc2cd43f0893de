import { Fleet } from "../support/fleet";
import { waitFor } from "../support/wait-for";

// A setting that engines only take when they start, changed for three masters that manage a swarm.

const MINUTES = 60_000;
const MASTERS: readonly string[] = ["pixel-1", "pixel-2", "pixel-3"];
const STACK = `services:
  web:
    image: cloudlet/probe:1
    deploy: { replicas: 2 }
`;

let fleet: Fleet;

async function up(maxFiles: number): Promise<string> {
  const nodes = MASTERS.map((name) => [name, fleet.node(name, "master")] as const);
  fleet.project.writeSettings({
    platform: "linux/amd64",
    routingMesh: false,
    ssh: { identityFile: ".cloudlet/simulated/id_ed25519" },
    engine: { logs: { maxFiles } },
    nodes: Object.fromEntries(nodes),
    stacks: { shop: { file: "stacks/shop.yml" } },
  });
  await fleet.lockImages();
  const { exitCode, output } = await fleet.project.up();
  if (exitCode !== 0) throw new Error(`up failed:\n${output}`);
  return output;
}

const processOf = async (phone: string): Promise<string | undefined> => {
  const { stdout } = await fleet.lab.exec(phone, ["sh", "-c", "pgrep -x dockerd || :"]);
  return stdout.trim() || undefined;
};

const processes = () => Promise.all(MASTERS.map(processOf));

const answers = async (phone: string): Promise<boolean> => {
  const command = ["sh", "-c", "docker node ls -q >/dev/null 2>&1 && echo yes || :"];
  return (await fleet.lab.exec(phone, command)).stdout.trim() === "yes";
};

beforeAll(async () => {
  const phones = MASTERS.map((name) => ({ name, docker: "running" as const }));
  fleet = await Fleet.open("engine-set", "10.107.0.0/24", phones);
  fleet.project.writeFile("stacks/shop.yml", STACK);
  await up(3);
}, 5 * MINUTES);

afterAll(() => fleet.close(), MINUTES);

it(
  "restarts every engine, so that two managers answer at every moment, and their tasks have what was set",
  async () => {
    const before = await processes();
    let least = MASTERS.length;
    let isDone = false;
    const watch = async (): Promise<void> => {
      while (!isDone) {
        const answered = await Promise.all(MASTERS.map(answers));
        least = Math.min(least, answered.filter(Boolean).length);
      }
    };
    const watching = watch();
    await up(4).finally(() => (isDone = true));
    await watching;
    expect(least).toBe(2);
    const after = await processes();
    expect(after.filter((id) => id === undefined || before.includes(id))).toEqual([]);
    const files = await waitFor("two tasks with what was set", 60, async () => {
      const all = await Promise.all(MASTERS.map(logFilesOfTasks));
      return all.flat().length === 2 ? all.flat() : undefined;
    });
    expect(files).toEqual(["4", "4"]);
  },
  5 * MINUTES,
);

async function logFilesOfTasks(phone: string): Promise<string[]> {
  const ids = (await fleet.docker(phone, "ps", "-q")).split("\n").filter((id) => id !== "");
  const format = '--format={{index .HostConfig.LogConfig.Config "max-file"}}';
  return Promise.all(ids.map((id) => fleet.docker(phone, "inspect", format, id)));
}
