import execa from "execa";
import type { Config } from "../../config/config";
import type { Facts } from "../../observe/facts";
import { isReachable } from "../../observe/parse-facts";
import { SSH_CONFIG } from "../../observe/ssh-config";
import type { Finding } from "../../plan/preflight-finding";
import {
  attemptsTo,
  describeLost,
  describeUnsent,
  endpointsOf,
  outcomeOf,
  sendScript,
  WATCHING,
  watchScript,
  type Attempt,
  type Endpoint,
} from "./firewall-scripts";

/** A phone that does not end its part within this time is told as not tried. */
const LIMIT_SECONDS = 60;

/** What trying the firewalls brought up. */
export interface FirewallTrial {
  readonly findings: readonly Finding[];
  /** What could not be tried, and why. */
  readonly notTried: readonly string[];
}

/** Tries Swarm's ports between every two phones that answer, in both directions, with real packets; leaves nothing on them. */
export async function tryFirewalls(config: Config, facts: Facts): Promise<FirewallTrial> {
  const phones = endpointsOf(config).filter(({ key }) => isReachable(facts.get(key)));
  if (phones.length < 2) return { findings: [], notTried: [] };
  const obstacles = new Map(phones.flatMap((each) => obstacleOf(each, facts)));
  const usable = phones.filter(({ key }) => obstacles.get(key)?.concerns !== "both");
  const attempts = usable
    .filter(({ key }) => !obstacles.has(key))
    .flatMap((to) => attemptsTo(to, usable));
  const trial =
    attempts.length === 0 ? { findings: [], notTried: [] } : await run(usable, attempts);
  const notTried = [...obstacles].map(([key, { concerns, reason }]) =>
    concerns === "both" ? `from and to ${key}: ${reason}` : `to ${key}: ${reason}`,
  );
  return { ...trial, notTried: [...notTried, ...trial.notTried] };
}

interface Obstacle {
  /** "to": it can still send. */
  readonly concerns: "to" | "both";
  readonly reason: string;
}

function obstacleOf({ key, address }: Endpoint, facts: Facts): [string, Obstacle][] {
  const phone = facts.get(key);
  if (!isReachable(phone)) return [];
  if (phone.addresses.length > 0 && !phone.addresses.some((each) => each.address === address))
    return [[key, { concerns: "both", reason: `${address} is not its own` }]];
  // Before the first `up`, and after someone reloaded the rules, it is closed to all.
  return phone.firewall === "closed"
    ? [[key, { concerns: "to", reason: "its firewall is not open yet; `pulumi up` opens it" }]]
    : [];
}

async function run(
  phones: readonly Endpoint[],
  attempts: readonly Attempt[],
): Promise<FirewallTrial> {
  const sessions = await Promise.all(phones.map(({ key }) => watch(key, attempts, phones)));
  await Promise.all(
    phones.map(async ({ key }) => {
      const own = attempts.filter(({ from }) => from === key);
      if (own.length > 0) await runOn(key, sendScript(own, phones), "ignore");
    }),
  );
  const ends = await Promise.all(sessions.map((session) => session.end()));
  const blind = ends.filter(({ reason }) => reason !== undefined);
  const counted = attempts.filter(
    ({ from, to }) => !blind.some(({ key }) => key === from || key === to),
  );
  const listings = ends.map(({ listing }) => listing).join("\n");
  const ended = (outcome: string) =>
    counted.filter((attempt) => outcomeOf(attempt, listings) === outcome);
  return {
    findings: describeLost(ended("lost"), attempts, phones),
    notTried: [
      ...blind.map(({ key, reason = "" }) => `from and to ${key}: ${reason}`),
      ...describeUnsent(ended("not sent")),
    ],
  };
}

interface Session {
  end(): Promise<{ key: string; listing: string; reason: string | undefined }>;
}

// Comes back when the phone counts, or has said why it cannot.
async function watch(
  key: string,
  attempts: readonly Attempt[],
  peers: readonly Endpoint[],
): Promise<Session> {
  const session = runOn(key, watchScript(key, attempts, peers), "pipe");
  const firstLine = await new Promise<string>((resolve) => {
    let said = "";
    session.stdout?.on("data", (data: Buffer) => {
      said += data.toString();
      const [line = "", ...rest] = said.split("\n");
      if (rest.length > 0) resolve(line);
    });
    void session.then(() => {
      resolve("it broke off");
    });
  });
  const end = async () => {
    session.stdin?.end();
    const { stdout, exitCode } = await session;
    const reason =
      firstLine === WATCHING ? (exitCode === 0 ? undefined : "it broke off") : firstLine;
    return { key, listing: stdout, reason };
  };
  return { end };
}

function runOn(key: string, script: string, stdin: "pipe" | "ignore") {
  return execa("ssh", ["-F", SSH_CONFIG, "-T", key, script], {
    stdin,
    reject: false,
    timeout: LIMIT_SECONDS * 1000,
  });
}
