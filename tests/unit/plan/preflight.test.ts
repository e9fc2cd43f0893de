import type { EngineFacts, KernelFacts, ReachablePhone } from "../../../observe/facts";
import { needsOf, preflight, type StackNeeds } from "../../../plan/preflight";
import { overlap } from "../../../plan/preflight-network";
import { nodeOf, sampleConfig, sampleNode, sampleNodes } from "../../support/sample-config";
import { declaredPhone, freshFacts, noAnswer, sampleFacts } from "../../support/sample-facts";

const config = sampleConfig();
const MIB = 1024 * 1024;
type Changes = NonNullable<Parameters<typeof sampleFacts>[1]>;

function found(changes: Changes, needs?: StackNeeds, settings = config): string[] {
  return preflight(settings, sampleFacts(settings, changes), needs).map(
    ({ severity, where, message, fix }) => `${severity} ${where}: ${message}; ${fix}`,
  );
}

const engine = (change: Partial<EngineFacts>): Partial<ReachablePhone> => ({
  engine: { ...declaredPhone(config, nodeOf(config, "pixel-4")).engine, ...change },
});
const kernel = (
  features: KernelFacts["features"],
  change: Partial<KernelFacts> = {},
): Partial<ReachablePhone> => ({
  kernel: { release: "6.16.12", modulesGone: false, features, ...change },
});
const address = (change: object, host = "192.168.1.24"): Partial<ReachablePhone> => ({
  addresses: [{ device: "wlan0", address: host, prefixLength: 24, ...change }],
});
const ALL = { overlay: true, vxlan: true, br_netfilter: true };

