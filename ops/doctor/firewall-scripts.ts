import type { Config } from "../../config/config";
import { FIND_ROOT, FIREWALL_FILE } from "../../observe/facts-scripts";
import { shellQuote } from "../../observe/shell-quote";
import { phonePath, type Finding } from "../../plan/preflight-finding";

/** One port of Swarm, on one phone, tried from another one. */
export interface Attempt {
  readonly from: string;
  readonly to: string;
  readonly protocol: "tcp" | "udp";
  readonly port: number;
}

/** A phone that can be reached. */
export interface Endpoint {
  readonly key: string;
  readonly address: string;
  readonly isMaster: boolean;
}

// 2377 is where a manager lets others in, 7946 gossip, 4789 the networks' own packets.
const PORTS = [
  { protocol: "tcp", port: 2377, mastersOnly: true },
  { protocol: "tcp", port: 7946, mastersOnly: false },
  { protocol: "udp", port: 7946, mastersOnly: false },
  { protocol: "udp", port: 4789, mastersOnly: false },
] as const;

const TABLE = "cloudlet_doctor";
/** Tells our UDP packets from a swarm's: it looks like a question for a name, as not every BusyBox can send anything else. */
const QUESTION = "cloudlet.invalid";
const PAYLOAD = "............\\010cloudlet";
// The length and the first letters of that name: 64 bits, 160 bits after the UDP header begins.
const IS_OURS = "@th,160,64 0x08636c6f75646c65";
/** The first line of {@link watchScript} where it can count. */
export const WATCHING = "watching";

/** The phones of the settings with what the attempts need. */
export function endpointsOf({ nodes }: Config): Endpoint[] {
  return nodes.map(({ key, address, role }) => ({ key, address, isMaster: role === "master" }));
}

/** Every port of a phone that each of the others must reach. */
export function attemptsTo(to: Endpoint, others: readonly Endpoint[]): Attempt[] {
  return others
    .filter(({ key }) => key !== to.key)
    .flatMap(({ key }) =>
      PORTS.filter(({ mastersOnly }) => to.isMaster || !mastersOnly).map(({ protocol, port }) => ({
        from: key,
        to: to.key,
        protocol,
        port,
      })),
    );
}

/**
 * Counts, on a phone, the packets that it sends to others, and those of others that got past its firewall: behind the filter, so that
 * it does not matter whether anything listens. Says `watching`, counts until its standard input ends, prints the counters, and leaves
 * nothing.
 */
export function watchScript(
  key: string,
  attempts: readonly Attempt[],
  peers: readonly Endpoint[],
): string {
  const sent = attempts.filter(({ from }) => from === key);
  const seen = attempts.filter(({ to }) => to === key);
  const table = `table inet ${TABLE} {
  chain sent {
    type filter hook output priority 100; policy accept;
${sent.map((each) => rule(`ip daddr ${addressOf(each.to, peers)}`, "sent", each)).join("")}  }
  chain seen {
    type filter hook input priority 100; policy accept;
${seen.map((each) => rule(`ip saddr ${addressOf(each.from, peers)}`, "seen", each)).join("")}  }
}
`;
  const watch = `PATH=$PATH:/usr/sbin:/sbin
close() { nft delete table inet ${TABLE} 2>/dev/null; }
command -v nft >/dev/null 2>&1 || { echo "it has no nft to count packets with"; exit; }
close
trap close EXIT
trap 'exit 1' HUP INT TERM
printf %s ${shellQuote(table)} | nft -f - 2>/dev/null || { echo "its nft cannot count packets"; exit; }
echo ${WATCHING}
cat >/dev/null
nft list table inet ${TABLE}`;
  return `${FIND_ROOT}
if [ "$root" = none ]; then echo "its user cannot become root"; exit; fi
$root sh -c ${shellQuote(watch)}`;
}

