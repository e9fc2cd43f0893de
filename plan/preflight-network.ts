import type { NodeConfig } from "../config/config";
import type { PhoneAddress, ReachablePhone } from "../observe/facts";
import { phonePath, type Finding } from "./preflight-finding";

/** What Docker gives its networks unless told otherwise; VXLAN takes its 50 bytes from it. */
const ASSUMED_MTU = 1500;
/** Where Swarm takes its first 256 networks from, the routing mesh's before all others. */
const SWARM_FIRST_NETWORKS = "10.0.0.0/16";

/** What is wrong with the address that a phone is declared with, and with the network around it. */
export function checkNetwork(node: NodeConfig, phone: ReachablePhone): Finding[] {
  const { addresses } = phone;
  if (addresses.length === 0) return [];
  const own = addresses.find(({ address }) => address === node.address);
  if (own === undefined) return [notThere(node, addresses)];
  return [checkDhcp(node, own), checkMtu(node, own), checkPools(node, phone, own)].flat();
}

function notThere({ key, address }: NodeConfig, addresses: readonly PhoneAddress[]): Finding {
  const there = addresses.map((each) => `${each.address} on ${each.device}`).join(", ");
  return {
    severity: "refusal",
    where: `${phonePath(key)}.address`,
    message: `expected an address of the phone's own, which the other phones are told, got ${address}, but it has ${there}`,
    fix: "write the one that the other phones reach",
  };
}

function checkDhcp({ key, address }: NodeConfig, { dynamic }: PhoneAddress): Finding[] {
  if (dynamic !== true) return [];
  return [
    {
      severity: "warning",
      where: `${phonePath(key)}.address`,
      message: `expected an address that stays, got ${address} from DHCP: with another one, a master does not find its swarm again`,
      fix: "reserve it in the router, and keep the phone's MAC address: nmcli connection modify NAME 802-11-wireless.cloned-mac-address permanent",
      standing: true,
    },
  ];
}

function checkMtu({ key }: NodeConfig, { device, mtu }: PhoneAddress): Finding[] {
  if (mtu === undefined || mtu >= ASSUMED_MTU) return [];
  return [
    {
      severity: "warning",
      where: phonePath(key),
      message: `expected an MTU of at least ${ASSUMED_MTU}, as Docker assumes for its networks, got ${mtu} on ${device}: large packets between phones are lost`,
      fix: `set the MTU of ${device} to ${ASSUMED_MTU}, or com.docker.network.driver.mtu: "${mtu - 50}" in driver_opts of the stacks' networks`,
    },
  ];
}

function checkPools(
  { key, address }: NodeConfig,
  { engine }: ReachablePhone,
  { prefixLength }: PhoneAddress,
): Finding[] {
  if (prefixLength === undefined) return [];
  const lan = `${address}/${prefixLength}`;
  const named = (engine.addressPools ?? []).filter((pool) => overlap(pool, lan));
  if (named.length > 0) {
    return [
      {
        severity: "refusal",
        where: phonePath(key),
        message: `expected address pools apart from the phones' network, got ${named.join(", ")}, which overlaps ${lan}: containers could not reach the phones`,
        fix: 'write another "default-address-pools" in /etc/docker/daemon.json there, or begin the swarm with another --default-addr-pool',
      },
    ];
  }
  const swarmHasOwn = (engine.addressPools ?? []).length > 0;
  if (swarmHasOwn || !overlap(SWARM_FIRST_NETWORKS, lan)) return [];
  return [
    {
      severity: "warning",
      where: phonePath(key),
      message: `expected a network apart from Swarm's own, got ${lan}, which overlaps ${SWARM_FIRST_NETWORKS}, where Swarm takes its networks from: containers may not reach the phones`,
      fix: "give the phones another network, such as 192.168.1.0/24",
    },
  ];
}

/** Whether two networks in CIDR notation have addresses in common; one that cannot be read has none. */
export function overlap(a: string, b: string): boolean {
  const [one, other] = [rangeOf(a), rangeOf(b)];
  return one !== undefined && other !== undefined && one.from <= other.to && other.from <= one.to;
}

function rangeOf(network: string): { from: number; to: number } | undefined {
  const parts = /^(\d+)\.(\d+)\.(\d+)\.(\d+)\/(\d+)$/.exec(network)?.slice(1).map(Number);
  if (parts === undefined) return undefined;
  const [a = 0, b = 0, c = 0, d = 0, length = 0] = parts;
  const size = 2 ** (32 - length);
  const address = ((a * 256 + b) * 256 + c) * 256 + d;
  const from = Math.floor(address / size) * size;
  return { from, to: from + size - 1 };
}
