import { Fleet } from "../support/fleet";
import { waitFor } from "../support/wait-for";

// Services that go through the Engine API, on a real engine: what the docker provider cannot say, and updates that touch no task.

jest.setTimeout(300_000);

const IMAGE = "juangonzalout/go-coffeeshop-web:latest"; // a stand-in: the program that serves the coffee page
const PLAIN_IMAGE = "juangonzalout/go-coffeeshop-product:latest"; // one variable is enough for it
const stack = ({ replicas = 1, label = "a", variable = "1" } = {}) => `version: "3.13"
services:
  web:
    image: ${IMAGE}
    environment: { REVERSE_PROXY_URL: "http://x", WEB_PORT: "8888", A: "${variable}", B: "2" }
    ulimits: { nofile: { soft: 1024, hard: 2048 } }
    deploy:
      replicas: ${replicas}
      labels: { note: "${label}" }
      resources: { limits: { pids: 100 } }
`;
let fleet: Fleet;

const settings = () => ({
  platform: "linux/amd64",
  routingMesh: false,
  readyTimeoutSeconds: 60,
  ssh: { identityFile: ".cloudlet/simulated/id_ed25519" },
  nodes: { "pixel-1": fleet.node("pixel-1", "master") },
  stacks: { shop: { file: "stacks/shop.yml" } },
});

async function up(text: string): Promise<string> {
  fleet.project.writeFile("stacks/shop.yml", text);
  const { exitCode, output } = await fleet.project.up();
  if (exitCode !== 0) throw new Error(`up failed:\n${output}`);
  return output;
}

async function preview(text: string): Promise<string> {
  fleet.project.writeFile("stacks/shop.yml", text);
  return (await fleet.project.preview("--diff")).output;
}

const inspect = (format: string) =>
  fleet.docker("pixel-1", "service", "inspect", `--format=${format}`, "shop_web");
const tasks = () => fleet.taskIds("pixel-1", "shop_web");

beforeAll(async () => {
  fleet = await Fleet.open("engine-svc", "10.91.0.0/24", [{ name: "pixel-1", docker: "running" }]);
  fleet.project.writeSettings(settings());
  // The lock knows both images from the start.
  fleet.project.writeFile("stacks/shop.yml", `${stack()}  plain:\n    image: ${PLAIN_IMAGE}\n`);
  await fleet.lockImages();
  await up(stack());
});

afterAll(() => fleet.close());

it("deploys what the docker provider cannot say, and then has nothing to do", async () => {
  expect(await inspect("{{json .Spec.TaskTemplate.ContainerSpec.Ulimits}}")).toContain(
    '"Hard":2048',
  );
  expect(await inspect("{{.Spec.TaskTemplate.Resources.Limits.Pids}}")).toBe("100");
  expect(await fleet.project.plannedSteps("--refresh")).toEqual([]);
});

it("changes labels and replicas without restarting a task, though it has many variables", async () => {
  const before = await tasks();
  const changed = stack({ label: "b" });
  expect(await preview(changed)).toMatch(/note *: "a" => "b"/);
  await up(changed);
  expect(await inspect('{{index .Spec.Labels "note"}}')).toBe("b");
  expect(await tasks()).toEqual(before);
  await up(stack({ label: "b", replicas: 2 }));
  expect(await tasks()).toEqual(expect.arrayContaining(before));
  expect(await tasks()).toHaveLength(2);
});

it("rolls in place when a variable changes", async () => {
  const [id, before] = [await inspect("{{.ID}}"), await tasks()];
  await up(stack({ label: "b", replicas: 2, variable: "3" }));
  expect(await inspect("{{.ID}}")).toBe(id);
  expect((await tasks()).filter((task) => before.includes(task))).toEqual([]);
  // Docker's own way back is there too.
  expect(await inspect("{{json .PreviousSpec.TaskTemplate.ContainerSpec.Env}}")).toContain('"A=1"');
});

