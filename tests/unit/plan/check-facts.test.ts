import type { ReachablePhone, UnreachablePhone } from "../../../observe/facts";
import { isReachable } from "../../../observe/parse-facts";
import { checkFacts, findAll, ourCluster } from "../../../plan/check-facts";
import { nodeOf, sampleConfig } from "../../support/sample-config";
import {
  CLUSTER,
  declaredPhone,
  freshFacts,
  noAnswer,
  sampleFacts,
} from "../../support/sample-facts";

const config = sampleConfig();
type Changes = NonNullable<Parameters<typeof sampleFacts>[1]>;

function problemsOf(changes: Changes, { dryRun = false, settings = config } = {}): string[] {
  const { problems } = checkFacts(settings, sampleFacts(settings, changes), dryRun);
  return problems.map(({ where, message }) => `${where}: ${message}`);
}

const engineless = (packageManager: "apk" | "none"): Partial<ReachablePhone> => ({
  packageManager,
  engine: { ...declaredPhone(config, nodeOf(config, "pixel-4")).engine, installed: false },
});

const unreachable = (reason: UnreachablePhone["reason"], detail: string): UnreachablePhone => ({
  reachable: false,
  reason,
  detail,
});

describe("checkFacts", () => {
  it("has nothing against phones that are as declared, fresh, or not looked at", () => {
    expect(checkFacts(config, sampleFacts(config), false)).toEqual({ problems: [], notes: [] });
    expect(checkFacts(config, freshFacts(config), false)).toEqual({ problems: [], notes: [] });
    expect(checkFacts(config, new Map(), false)).toEqual({ problems: [], notes: [] });
  });

  it.each<[string, Changes[string], string[]]>([
    [
      "another platform than the phone's",
      { machine: "aarch64" },
      [
        "cloudlet:nodes.pixel-4.platform: expected the platform of this phone, got linux/arm/v7, but it is aarch64, whose engine takes linux/arm64 first; write linux/arm64",
      ],
    ],
    [
      "a machine that no platform fits",
      { machine: "riscv64" },
      [
        "cloudlet:nodes.pixel-4.platform: expected the platform of this phone, got linux/arm/v7, but it is riscv64; no known platform fits it",
      ],
    ],
    ["a 64-bit processor with 32-bit programs: it runs the platform", { machine: "armv8l" }, []],
    [
      "a user that cannot become root",
      { privilege: "none" },
      [
        "cloudlet:nodes.pixel-4.user: expected a user that becomes root without a password, got cloudlet; as root on the phone: echo 'permit nopass cloudlet' > /etc/doas.d/cloudlet.conf",
      ],
    ],
    [
      "nothing to install Docker with",
      engineless("none"),
      [
        "cloudlet:nodes.pixel-4: expected Docker, or apk or apt-get to install it with, got neither",
      ],
    ],
    ["no Docker yet, but a way to install it", engineless("apk"), []],
    [
      "a member of another swarm",
      { membership: { clusterId: "theirs", nodeId: "x" } },
      [
        `cloudlet:nodes.pixel-4: expected a phone of no other swarm, got a member of swarm theirs (this cloudlet's is ${CLUSTER}); if that one may lose it: ssh cloudlet@192.168.1.24 docker swarm leave --force`,
      ],
    ],
    [
      "another host key",
      unreachable("wrong host key", "SHA256:abc"),
      [
        "cloudlet:nodes.pixel-4.hostKey: expected the key that 192.168.1.24 shows (SHA256:abc), got ssh-ed25519 AAAAkey24...; if the phone was reflashed, `ssh-keyscan -t ed25519 192.168.1.24` prints its new key, else another machine answers there",
      ],
    ],
    [
      "a login that is refused",
      unreachable("login refused", "Permission denied (publickey)."),
      [
        'cloudlet:nodes.pixel-4.user: expected a user that may log in with the key of cloudlet:ssh.identityFile, got "cloudlet": Permission denied (publickey).; `ssh-copy-id cloudlet@192.168.1.24` lets it in',
      ],
    ],
  ])("with %s", (_, change, expected) => {
    expect(problemsOf({ "pixel-4": change })).toEqual(expected);
    expect(problemsOf({ "pixel-4": change }, { dryRun: true })).toEqual(expected);
  });

  it("reports the problems of all phones at once", () => {
    const changes = { "pixel-1": { privilege: "none" }, "pixel-4": { machine: "x86_64" } } as const;
    expect(problemsOf(changes).map((problem) => problem.split(": ")[0])).toEqual([
      "cloudlet:nodes.pixel-1.user",
      "cloudlet:nodes.pixel-4.platform",
    ]);
  });

  describe("a phone that does not answer", () => {
    const dead = { "pixel-3": noAnswer };
    const note =
      "pixel-3: it does not answer at 192.168.1.23, so it was not looked at (ssh: connect to host 192.168.1.23 port 22: No route to host)";

    it.each([true, false])("is only noted where the swarm knows it (dry run: %p)", (dryRun) => {
      expect(checkFacts(config, sampleFacts(config, dead), dryRun)).toEqual({
        problems: [],
        notes: [note],
      });
    });

    it("is only noted in a preview where it is new, and refused in an update, which needs it", () => {
      const facts = new Map([...freshFacts(config), ["pixel-3", noAnswer] as const]);
      expect(checkFacts(config, facts, true)).toEqual({ problems: [], notes: [note] });
      expect(checkFacts(config, facts, false)).toEqual({
        notes: [],
        problems: [
          {
            where: "cloudlet:nodes.pixel-3.address",
            message:
              "expected a phone that answers over SSH, got no answer from 192.168.1.23: ssh: connect to host 192.168.1.23 port 22: No route to host; switch it on, or take it out of the settings",
          },
        ],
      });
    });
  });

  describe("the routing mesh", () => {
    const changes = { "pixel-1": { ipVs: false }, "pixel-4": { ipVs: false } };

    it("is refused where a kernel lacks ip_vs, and every such phone is named", () => {
      expect(problemsOf(changes)).toEqual([
        "cloudlet:routingMesh: expected false, got true, but the kernel of pixel-1, pixel-4 has no ip_vs, without which published ports and virtual addresses are silently dead; write false",
      ]);
    });

    it("is no matter where it is switched off", () => {
      expect(problemsOf(changes, { settings: sampleConfig({ routingMesh: false }) })).toEqual([]);
    });
  });
});

