import { createHash } from "node:crypto";

/**
 * The firewall drop-in for a phone: Swarm's ports are open to the other phones of the cloudlet, and to nobody else,
 * as VXLAN has no authentication. In the syntax of nftables' drop-ins, applied after postmarketOS's own table is there.
 */
export function firewallText(peers: readonly string[]): string {
  const from = `ip saddr { ${[...peers].sort().join(", ")} }`;
  const rules = `add rule inet filter cloudlet ${from} tcp dport { 2377, 7946 } accept
add rule inet filter cloudlet ${from} udp dport { 4789, 7946 } accept
`;
  return `# Written by cloudlet: the other phones of the cloudlet may reach Swarm's ports.
add chain inet filter cloudlet
flush chain inet filter cloudlet
${peers.length === 0 ? "" : rules}insert rule inet filter input jump cloudlet
`;
}

/** What `sha256sum` prints for a file with this text. */
export function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