describe("what somebody changed by hand", () => {
  const now = stack({ label: "b", replicas: 2, variable: "3" });

  // And the wait for it.
  const REPAIR = [
    ["update", "shop_web"],
    ["update", "shop-ready"],
  ];

  it("shows as an update of that service alone, and is put right", async () => {
    await fleet.docker(
      "pixel-1",
      "service",
      "update",
      "--detach",
      "--env-add=X=1",
      "--quiet",
      "shop_web",
    );
    expect(await fleet.project.plannedSteps()).toEqual(REPAIR);
    await up(now);
    expect(await inspect("{{json .Spec.TaskTemplate.ContainerSpec.Env}}")).not.toContain("X=1");
    expect(await fleet.project.plannedSteps()).toEqual([]);
  });

  it("a service that is gone is made again, without a refresh", async () => {
    await fleet.docker("pixel-1", "service", "rm", "shop_web");
    await waitFor(
      "the service's containers to end",
      30,
      async () => (await fleet.docker("pixel-1", "ps", "-q")) === "" || undefined,
    );
    expect(await fleet.project.plannedSteps()).toEqual(REPAIR);
    await up(now);
    expect(await tasks()).toHaveLength(2);
  });
});

it("hands a service from the docker provider to the Engine API in place, and back by making it anew", async () => {
  const plain = `version: "3.13"\nservices:\n  web:\n    image: ${PLAIN_IMAGE}\n    environment: { APP_NAME: product }\n`;
  await up(plain); // back to the provider: the old one makes room
  const [id, before] = [await inspect("{{.ID}}"), await tasks()];
  expect(await fleet.project.exportState()).toContain("docker:index/service:Service");
  const labelled = `${plain}    labels: { a: "b" }\n`; // the provider would delete the service for a container label
  await up(labelled);
  expect(await inspect("{{.ID}}")).toBe(id);
  expect((await tasks()).length).toBe(before.length);
  expect(await fleet.project.exportState()).not.toContain("docker:index/service:Service");
  await up(plain);
  expect(await inspect("{{.ID}}")).not.toBe(id);
  expect(await fleet.project.plannedSteps()).toEqual([]);
});

describe("a config from a file", () => {
  const withConfig = (command = "") => `version: "3.13"
services:
  web:
    image: ${PLAIN_IMAGE}
    environment: { APP_NAME: product }
${command}    configs: [{ source: page, target: /page.txt, mode: 0400 }]
configs: { page: { file: page.txt } }
`;
  const configs = async () =>
    (await fleet.docker("pixel-1", "config", "ls", "--format={{.Name}}")).split("\n").sort();
  const used = () =>
    inspect("{{range .Spec.TaskTemplate.ContainerSpec.Configs}}{{.ConfigName}}{{end}}");
  const edit = (content: string) => {
    fleet.project.writeFile("stacks/page.txt", content);
  };

  it("is a new object when the file changes: the service rolls to it, and the old one goes last", async () => {
    edit("one");
    await up(withConfig());
    const [first] = await configs();
    expect(first).toMatch(/^shop_page_[0-9a-f]{10}$/);
    edit("two");
    await up(withConfig());
    const [second, ...others] = await configs();
    expect(others).toEqual([]);
    expect(second).not.toBe(first);
    expect(await used()).toBe(second);
    expect(
      await inspect("{{range .Spec.TaskTemplate.ContainerSpec.Configs}}{{.File.Mode}}{{end}}"),
    ).toMatch(/^(256|-r--------)$/);
  });

  it("keeps the old one while the service does not start with the new one", async () => {
    const [old] = await configs();
    edit("three");
    fleet.project.writeSettings({ ...settings(), readyTimeoutSeconds: 15 });
    fleet.project.writeFile(
      "stacks/shop.yml",
      withConfig('    entrypoint: ["/no/such/program"]\n'),
    );
    const failed = await fleet.project.up();
    expect(failed.output).toContain("shop_web: expected all its tasks running");
    expect(failed.exitCode).not.toBe(0);
    expect(await configs()).toContain(old);
    fleet.project.writeSettings(settings());
    await up(withConfig());
    expect(await configs()).toEqual([await used()]);
    expect(await fleet.project.plannedSteps()).toEqual([]);
  });
});

it("removes them with their stack, and the stubborn names are free again", async () => {
  fleet.project.writeSettings({ ...settings(), stacks: {} });
  expect((await fleet.project.up()).exitCode).toBe(0);
  expect(await fleet.docker("pixel-1", "service", "ls", "-q")).toBe("");
  expect(await fleet.docker("pixel-1", "config", "ls", "-q")).toBe("");
  expect(
    await fleet.docker(
      "pixel-1",
      "network",
      "ls",
      "-q",
      "--filter=label=com.docker.stack.namespace=shop",
    ),
  ).toBe("");
});
