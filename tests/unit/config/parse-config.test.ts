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
        {
          key: "pixel-1",
          user: "cloudlet",
          port: 22,
          platform: "linux/arm/v7",
          availability: "active",
          labels: {},
        },
      ],
    });
  });

  it.each<[string, object, string[]]>([
    [
      "no masters",
      { a: node(1) },
      ["cloudlet:nodes: expected 1, 3, 5 or 7 masters; a swarm needs one to exist, got none"],
    ],
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
    expect(withNodes({ a: { ...node(1), role: "boss" }, b: { ...node(2), address: "x" } })).toEqual(
      [
        'cloudlet:nodes.a.role: expected master or compute, got "boss"',
        'cloudlet:nodes.b.address: expected an IPv4 address, got "x"',
      ],
    );
  });

  it("refuses an unknown setting at the top", () => {
    expect(withNodes(oneMaster, { plattform: "linux/arm64" })).toEqual([
      "cloudlet:plattform: unknown setting; see Pulumi.example.yaml for the known ones",
    ]);
  });

  it("refuses the one name that would be lost without a word", () => {
    const lost = JSON.parse('{ "__proto__": "text" }') as object;
    const stacks = { shop: { file: "shop.yml", environment: lost, secrets: lost } };
    const problem = "expected another name, got __proto__";
    expect(withNodes(oneMaster, { stacks })).toEqual([
      `cloudlet:stacks.shop.environment.__proto__: ${problem}`,
      `cloudlet:stacks.shop.secrets.__proto__: ${problem}`,
    ]);
    const engine = JSON.parse('{ "__proto__": 1 }') as object;
    expect(withNodes(oneMaster, { engine })).toEqual([`cloudlet:engine.__proto__: ${problem}`]);
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

  const withStack = (stack: object, secretNames: string[] = []) =>
    problemsOf({ nodes: oneMaster, stacks: { web: stack } }, secretNames);

  it("takes a variable and a secret from secret settings that exist", () => {
    const stack = {
      file: "a.yml",
      environment: { PASSWORD: { secret: "webPassword" } },
      secrets: { panel: "panelPassword" },
    };
    expect(withStack(stack, ["webPassword", "panelPassword"])).toEqual([]);
    expect(withStack(stack, ["webPassword"])).toEqual([
      'cloudlet:stacks.web.secrets.panel: expected the name of a secret setting, got "panelPassword"; set it with `pulumi config set --secret cloudlet:panelPassword`',
    ]);
  });

  it.each<[string, object, string]>([
    [
      "both file and files",
      { file: "a.yml", files: ["b.yml"] },
      'web: expected either file or files, got {"file":"a.yml","files":["b.yml"]}',
    ],
    ["no files", { files: [] }, "web.files: expected at least 1, got []"],
    [
      "a file of the machine",
      { file: "/etc/a.yml" },
      'web.file: expected a path inside the project, got "/etc/a.yml"',
    ],
    [
      "a file outside the project",
      { file: "../a.yml" },
      'web.file: expected a path inside the project, got "../a.yml"',
    ],
    [
      "a variable that is no text",
      { file: "a.yml", environment: { PORT: 8080 } },
      "web.environment.PORT: expected text or { secret: NAME }, got 8080",
    ],
    [
      "a variable that no shell could have",
      { file: "a.yml", environment: { "WEB-PORT": "1" } },
      'web.environment.WEB-PORT: expected a variable name such as WEB_PORT, got "WEB-PORT"',
    ],
  ])("refuses a stack with %s", (_, stack, problem) => {
    expect(withStack(stack)).toEqual([`cloudlet:stacks.${problem}`]);
  });

  it.each<[string, unknown, string]>([
    ["port", 0, "expected at least 1, got 0"],
    ["port", 65_536, "expected at most 65535, got 65536"],
    ["port", 22.5, "expected a whole number, got 22.5"],
    ["port", "22", 'expected a whole number, got "22"'],
    ["platform", "arm64", 'expected linux/arm/v7 or linux/arm64 or linux/amd64, got "arm64"'],
    ["availability", "off", 'expected active or pause or drain, got "off"'],
    [
      "address",
      "127.0.0.1",
      'expected an address that the other phones can reach, got "127.0.0.1"; loopback, link-local and Docker\'s bridge are none',
    ],
    [
      "hostKey",
      "AAAA",
      'expected a public host key such as "ssh-ed25519 AAAA...", got "AAAA"; `ssh-keyscan -t ed25519 ADDRESS` prints it',
    ],
    ["user", "$(id)", 'expected a Linux user name in lower case, got "$(id)"'],
    ["labels", "room", 'expected a map, got "room"'],
    [
      "labels.cloudlet.node",
      { "cloudlet.node": "x" },
      'expected another name; cloudlet. is ours, got "cloudlet.node"',
    ],
    [
      "labels.room",
      { room: "$(id)" },
      'expected letters, digits, blanks and . _ : / -, got "$(id)"',
    ],
  ])("refuses %s %j", (where, value, problem) => {
    const [field = ""] = where.split(".");
    const nodes = { a: { ...node(1, "master"), [field]: value } };
    expect(withNodes(nodes)).toEqual([`cloudlet:nodes.a.${where}: ${problem}`]);
  });

  it.each<[string, unknown, string]>([
    ["routingMesh", "no", 'routingMesh: expected true or false, got "no"'],
    ["observe", "sometimes", 'observe: expected auto or always or never, got "sometimes"'],
    ["readyTimeoutSeconds", -1, "readyTimeoutSeconds: expected at least 0, got -1"],
    ["ssh", { jumpHost: "-oX" }, 'ssh.jumpHost: expected [user@]host[:port], got "-oX"'],
    ["nodes", undefined, "nodes: expected a map, got nothing"],
    [
      "stacks",
      { "Web!": { file: "a.yml" } },
      'stacks.Web!: expected a name of lower-case letters, digits, - and _, at most 32, got "Web!"',
    ],
  ])("refuses %s: %j", (setting, value, problem) => {
    expect(withNodes(oneMaster, { [setting]: value })).toEqual([`cloudlet:${problem}`]);
  });

  it.each([
    ["linux/arm64", {}, "linux/arm64"],
    ["linux/arm64", { platform: "linux/amd64" }, "linux/amd64"],
  ])("with platform %s, gives a phone with %j the platform %s", (platform, own, expected) => {
    const values = { platform, nodes: { a: { ...node(1, "master"), ...own } } };
    expect(parseConfig({ values, secretNames: [] }).nodes[0]?.platform).toBe(expected);
  });

  it("keeps a host key without its comment, which two machines may write differently", () => {
    const values = { nodes: { a: { ...node(1, "master"), hostKey: `${hostKey} root@phone` } } };
    expect(parseConfig({ values, secretNames: [] }).nodes[0]?.hostKey).toBe(hostKey);
  });

  it("does not name the login key among the secrets that stacks have to use", () => {
    const secretNames = ["sshPrivateKey", "panelPassword"];
    expect(parseConfig({ values: { nodes: oneMaster }, secretNames }).secretSettings).toEqual([
      "panelPassword",
    ]);
  });

  it("does not depend on the order in which phones and stacks are written", () => {
    const nodes = {
      "pixel-1": node(1, "master"),
      "pixel-2": node(2),
      "10": node(10),
      "9": node(9),
    };
    const stacks = { web: { file: "a.yml" }, api: { file: "b.yml" } };
    const turn = (record: object) => Object.fromEntries(Object.entries(record).reverse());
    const written = parseConfig({ values: { nodes, stacks }, secretNames: [] });
    const turned = parseConfig({
      values: { stacks: turn(stacks), nodes: turn(nodes) },
      secretNames: [],
    });
    expect(turned).toEqual(written);
    expect(written.nodes.map(({ key }) => key)).toEqual(["10", "9", "pixel-1", "pixel-2"]);
  });

  it("shortens a long value, so that a message stays a line", () => {
    const [problem = ""] = withNodes({ a: { ...node(1, "master"), role: "x".repeat(500) } });
    expect(problem).toHaveLength(
      "cloudlet:nodes.a.role: expected master or compute, got ".length + 80,
    );
    expect(problem.endsWith("...")).toBe(true);
  });
});
