import { parseConfig } from "../../../config/parse-config";
import { ConfigError } from "../../../config/problem";

const hostKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIMgEfXXwbI8yuSOkNoNtjNwn5z157zwnm43KsWcz1jX6";
const node = (host: number, role = "compute") => ({ address: `192.168.1.${host}`, role, hostKey });

function problemsOf(values: object, secretNames: string[] = []): string[] {
  try {
    parseConfig({ values: { ...values }, secretNames });
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.problems.map(({ where, message }) => `${where}: ${message}`);
  }
}

const withNodes = (nodes: object, rest: object = {}) => problemsOf({ nodes, ...rest });
const oneMaster = { "pixel-1": node(1, "master") };

describe("parseConfig", () => {
  it("fills in every default, so that later code has none", () => {
    const config = parseConfig({ values: { nodes: oneMaster }, secretNames: [] });
    expect(config).toMatchObject({
      platform: "linux/arm/v7",
      routingMesh: true,
      observe: "auto",
      readyTimeoutSeconds: 600,
      stacks: [],
      ssh: { identityFile: "~/.ssh/cloudlet", connectTimeoutSeconds: 3 },
      nodes: [
        { key: "pixel-1", user: "cloudlet", port: 22, platform: "linux/arm/v7", availability: "active", labels: {} },
      ],
    });
  });

  it.each<[string, object, string[]]>([
    ["no masters", { a: node(1) }, ["cloudlet:nodes: expected 1, 3, 5 or 7 masters; a swarm needs one to exist, got none"]],
    [
      "two masters",
      { a: node(1, "master"), b: node(2, "master") },
      [
        "cloudlet:nodes: expected 1, 3, 5 or 7 masters; 2 cannot survive the loss of either (a majority is 2), so they are no safer than 1, got 2 (a, b)",
      ],
    ],
    [
      "four masters",
      Object.fromEntries([1, 2, 3, 4].map((host) => [`p${host}`, node(host, "master")])),
      [
        "cloudlet:nodes: expected 1, 3, 5 or 7 masters; 4 cannot survive the loss of more than 1 (a majority is 3), so they are no safer than 3, got 4 (p1, p2, p3, p4)",
      ],
    ],
    [
      "one address twice",
      { a: node(1, "master"), b: node(1) },
      ['cloudlet:nodes.b.address: expected an address of its own, got "192.168.1.1", which a has'],
    ],
    [
      "an unknown role",
      { a: { ...node(1), role: "manager" } },
      ['cloudlet:nodes.a.role: expected master or compute, got "manager"'],
    ],
    [
      "an address that is none",
      { a: { ...node(1, "master"), address: "10.0.0" } },
      ['cloudlet:nodes.a.address: expected an IPv4 address, got "10.0.0"'],
    ],
    [
      "every phone's USB address",
      { a: { ...node(1, "master"), address: "172.16.42.1" } },
      [
        `cloudlet:nodes.a.address: expected the phone's Wi-Fi address, got "172.16.42.1"; 172.16.42.1 is every phone's USB address and no other phone can reach it`,
      ],
    ],
    [
      "an unknown key",
      { a: { ...node(1, "master"), colour: "red" } },
      ["cloudlet:nodes.a.colour: unknown setting; see Pulumi.example.yaml for the known ones"],
    ],
    [
      "a key with capitals",
      { Pixel: node(1, "master") },
      [
        'cloudlet:nodes.Pixel: expected a name of lower-case letters, digits and hyphens, at most 63, got "Pixel"',
      ],
    ],
    [
      "a missing host key",
      { a: { address: "192.168.1.1", role: "master" } },
      ["cloudlet:nodes.a.hostKey: expected text, got nothing"],
    ],
    [
      "a user that would be an option",
      { a: { ...node(1, "master"), user: "-oProxyCommand=x" } },
      ['cloudlet:nodes.a.user: expected a Linux user name in lower case, got "-oProxyCommand=x"'],
    ],
  ])("refuses %s", (_, nodes, expected) => {
    expect(withNodes(nodes)).toEqual(expected);
  });

  it("reports the problems of all phones at once", () => {
    expect(withNodes({ a: { ...node(1), role: "boss" }, b: { ...node(2), address: "x" } })).toEqual([
      'cloudlet:nodes.a.role: expected master or compute, got "boss"',
      'cloudlet:nodes.b.address: expected an IPv4 address, got "x"',
    ]);
  });

  it("refuses an unknown setting at the top", () => {
    expect(withNodes(oneMaster, { plattform: "linux/arm64" })).toEqual([
      "cloudlet:plattform: unknown setting; see Pulumi.example.yaml for the known ones",
    ]);
  });

  it("refuses a stack with both file and files, or neither", () => {
    expect(withNodes(oneMaster, { stacks: { web: {} } })).toEqual([
      "cloudlet:stacks.web: expected either file or files, got {}",
    ]);
  });

  it("refuses a variable whose secret setting does not exist, and says how to make it", () => {
    const stacks = { web: { file: "a.yml", environment: { PASSWORD: { secret: "webPassword" } } } };
    expect(withNodes(oneMaster, { stacks })).toEqual([
      'cloudlet:stacks.web.environment.PASSWORD: expected the name of a secret setting, got "webPassword"; set it with `pulumi config set --secret cloudlet:webPassword`',
    ]);
  });
});
