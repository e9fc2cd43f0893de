import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { PulumiProgram } from "./pulumi-program";

jest.setTimeout(120_000);

let program: PulumiProgram;

afterEach(() => program?.remove());

/** A service with everything around it; the host is of a network that leads nowhere. */
const source = `
  const docker = require("@pulumi/docker");
  const provider = new docker.Provider("master", {
    host: process.env.TEST_HOST,
    sshOpts: ["-F", ".cloudlet/ssh_config"],
    registryAuth: [{ address: "registry.example", username: "reader", password: "hidden-words" }],
  });
  const options = { provider };
  const network = new docker.Network("network", { name: "web", driver: "overlay", attachable: true }, options);
  const secret = new docker.Secret("secret", { name: "token-1a2b", data: "aGlkZGVuLXdvcmRz" }, options);
  const config = new docker.ServiceConfig("config", { name: "page-3c4d", data: "cGFnZQ==" }, options);
  new docker.Volume("volume", { name: "data" }, options);
  new docker.Service("service", {
    name: "web_page",
    labels: [{ label: "stack", value: "web" }],
    mode: { replicated: { replicas: 2 } },
    endpointSpec: { mode: "dnsrr", ports: [{ targetPort: 80, publishedPort: 8080, publishMode: "host" }] },
    taskSpec: {
      networksAdvanceds: [{ name: network.id, aliases: ["page"] }],
      restartPolicy: { condition: "any", delay: "5s", maxAttempts: 0, window: "0s" },
      containerSpec: {
        image: "nginx:1@sha256:${"a".repeat(64)}",
        stopGracePeriod: "30s",
        env: { KEY: "value" },
        secrets: [{ secretId: secret.id, secretName: secret.name, fileName: "/run/secrets/token" }],
        configs: [{ configId: config.id, configName: config.name, fileName: "/page" }],
      },
    },
  }, options);`;

test("a first preview of a service and all around it needs no connection, and shows no secret", async () => {
  program = await PulumiProgram.create(source);
  const { exitCode, output } = await program.run(["preview", "--diff", "-s", "test"], {
    TEST_HOST: "ssh://nobody@192.0.2.1",
  });
  expect(output).toContain("7 to create");
  expect(exitCode).toBe(0);
  for (const [name, value] of [
    ["host", '"ssh://nobody@192.0.2.1"'],
    ["registryAuth", "[secret]"],
    ["replicas", "2"],
    ["publishMode", '"host"'],
    ["stopGracePeriod", '"30s"'],
  ]) {
    expect(output).toMatch(new RegExp(`${name} *: ${value!.replace(/[[\]/.]/g, "\\$&")}`));
  }
  expect(output).toMatch(/sshOpts *: \(json\) \[\s*\[0\]: "-F"\s*\[1\]: "\.cloudlet\/ssh_config"/);
  expect(output).not.toContain("hidden-words");
});

test("an argument that the provider does not know is an error at the preview", async () => {
  program = await PulumiProgram.create(source.replace("attachable: true", 'driver: ["overlay"]'));
  const { exitCode, output } = await program.run(["preview", "-s", "test"], {
    TEST_HOST: "ssh://nobody@192.0.2.1",
  });
  expect(exitCode).toBe(1);
  expect(output).toContain("driver");
});

test("a deployment goes through ssh with the options given, and fails with ssh's own words", async () => {
  program = await PulumiProgram.create(source);
  const { exitCode, output } = await program.up({ TEST_HOST: "ssh://nobody@127.0.0.1:1" });
  expect(exitCode).toBe(1);
  expect(output).toContain("Can't open user config file .cloudlet/ssh_config");
});

test.each([
  ["docker", "5.2.0", ["Network", "Secret", "Service", "ServiceConfig", "Volume"]],
  ["command", "1.2.1", ["Command", "Command"]],
])("the schema of the %s provider has what the npm package sends", async (name, version, types) => {
  program = await PulumiProgram.create("");
  const text = await program.succeed("package", "get-schema", `${name}@${version}`);
  const schema = JSON.parse(text) as {
    name: string;
    version?: string;
    resources: Record<string, { inputProperties: object }>;
  };

  expect(schema.name).toBe(name);
  expect(Object.keys(schema.resources).map((token) => token.split(":")[2])).toEqual(types);
  for (const [token, { inputProperties }] of Object.entries(schema.resources)) {
    const missing = sentBySdk(token).filter((input) => !(input in inputProperties));
    expect([token, missing]).toEqual([token, notOffered[token] ?? []]);
  }
});

/** What the npm package offers and ours leaves out, as cloudlet needs none of it. */
const notOffered: Record<string, string[]> = {
  "command:local:Command": ["archivePaths", "assetPaths"],
};

/** The names of the arguments that the npm package's code sends for a resource. */
function sentBySdk(token: string): string[] {
  const [name, module, type] = token.split(":") as [string, string, string];
  const file = name === "docker" ? module.replace("index/", "") : `${module}/${type.toLowerCase()}`;
  const code = readFileSync(
    join(resolve(__dirname, "../../.."), "node_modules/@pulumi", name, `${file}.js`),
    "utf8",
  );
  const names = [...code.matchAll(/resourceInputs\["(\w+)"\] = .*args\??\./g)].map(
    ([, input]) => input!,
  );
  return [...new Set(names)].sort();
}
