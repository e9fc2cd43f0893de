import { z } from "zod";

/** A port of the short form: one target, and the published port or ports (0: the swarm chooses). */
export interface PortMapping {
  protocol: string;
  target: number;
  published: number;
  publishedEnd: number;
  /** The address that was asked for; a swarm publishes on all of them. */
  address: string;
}

/**
 * Reads `[address:][published:]target[/protocol]`, each of the ports a number or a range, as
 * github.com/docker/go-connections does; a text says what is wrong.
 */
export function parsePort(text: string): PortMapping[] | string {
  const parts = text.split(":");
  const [target, protocol] = splitProtocol(parts.at(-1) ?? "");
  const hostPart = parts.at(-2) ?? "";
  const address = parts.slice(0, -2).join(":");
  const bare = readAddress(address);
  if (bare === undefined) return `"${address}" is not an IP address`;
  if (target === "") return "there is no port";
  const container = parseRange(target);
  if (!container) return `"${target}" is not a port or a range of ports`;
  const host = hostPart === "" ? { start: 0, end: 0 } : parseRange(hostPart);
  if (!host) return `"${hostPart}" is not a port or a range of ports`;
  const size = container.end - container.start;
  if (hostPart !== "" && size !== host.end - host.start && size !== 0) {
    return `the ranges ${hostPart} and ${target} differ in length`;
  }
  if (!["tcp", "udp", "sctp"].includes(protocol.toLowerCase())) {
    return `"${protocol}" is none of tcp, udp and sctp`;
  }
  return Array.from({ length: size + 1 }, (_, index) => {
    const isPool = size === 0 && host.end !== host.start;
    const published = hostPart === "" ? 0 : host.start + index;
    return {
      protocol: protocol.toLowerCase(),
      target: container.start + index,
      published,
      publishedEnd: isPool ? host.end : published,
      address: bare,
    };
  });
}

function splitProtocol(text: string): [port: string, protocol: string] {
  const [port = "", protocol = ""] = text.split("/");
  if (port === "") return ["", ""];
  return [port, protocol === "" ? "tcp" : protocol];
}

function readAddress(text: string): string | undefined {
  const [, bracketed] = /^\[([^[\]]*)\]$/.exec(text) ?? [];
  if (text.startsWith("[") && bracketed === undefined) return undefined;
  const bare = bracketed ?? text;
  return bare === "" || isAddress(bare) ? bare : undefined;
}

const address = z.union([z.ipv4(), z.ipv6()]);

function isAddress(text: string): boolean {
  return address.safeParse(text).success;
}

function parseRange(text: string): { start: number; end: number } | undefined {
  const [first = "", last = first] = text.split("-");
  const [start, end] = [parseNumber(first), parseNumber(last)];
  return start !== undefined && end !== undefined && start <= end ? { start, end } : undefined;
}

function parseNumber(text: string): number | undefined {
  return /^[0-9]+$/.test(text) && Number(text) <= 65535 ? Number(text) : undefined;
}
