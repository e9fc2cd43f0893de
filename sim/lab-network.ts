import { networkInterfaces } from "node:os";
import type { Engine } from "./engine";
import { LAB_LABEL } from "./phone-container";
import { runProgram } from "./run-program";

const FIRST_PHONE = 11;
const REGISTRY = 2;

/** The address of the registry in a /24 subnet such as "10.86.0.0/24". */
export function registryAddress(subnet: string): string {
  return addressIn(subnet, REGISTRY);
}

/** The lowest address for a phone in a /24 subnet that is not taken. */
export function freeAddress(subnet: string, taken: ReadonlySet<string>): string {
  for (let last = FIRST_PHONE; last < 255; last++) {
    const address = addressIn(subnet, last);
    if (!taken.has(address)) return address;
  }
  throw new Error(`lab: no address left in ${subnet}`);
}

/** What is wrong with a subnet, if anything. */
export function subnetProblem(subnet: string): string | undefined {
  const octets = /^(\d+)\.(\d+)\.(\d+)\.0\/24$/.exec(subnet)?.slice(1).map(Number);
  if (octets?.every((octet) => octet <= 255) === true) return undefined;
  return `subnet: expected a network of 256 addresses such as 10.86.0.0/24, got "${subnet}"`;
}

/** The name of a lab's network, in the engine. */
export function networkName(lab: string): string {
  return `cloudlet-${lab}`;
}

/** Makes the lab's network, from which nothing gets out of this machine, unless it is there. */
export async function ensureNetwork(engine: Engine, lab: string, subnet: string): Promise<void> {
  const name = networkName(lab);
  const format = "{{range .IPAM.Config}}{{.Subnet}}{{end}}";
  const inspect = ["network", "inspect", "--format", format, name];
  const existing = await engine.docker(inspect, { allowFailure: true });
  if (existing.exitCode === 0) {
    const there = existing.stdout.trim();
    if (there === subnet) return;
    throw new Error(`lab ${lab}: has the subnet ${there}, got ${subnet}; destroy it first`);
  }
  await removeLeftOverBridge(lab);
  requireFreeSubnet(lab, subnet);
  await engine.docker([
    ...["network", "create", "--internal", `--subnet=${subnet}`, `--label=${LAB_LABEL}=${lab}`],
    ...[`--opt=com.docker.network.bridge.name=${bridgeName(lab)}`, name],
  ]);
}

/** The lab's network as this machine's kernel knows it. */
export function bridgeName(lab: string): string {
  return `cl-${lab}`;
}

// Of an engine whose data was deleted while it ran: a new one would take it for the user's and never remove it.
async function removeLeftOverBridge(lab: string): Promise<void> {
  await runProgram("ip", ["link", "delete", bridgeName(lab)], { allowFailure: true });
}

function requireFreeSubnet(lab: string, subnet: string): void {
  const prefix = subnet.split(".").slice(0, 3).join(".");
  for (const [name, addresses] of Object.entries(networkInterfaces())) {
    if (addresses?.some(({ address }) => address.startsWith(`${prefix}.`)) === true) {
      throw new Error(
        `lab ${lab}: subnet ${subnet} is in use by this machine's ${name}; choose another`,
      );
    }
  }
}

function addressIn(subnet: string, last: number): string {
  return subnet.replace(/\.0\/24$/, `.${last}`);
}
