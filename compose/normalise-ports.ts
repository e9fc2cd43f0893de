import type { PortConfig } from "./compose-config";
import type { ComposeNode } from "./compose-node";
import { parsePort, type PortMapping } from "./parse-port";
import type { ProblemList } from "./problem-list";
import { Fields } from "./read-fields";

// Twice as many as there are ports: beyond that, ranges overlap without end.
const mostPorts = 2 * 65536;

/** The ports of a service in the long form, ranges written out. */
export function normalisePorts(fields: Fields): PortConfig[] | undefined {
  let count = 0;
  return fields.items("ports")?.flatMap((item) => {
    if (item.kind === "map") return [readLong(new Fields(item, fields.problems))];
    const mappings = readShort(item);
    for (const { published, publishedEnd } of mappings) count += publishedEnd - published + 1;
    if (count > mostPorts) return refuseMany(item, fields.problems);
    return sorted(mappings).flatMap((mapping) => {
      if (isOneAddress(mapping.address)) warnAddress(item, mapping, fields.problems);
      return expand(mapping);
    });
  });
}

function refuseMany({ origin }: ComposeNode, problems: ProblemList): PortConfig[] {
  problems.add("decode/many-ports", origin, `brings the service beyond ${mostPorts} ports`);
  return [];
}

function readShort(node: ComposeNode): PortMapping[] {
  const text = node.kind === "integer" ? node.value.toString() : "";
  const parsed = parsePort(node.kind === "string" ? node.value : text);
  return typeof parsed === "string" ? [] : parsed;
}

function readLong(fields: Fields): PortConfig {
  return {
    target: fields.count("target", 32) ?? 0,
    published: fields.count("published", 32) ?? 0,
    protocol: fields.text("protocol"),
    mode: fields.text("mode"),
  };
}

// The CLI sorts the ports of one range as texts: 10 before 9.
function sorted(mappings: PortMapping[]): PortMapping[] {
  const key = ({ target, protocol }: PortMapping) => `${target}/${protocol}`;
  return mappings.toSorted((left, right) => (key(left) < key(right) ? -1 : 1));
}

function expand({ target, published, publishedEnd, protocol }: PortMapping): PortConfig[] {
  return Array.from({ length: publishedEnd - published + 1 }, (_, index) => ({
    target,
    published: published + index,
    protocol,
    mode: "ingress",
  }));
}

function isOneAddress(address: string): boolean {
  return address !== "" && !/^(?:0\.0\.0\.0|[0:]*(?:::)?[0:]*)$/.test(address);
}

function warnAddress(node: ComposeNode, { address }: PortMapping, problems: ProblemList): void {
  const message = `is published on all addresses of the nodes: a swarm ignores the address ${address}`;
  problems.warn("ignored/address", node.origin, message);
}