describe("preflight", () => {
  it("has nothing against phones that are well, that say nothing of it, or that do not answer", () => {
    const well: Partial<ReachablePhone> = {
      ...kernel({ ...ALL, nft_compat: true, xt_bpf: true, esp4: true }),
      ...address({ mtu: 1500, dynamic: false }),
      cgroups: ["cpuset", "cpu", "memory", "pids"],
      clockAheadSeconds: -29,
      memory: { totalBytes: 1900 * MIB, availableBytes: 128 * MIB },
      freeDiskBytes: 1024 * MIB,
      machineId: "0123",
    };
    const needs = { encryptedNetworks: [{ stack: "shop", network: "shop_safe" }], images: [] };
    expect(
      found({ "pixel-4": { ...well, ...engine({ id: "a", addressPools: [] }) } }, needs),
    ).toEqual([]);
    expect(found({}, needs)).toEqual([]);
    expect(found({ "pixel-4": kernel({}) }, needs)).toEqual([]);
    expect(found({ "pixel-4": noAnswer })).toEqual([]);
    expect(preflight(config, freshFacts(config))).toEqual([]);
    expect(preflight(config, new Map())).toEqual([]);
  });

  it.each<[string, Partial<ReachablePhone>, string[]]>([
    [
      "a certificate of the swarm that is about to end",
      { membership: { clusterId: "c1", nodeId: "n4", secondsLeft: 5 * 86_400 } },
      [
        "warning cloudlet:nodes.pixel-4: expected a certificate that is renewed in time, got one for another 5 days; leave it switched on while a master is; if it does not renew: docker swarm leave --force there, and `up` joins it anew",
      ],
    ],
    [
      "a certificate of the swarm that has ended",
      { membership: { clusterId: "c1", nodeId: "n4", secondsLeft: -3 * 86_400 } },
      [
        "refusal cloudlet:nodes.pixel-4: expected a valid certificate of the swarm, got one that ended 3 days ago, as after months in a drawer; docker swarm leave --force there, and `up` joins it anew; where a majority of the masters has this, run that on every phone: `up` then begins a new swarm with all that is declared, and volumes stay",
      ],
    ],
    [
      "a kernel without what Swarm needs",
      kernel({ overlay: true, vxlan: false, br_netfilter: false }),
      [
        "refusal cloudlet:nodes.pixel-4: expected a kernel with vxlan and br_netfilter, without which Swarm cannot work, got 6.16.12, which has none; take a kernel with CONFIG_VXLAN and CONFIG_BRIDGE_NETFILTER; `pmbootstrap kconfig check` names all that containers need",
      ],
    ],
    [
      "a kernel whose modules are gone",
      kernel({ overlay: true }, { modulesGone: true }),
      [
        "refusal cloudlet:nodes.pixel-4: expected the modules of the running kernel, got none for 6.16.12 in /lib/modules: the kernel was upgraded and the phone was not rebooted; reboot it",
      ],
    ],
    [
      "a kernel whose modules are gone, and that needs none",
      kernel(ALL, { modulesGone: true }),
      [
        "warning cloudlet:nodes.pixel-4: expected the modules of the running kernel, got none for 6.16.12 in /lib/modules: the kernel was upgraded and the phone was not rebooted; reboot it",
      ],
    ],
    [
      "a kernel without nft_compat, on which no engine has run yet",
      { ...kernel({ ...ALL, nft_compat: false }), ...engine({ running: false }) },
      [
        "warning cloudlet:nodes.pixel-4: expected a kernel with nft_compat, without which Docker's iptables rules are refused, got 6.16.12, which has none; take a kernel with CONFIG_NFT_COMPAT, or install iptables-legacy",
      ],
    ],
    ["the same with an engine that runs", kernel({ ...ALL, nft_compat: false }), []],
    [
      "cgroup controllers missing",
      { cgroups: ["cpuset", "cpu", "pids"] },
      [
        "warning cloudlet:nodes.pixel-4: expected the cgroup controllers cpu, memory, pids, got none for memory: limits of services do not hold there; take cgroup_disable off the kernel's command line, or add cgroup_enable=memory to it",
      ],
    ],
    [
      "a clock that is half a minute off",
      { clockAheadSeconds: 30 },
      [
        "warning cloudlet:nodes.pixel-4: expected this machine's time, got a clock that is 30 seconds ahead; certificates and image downloads fail when clocks are far apart; let it reach a time server, and as root there: rc-service chronyd restart, then chronyc makestep",
      ],
    ],
    [
      "a clock that is almost an hour off",
      { clockAheadSeconds: -3599 },
      [
        expect.stringContaining(
          "warning cloudlet:nodes.pixel-4: expected this machine's time, got a clock that is 59 minutes behind;",
        ) as string,
      ],
    ],
    [
      "a clock that certificates do not bear",
      { clockAheadSeconds: 9000, initSystem: "systemd" },
      [
        "refusal cloudlet:nodes.pixel-4: expected this machine's time, got a clock that is 2 hours ahead; certificates and image downloads fail when clocks are far apart; let it reach a time server, and as root there: systemctl restart systemd-timesyncd",
      ],
    ],
    [
      "a clock that a power cut has set back to its beginning",
      { clockAheadSeconds: -86_400 * 800 },
      [
        expect.stringContaining(
          "warning cloudlet:nodes.pixel-4: expected this machine's time, got a clock that is 800 days behind;",
        ) as string,
      ],
    ],
    [
      "little disk",
      { freeDiskBytes: 300.7 * MIB },
      [
        "warning cloudlet:nodes.pixel-4: expected 1024 MiB free for images, got 300 MiB on the disk of /var/lib/docker; `docker system prune --all` there removes what no container uses",
      ],
    ],
    [
      "little memory",
      { memory: { totalBytes: 1900 * MIB, availableBytes: 90 * MIB } },
      [
        "warning cloudlet:nodes.pixel-4: expected 128 MiB of memory available, got 90 MiB of 1900 MiB; give its services to other phones with `availability: pause` or placement, or stop what else runs there",
      ],
    ],
    [
      "live-restore",
      engine({ liveRestore: true }),
      [
        'refusal cloudlet:nodes.pixel-4: expected an engine without live-restore, which no engine in a swarm may have, got it switched on; take "live-restore" out of /etc/docker/daemon.json there and restart Docker',
      ],
    ],
    [
      "an address that is not its own",
      address({}, "192.168.1.99"),
      [
        "refusal cloudlet:nodes.pixel-4.address: expected an address of the phone's own, which the other phones are told, got 192.168.1.24, but it has 192.168.1.99 on wlan0; write the one that the other phones reach",
      ],
    ],
    ["addresses that could not be read", { addresses: [] }, []],
    [
      "an address from DHCP",
      address({ dynamic: true }),
      [
        "warning cloudlet:nodes.pixel-4.address: expected an address that stays, got 192.168.1.24 from DHCP: with another one, a master does not find its swarm again; reserve it in the router, and keep the phone's MAC address: nmcli connection modify NAME 802-11-wireless.cloned-mac-address permanent",
      ],
    ],
    [
      "a small MTU",
      address({ mtu: 1400 }),
      [
        'warning cloudlet:nodes.pixel-4: expected an MTU of at least 1500, as Docker assumes for its networks, got 1400 on wlan0: large packets between phones are lost; set the MTU of wlan0 to 1500, or com.docker.network.driver.mtu: "1350" in driver_opts of the stacks\' networks',
      ],
    ],
    [
      "an address pool over the phones' network",
      { ...address({}), ...engine({ addressPools: ["172.30.0.0/16", "192.168.0.0/16"] }) },
      [
        'refusal cloudlet:nodes.pixel-4: expected address pools apart from the phones\' network, got 192.168.0.0/16, which overlaps 192.168.1.24/24: containers could not reach the phones; write another "default-address-pools" in /etc/docker/daemon.json there, or begin the swarm with another --default-addr-pool',
      ],
    ],
    [
      "an address pool apart",
      { ...address({}), ...engine({ addressPools: ["172.30.0.0/16"] }) },
      [],
    ],
  ])("with %s", (_, change, expected) => {
    expect(found({ "pixel-4": change })).toEqual(expected);
  });

  it("tells a network that Swarm's own first networks would overlap", () => {
    const settings = sampleConfig({
      nodes: { ...sampleNodes, "pixel-4": { ...sampleNode(24, "compute"), address: "10.0.0.24" } },
    });
    expect(found({ "pixel-4": address({}, "10.0.0.24") }, undefined, settings)).toEqual([
      "warning cloudlet:nodes.pixel-4: expected a network apart from Swarm's own, got 10.0.0.24/24, which overlaps 10.0.0.0/16, where Swarm takes its networks from: containers may not reach the phones; give the phones another network, such as 192.168.1.0/24",
    ]);
  });

  describe("copies of one phone", () => {
    const copy = "one is a copy of the other, and a swarm takes both for one phone";
    const fix =
      "on pixel-4, as root: stop Docker, rm -rf /var/lib/docker/swarm /var/lib/docker/engine-id /etc/docker/key.json, start Docker";

    it.each<[string, Changes, string[]]>([
      [
        "engine id",
        { "pixel-2": engine({ id: "5c2d" }), "pixel-4": engine({ id: "5c2d" }) },
        [
          `refusal cloudlet:nodes.pixel-4: expected an engine id of its own, got that of pixel-2: ${copy}; ${fix}`,
        ],
      ],
      [
        "node certificate",
        { "pixel-4": { membership: { clusterId: "c", nodeId: "id-pixel-1" } } },
        [
          `refusal cloudlet:nodes.pixel-4: expected a node certificate of its own, got that of pixel-1: ${copy}; ${fix}`,
        ],
      ],
      [
        "hostname",
        {
          "pixel-1": { hostname: "hammerhead" },
          "pixel-3": { hostname: "hammerhead" },
          "pixel-4": { hostname: "hammerhead" },
        },
        [
          "warning cloudlet:nodes.pixel-3: expected a hostname of its own, got hammerhead, which pixel-1 has too; `up` names it pixel-3",
          "warning cloudlet:nodes.pixel-4: expected a hostname of its own, got hammerhead, which pixel-1, pixel-3 has too; `up` names it pixel-4",
        ],
      ],
      [
        "machine id",
        { "pixel-1": { machineId: "0123" }, "pixel-4": { machineId: "0123" } },
        [
          "warning cloudlet:nodes.pixel-4: expected a machine id of its own, got 0123, which pixel-1 has too; on pixel-4, as root: rm /etc/machine-id; dbus-uuidgen --ensure=/etc/machine-id, and reboot",
        ],
      ],
    ])("are told by their %s", (_, changes, expected) => {
      expect(found(changes)).toEqual(expected);
    });

    it("are told by their host key, of phones that showed it", () => {
      const [{ hostKey }] = [sampleNodes["pixel-1"] as { hostKey: string }];
      const settings = sampleConfig({
        nodes: { ...sampleNodes, "pixel-4": sampleNode(24, "compute", { hostKey }) },
      });
      expect(found({}, undefined, settings)).toEqual([
        "warning cloudlet:nodes.pixel-4: expected a host key of its own, got ssh-ed25519 AAAAkey21, which pixel-1 has too; on pixel-4, as root: rm /etc/ssh/ssh_host_*; ssh-keygen -A; restart sshd, and write its new key into the settings",
      ]);
      expect(found({ "pixel-1": noAnswer }, undefined, settings)).toEqual([]);
    });
  });

  describe("engine versions", () => {
    const versions = (...all: string[]): Changes =>
      Object.fromEntries(all.map((version, index) => [`pixel-${index + 1}`, engine({ version })]));

    it.each([
      ["25.0.5", "29.1.3", "27.3.1", "28.0.0"],
      ["20.10.24+dfsg1", "24.0.7", "23.0.1", "24.0.7"],
      ["", "29.1.3", "29.1.3", "29.1.3"],
      ["unknown", "25.0.5", "25.0.5", "25.0.5"],
    ])("%s, %s, %s and %s go together", (...all) => {
      expect(found(versions(...all))).toEqual([]);
    });

    it("are told where one is too old for another", () => {
      expect(found(versions("29.1.3", "24.0.7", "27.3.1", "25.0.5"))).toEqual([
        "warning cloudlet:nodes.pixel-2: expected engines of about one age, got 24.0.7, but pixel-1 has 29.1.3; upgrade Docker on pixel-2: apk upgrade docker, or apt-get install docker.io",
      ]);
      expect(found(versions("20.10.24+dfsg1", "27.3.1", "25.0.5", "25.0.5"))).toHaveLength(1);
    });

    it.each([
      ["portainer/portainer-ce:2.27.8", 1],
      ["docker.io/portainer/agent:2.33.3-alpine@sha256:0", 1],
      ["portainer/portainer-ce:2.35.0", 1],
      ["portainer/portainer-ce:1.24.2", 1],
      ["portainer/portainer-ce:2.33.4", 0],
      ["portainer/portainer-ce:2.33.5", 0],
      ["portainer/portainer-ce:2.33", 0],
      ["portainer/portainer-ce:2.39.1", 0],
      ["portainer/portainer-ce:latest", 0],
      ["my/notportainer:2.27.8", 0],
    ])("the panel %s on engine 29: %d warnings", (image, count) => {
      const needs = { encryptedNetworks: [], images: [image, "postgres:14"] };
      const all = versions("29.1.3", "28.0.0", "29.2.0", "28.0.0");
      const message = `warning cloudlet:nodes.pixel-1: expected an engine that ${image} can talk to, got 29.1.3 on pixel-1, pixel-3, whose API it does not know; take Portainer 2.33.5 or later in the stack file`;
      expect(found(all, needs)).toEqual(count === 1 ? [message] : []);
      expect(found(versions("28.0.0"), needs)).toEqual([]);
    });
  });

  it.each<[KernelFacts["features"], boolean]>([
    [{ esp4: false, xt_bpf: true, xt_u32: true }, true],
    [{ esp4: true, xt_bpf: false, xt_u32: false }, true],
    [{ esp4: true, xt_bpf: false, xt_u32: true }, false],
    [{ esp4: true, xt_bpf: false }, false],
    [{}, false],
  ])("an encrypted network on a kernel with %j is refused: %p", (features, refused) => {
    const needs = needsOf([
      {
        name: "shop",
        images: [],
        networks: [
          { Name: "shop_safe", Driver: "overlay", Labels: {}, Options: { encrypted: "" } },
          { Name: "shop_open", Driver: "overlay", Labels: {}, Options: { encrypted: "false" } },
          { Name: "shop_web", Driver: "overlay", Labels: {} },
        ],
      },
    ]);
    const changes = { "pixel-1": kernel(features), "pixel-4": kernel(features) };
    expect(found(changes, needs)).toEqual(
      refused
        ? [
            "refusal cloudlet:stacks.shop: expected networks without encryption, got shop_safe with it, but the kernel of pixel-1, pixel-4 has no ESP or no xt_bpf, without which encrypted packets are lost; take `encrypted` out of its driver_opts",
          ]
        : [],
    );
    expect(found(changes)).toEqual([]);
  });

  it.each([
    ["10.0.0.0/8", "10.93.0.11/24", true],
    ["10.0.0.0/16", "10.93.0.11/24", false],
    ["192.168.1.0/24", "192.168.0.200/23", true],
    ["255.255.255.255/32", "0.0.0.0/0", true],
    ["fd00::/8", "10.0.0.0/8", false],
    ["10.0.0.0/8", "nonsense", false],
  ])("%s and %s overlap: %p", (a, b, expected) => {
    expect(overlap(a, b)).toBe(expected);
    expect(overlap(b, a)).toBe(expected);
  });
});