function rule(address: string, kind: "sent" | "seen", attempt: Attempt): string {
  const { protocol, port } = attempt;
  const ours = protocol === "tcp" ? "tcp flags & (syn | ack) == syn" : IS_OURS;
  return `    ${address} ${protocol} dport ${port} ${ours} counter comment "${kind} ${nameOf(attempt)}"\n`;
}

function nameOf({ from, to, protocol, port }: Attempt): string {
  return `${from} ${to} ${protocol} ${port}`;
}

function addressOf(key: string, peers: readonly Endpoint[]): string {
  return peers.find((peer) => peer.key === key)?.address ?? "";
}

/** Sends to every port from the phone that tries: a connection, or a few packets, as one may be lost. Whether it could is counted. */
export function sendScript(attempts: readonly Attempt[], peers: readonly Endpoint[]): string {
  const calls = attempts.map(
    ({ to, protocol, port }) => `${protocol} ${addressOf(to, peers)} ${port} &`,
  );
  return `have() { command -v "$1" >/dev/null 2>&1; }
if have nc; then tcp() { timeout 4 nc -w 3 "$1" "$2" </dev/null; }
else tcp() { timeout 4 bash -c 'exec 3<>"/dev/tcp/$0/$1"' "$1" "$2"; }; fi
if have bash; then udp() { for n in 1 2 3; do bash -c 'printf "${PAYLOAD}" >"/dev/udp/$0/$1"' "$1" "$2"; done; }
else udp() { printf '${PAYLOAD}' | timeout 1 nc -u -w 1 "$1" "$2"; timeout 2 nslookup ${QUESTION} "$1:$2"; }; fi
{
${calls.join("\n")}
wait
} >/dev/null 2>&1`;
}

/** How an attempt ended: what did not leave the phone says nothing of the other's firewall. */
export type Outcome = "arrived" | "lost" | "not sent";

/** Reads the counters of all phones together. */
export function outcomeOf(attempt: Attempt, listings: string): Outcome {
  const counted = (kind: "sent" | "seen") => {
    const [, count = "0"] =
      new RegExp(`packets (\\d+) bytes \\d+ comment "${kind} ${nameOf(attempt)}"`).exec(listings) ??
      [];
    return count !== "0";
  };
  if (counted("seen")) return "arrived";
  return counted("sent") ? "lost" : "not sent";
}

/** One line for each two phones between which something could not be tried. */
export function describeUnsent(unsent: readonly Attempt[]): string[] {
  return pairsOf(unsent).map(
    ({ from, to, attempts }) =>
      `from ${from} to ${to}: ${from} could not send ${portsOf(attempts)}`,
  );
}

/** One finding for each two phones between which something does not get through. */
export function describeLost(
  lost: readonly Attempt[],
  attempts: readonly Attempt[],
  peers: readonly Endpoint[],
): Finding[] {
  return pairsOf(lost).map(({ from, to, attempts: ports }) => {
    const tried = attempts.filter((each) => each.from === from && each.to === to);
    return {
      severity: "refusal",
      where: phonePath(to),
      message: `expected packets of ${from} (${addressOf(from, peers)}) to get through, got none on ${portsOf(ports)}`,
      fix:
        ports.length === tried.length
          ? `if the two cannot ping each other, switch client isolation off in the router; else see what drops them: nft list ruleset on ${to}`
          : `see what drops them: nft list ruleset on ${to}; ${FIREWALL_FILE} of cloudlet lets them in`,
    };
  });
}

interface Pair {
  readonly from: string;
  readonly to: string;
  readonly attempts: readonly Attempt[];
}

function pairsOf(attempts: readonly Attempt[]): Pair[] {
  const pairs = new Map(attempts.map(({ from, to }) => [`${from} ${to}`, { from, to }]));
  return [...pairs.values()].map(({ from, to }) => ({
    from,
    to,
    attempts: attempts.filter((each) => each.from === from && each.to === to),
  }));
}

function portsOf(attempts: readonly Attempt[]): string {
  return attempts.map(({ protocol, port }) => `${protocol.toUpperCase()} ${port}`).join(", ");
}
