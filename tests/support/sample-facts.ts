import type { Config, NodeConfig } from "../../config/config";
import type { Facts, PhoneFacts, ReachablePhone, SwarmFacts, SwarmNode } from "../../observe/facts";
import { engineSettings } from "../../plan/engine-settings";
import { firewallText, sha256 } from "../../plan/firewall";

export const CLUSTER = "cluster-of-ours";

/** The entry of a phone in the swarm, just as declared. */
export function declaredEntry({ key, role, platform, address, labels }: NodeConfig): SwarmNode {
  return {
    id: `id-${key}`,
    hostname: key,
    role: role === "master" ? "manager" : "worker",
    availability: "active",
    state: "ready",
    address,
    labels: { ...labels, "cloudlet.node": key, "cloudlet.platform": platform },
    leader: false,
    reachability: role === "master" ? "reachable" : "",
  };
}

/** A phone that is just as declared, and a member of a swarm of such phones. */
export function declaredPhone(config: Config, node: NodeConfig): ReachablePhone {
  const peers = config.nodes.filter(({ key }) => key !== node.key).map(({ address }) => address);
  const nodes = config.nodes.map(declaredEntry);
  const settings = engineSettings(config);
  return {
    reachable: true,
    hostname: node.key,
    machine: "armv7l",
    privilege: "doas",
    initSystem: "openrc",
    packageManager: "apk",
    engine: {
      installed: true,
      enabledAtBoot: true,
      running: true,
      version: "25.0.5",
      userHasAccess: true,
      daemonJson: { ...settings.defaults, ...settings.declared },
    },
    membership: { clusterId: CLUSTER, nodeId: `id-${node.key}`, manager: node.role === "master" },
    ipVs: true,
    addresses: [{ device: "wlan0", address: node.address }],
    firewall: "open",
    firewallHash: sha256(firewallText(peers)),
    repairs: 5,
    swarm: node.role === "master" ? swarmOf(nodes) : undefined,
  };
}

/** A swarm with these nodes, and nothing in it yet. */
export function swarmOf(nodes: readonly SwarmNode[]): SwarmFacts {
  return {
    clusterId: CLUSTER,
    nodes,
    services: [],
    networks: [],
    secrets: [],
    configs: [],
    labelled: [],
  };
}

/** A phone as it comes: reachable, without Docker, in no swarm. */
export function freshPhone(config: Config, node: NodeConfig): ReachablePhone {
  return {
    ...declaredPhone(config, node),
    engine: {
      installed: false,
      enabledAtBoot: false,
      running: false,
      version: "",
      userHasAccess: false,
    },
    membership: undefined,
    firewall: "closed",
    firewallHash: "",
    repairs: undefined,
    swarm: undefined,
  };
}

export const noAnswer: PhoneFacts = {
  reachable: false,
  reason: "no answer",
  detail: "ssh: connect to host 192.168.1.23 port 22: No route to host",
};

/** What looking at all phones would find, each just as declared but where `changes` says otherwise. */
export function sampleFacts(
  config: Config,
  changes: Readonly<Record<string, Partial<ReachablePhone> | PhoneFacts>> = {},
): Facts {
  return new Map(
    config.nodes.map((node): [string, PhoneFacts] => {
      const change = changes[node.key] ?? {};
      if ("reachable" in change && !change.reachable) return [node.key, change as PhoneFacts];
      return [node.key, { ...declaredPhone(config, node), ...change }];
    }),
  );
}

/** Facts of phones that are all as they come. */
export function freshFacts(config: Config): Facts {
  return new Map(config.nodes.map((node) => [node.key, freshPhone(config, node)]));
}
