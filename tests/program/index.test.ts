import { cpSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import program from "../../index";
import { STACK_TOOLS } from "../../stacks/stack-tools";
import { registrationsOf, type Registration } from "../support/pulumi-mocks";
import { sampleNodes } from "../support/sample-config";
import { lockAllImages } from "../support/sample-plan";
import { bothSecrets, bothStacks } from "../support/sample-stacks";

// The program in a checkout of its own without any login key, so that it looks at no phone.

// Secrets are hashed slowly on purpose, and a busy machine is slow by itself.
jest.setTimeout(60_000);

const home = process.cwd();
const environment = { ...process.env };
let checkout: string;

beforeEach(() => {
  checkout = mkdtempSync(join(tmpdir(), "cloudlet-program-"));
  cpSync(join(home, "stacks"), join(checkout, "stacks"), { recursive: true });
  writeFileSync(join(checkout, "images.test.lock.yml"), lockAllImages());
  process.chdir(checkout);
  delete process.env.SSH_AUTH_SOCK;
  jest.spyOn(console, "warn").mockReturnValue();
});

afterEach(() => {
  process.chdir(home);
  process.env = { ...environment };
  jest.restoreAllMocks();
});

interface Run {
  readonly registrations: readonly Registration[];
  readonly outputs: unknown;
}

async function run(settings: object, { preview = true } = {}): Promise<Run> {
  let outputs: unknown;
  const registrations = await registrationsOf(
    async () => {
      const plain = Object.entries(settings).map(([name, value]) => [name, JSON.stringify(value)]);
      const all = { ...(Object.fromEntries(plain) as typeof bothSecrets), ...bothSecrets };
      const full = (name: string) => `cloudlet:${name}`;
      pulumi.runtime.setAllConfig(
        Object.fromEntries(Object.entries(all).map(([name, text]) => [full(name), text])),
      );
      process.env.PULUMI_CONFIG_SECRET_KEYS = JSON.stringify(Object.keys(bothSecrets).map(full));
      outputs = await program();
    },
    { preview },
  );
  return { registrations, outputs };
}

const refusalOf = (settings: object, options?: { preview: boolean }) =>
  run(settings, options).then(
    () => "no refusal",
    (error: unknown) => error,
  );

const settings = {
  nodes: sampleNodes,
  stacks: bothStacks,
  ssh: { identityFile: "no/such/key" },
};

describe("the program", () => {
  it("previews without a key, looks at no phone, says so, and tells where everything will answer", async () => {
    const { registrations, outputs } = await run(settings);
    expect(registrations).toHaveLength(48);
    expect(outputs).toMatchObject({
      nodes: { "pixel-4": { role: "compute", address: "192.168.1.24" } },
      addresses: {
        coffee_proxy: ["http://192.168.1.21:5000"],
        coffee_web: ["http://192.168.1.21:8888"],
        portainer_portainer: ["http://192.168.1.21:9000"],
      },
    });
    expect(jest.mocked(console.warn).mock.calls.join("\n")).toContain("no/such/key");
  });

  it("leaves in the checkout what the commands reach the phones with, and nothing that is secret", async () => {
    await run(settings);
    const files = readdirSync(".cloudlet").sort();
    expect(files).toEqual([
      "apply-service.sh",
      "await-stack.sh",
      "create-file.sh",
      "known_hosts",
      "masters",
      "on-master",
      "prune.sh",
      "ready.sh",
      "remove-file.sh",
      "remove-service.sh",
      "restart-engine.sh",
      "run-on-master",
      "ssh_config",
      "swarm-found",
    ]);
    const text = files.map((name) => readFileSync(join(".cloudlet", name), "utf8")).join("");
    for (const [path, tool] of Object.entries(STACK_TOOLS)) {
      expect(readFileSync(path, "utf8")).toBe(tool);
    }
    for (const secret of Object.values(bothSecrets)) expect(text).not.toContain(secret);
  });

  it("refuses an update that has no key to log in with", async () => {
    const refusal = await refusalOf(settings, { preview: false });
    expect(refusal).toBeInstanceOf(pulumi.RunError);
    expect((refusal as Error).message).toBe(
      'cloudlet:ssh.identityFile: expected the private key to log in to the phones with, got "no/such/key": no such file',
    );
  });

  it("refuses wrong settings with all problems, as an error whose message alone the engine prints", async () => {
    const nodes = { ...sampleNodes, "pixel-1": { role: "boss" } };
    const refusal = await refusalOf({ ...settings, nodes });
    expect(refusal).toBeInstanceOf(pulumi.RunError);
    expect((refusal as Error).message.split("\n")).toEqual([
      "cloudlet:nodes.pixel-1.address: expected text, got nothing",
      'cloudlet:nodes.pixel-1.role: expected master or compute, got "boss"',
      "cloudlet:nodes.pixel-1.hostKey: expected text, got nothing",
    ]);
  });

  it("refuses a stack file that is a directory as one that is not there", async () => {
    const stacks = { ...bothStacks, shop: { file: "stacks" } };
    const refusal = await refusalOf({ ...settings, stacks });
    expect((refusal as Error).message).toBe(
      'cloudlet:stacks.shop.file: expected a stack file of this project, got "stacks": no such file',
    );
  });

  it("lets a fault of its own through as it is, with its stack trace", async () => {
    const fault = await registrationsOf(() => {
      process.env.PULUMI_CONFIG_SECRET_KEYS = "[";
      return program();
    }).catch((error: unknown) => error);
    expect(fault).not.toBeInstanceOf(pulumi.RunError);
    expect(String(fault)).toMatch(/^SyntaxError/);
  });
});