describe("what preflight finds", () => {
  const dhcp = (host: number) => ({
    addresses: [{ device: "wlan0", address: `192.168.1.${host}`, dynamic: true }],
  });
  const changes = {
    "pixel-1": { clockAheadSeconds: 45, ...dhcp(21) },
    "pixel-4": { clockAheadSeconds: 7200, ...dhcp(24) },
  };
  const facts = sampleFacts(config, changes);

  it("stops where it is a refusal, is noted where it is a warning, and is kept for the doctor where one may live with it", () => {
    const { problems, notes } = checkFacts(config, facts, false);
    expect(problems.map(({ where, message }) => `${where}: ${message}`)).toEqual([
      "cloudlet:nodes.pixel-4: expected this machine's time, got a clock that is 2 hours ahead; certificates and image downloads fail when clocks are far apart; let it reach a time server, and as root there: rc-service chronyd restart, then chronyc makestep",
    ]);
    expect(notes).toEqual([
      "cloudlet:nodes.pixel-1: expected this machine's time, got a clock that is 45 seconds ahead; certificates and image downloads fail when clocks are far apart; let it reach a time server, and as root there: rc-service chronyd restart, then chronyc makestep",
    ]);
  });

  it("is one list with what else is wrong with the phones, the unreachable ones beside it", () => {
    const { findings, notes } = findAll(
      config,
      new Map([...facts, ["pixel-2", noAnswer], ["pixel-3", unreachable("login refused", "no")]]),
      false,
    );
    expect(findings.map(({ severity, where }) => `${severity} ${where}`)).toEqual([
      "refusal cloudlet:nodes.pixel-3.user",
      "warning cloudlet:nodes.pixel-1",
      "warning cloudlet:nodes.pixel-1.address",
      "refusal cloudlet:nodes.pixel-4",
      "warning cloudlet:nodes.pixel-4.address",
    ]);
    expect(notes).toHaveLength(1);
  });

  it("knows what the stacks ask for, where it is told", () => {
    const features = { esp4: false };
    const kernel = { release: "6.17.0", modulesGone: false, features };
    const needs = { encryptedNetworks: [{ stack: "shop", network: "shop_safe" }], images: [] };
    const withKernel = sampleFacts(config, { "pixel-4": { kernel } });
    expect(checkFacts(config, withKernel, false).problems).toEqual([]);
    expect(checkFacts(config, withKernel, false, needs).problems).toHaveLength(1);
  });
});

describe("ourCluster", () => {
  const inCluster = (clusterId: string) => ({ membership: { clusterId, nodeId: "x" } });
  const swarmOf = (clusters: Readonly<Record<string, string>>) => {
    const changes = Object.fromEntries(
      Object.entries(clusters).map(([key, cluster]) => [key, inCluster(cluster)]),
    );
    return ourCluster(
      config,
      new Map([...freshFacts(config), ...pick(sampleFacts(config, changes), clusters)]),
    );
  };
  const pick = (facts: ReturnType<typeof sampleFacts>, keys: object) =>
    [...facts].filter(([key]) => key in keys);

  it.each<[Record<string, string>, string | undefined]>([
    [{}, undefined],
    [{ "pixel-2": "a" }, "a"],
    [{ "pixel-1": "a", "pixel-2": "b", "pixel-3": "b" }, "b"],
    [{ "pixel-1": "a", "pixel-2": "b", "pixel-4": "b" }, "b"],
    // A compute alone never makes a swarm ours: nobody declared could let the others in.
    [{ "pixel-4": "a" }, undefined],
  ])("of %j is %s", (clusters, expected) => {
    expect(swarmOf(clusters)).toBe(expected);
  });

  it("is the one that a compute manages, which was its master and hands over", () => {
    const compute = sampleFacts(config).get("pixel-4");
    const swarm = sampleFacts(config).get("pixel-1");
    if (!isReachable(compute) || !isReachable(swarm)) throw new Error("not in the sample");
    const facts = new Map([
      ...freshFacts(config),
      ["pixel-4", { ...compute, swarm: swarm.swarm }] as const,
    ]);
    expect(ourCluster(config, facts)).toBe(CLUSTER);
    expect(checkFacts(config, facts, false).problems).toEqual([]);
  });

  it("refuses a compute of a swarm that no master is in", () => {
    const facts = new Map([
      ...freshFacts(config),
      ...pick(sampleFacts(config, { "pixel-4": inCluster("theirs") }), { "pixel-4": 1 }),
    ]);
    expect(checkFacts(config, facts, false).problems[0]?.message).toContain(
      "got a member of swarm theirs (none of the masters is in it)",
    );
  });
});
