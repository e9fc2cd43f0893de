import fc from "fast-check";
import type { Config } from "../../../config/config";
import type { Facts, PhoneFacts, SwarmNode } from "../../../observe/facts";
import { checkFacts } from "../../../plan/check-facts";
import { checkQuorum } from "../../../plan/check-quorum";
import { checkMembership, membershipSteps } from "../../../plan/membership";
import { sampleConfig, sampleNode } from "../../support/sample-config";
import {
  CLUSTER,
  declaredEntry,
  declaredPhone,
  freshPhone,
  noAnswer,
  swarmOf,
} from "../../support/sample-facts";

const KEYS = ["a", "b", "c", "d", "e", "f", "g"];

/** Roles of phones by key; what is not in it is not there. */
type Roles = Readonly<Record<string, "master" | "compute">>;

/** What a swarm of the phones `was` looks like to settings that say `shall`, while some phones are `down`. */
interface Transition {
  readonly was: Roles;
  readonly shall: Roles;
  readonly down: ReadonlySet<string>;
  /** Phones that were wiped: they answer, and their entry is that of something gone. */
  readonly wiped: ReadonlySet<string>;
}

function configOf(roles: Roles): Config {
  const nodes = Object.entries(roles).map(([key, role]): [string, object] => [
    key,
    sampleNode(20 + KEYS.indexOf(key), role),
  ]);
  return sampleConfig({ nodes: Object.fromEntries(nodes), stacks: {} });
}

// Each by itself, as a swarm may have come to any number of masters, and settings may not.
const NODES = new Map(KEYS.map((key) => [key, configOf({ [key]: "master" }).nodes]));

function entriesOf({ was, down, wiped }: Transition): SwarmNode[] {
  return Object.entries(was).flatMap(([key, role]) => {
    const silent = down.has(key) || wiped.has(key);
    return (NODES.get(key) ?? []).map((node): SwarmNode => {
      const entry = declaredEntry({ ...node, role });
      if (!silent) return entry;
      return { ...entry, state: "down", reachability: role === "master" ? "unreachable" : "" };
    });
  });
}

/** Which managers answer the others, by node id. */
type Votes = ReadonlyMap<string, boolean>;

const votesOf = (entries: readonly SwarmNode[]): Votes =>
  new Map(
    entries
      .filter(({ role }) => role === "manager")
      .map(({ id, reachability }) => [id, reachability === "reachable"]),
  );

function hasMajority(votes: Votes): boolean {
  const up = [...votes.values()].filter(Boolean).length;
  return up * 2 > votes.size;
}

function factsOf(config: Config, transition: Transition): Facts {
  const { was, down, wiped } = transition;
  const entries = entriesOf(transition);
  const managed = hasMajority(votesOf(entries));
  return new Map(
    config.nodes.map((node): [string, PhoneFacts] => {
      if (down.has(node.key)) return [node.key, noAnswer];
      if (was[node.key] === undefined || wiped.has(node.key))
        return [node.key, freshPhone(config, node)];
      const manages = managed && was[node.key] === "master";
      const membership = { clusterId: CLUSTER, nodeId: `id-${node.key}` };
      const swarm = manages ? swarmOf(entries) : undefined;
      return [node.key, { ...declaredPhone(config, node), membership, swarm }];
    }),
  );
}

/** The votes after each step, the first being those before any. */
function* playThrough(transition: Transition, config: Config, facts: Facts): Generator<Votes> {
  const votes = new Map(votesOf(entriesOf(transition)));
  yield votes;
  for (const { action, node, manager, up } of membershipSteps(config, facts)) {
    if (!manager) continue;
    if (action === "join" || action === "promote") votes.set(node, up);
    else votes.delete(node);
    yield votes;
  }
}

const role = fc.constantFrom("master" as const, "compute" as const);
/** Any roles for a swarm that came to be somehow, and one of the numbers of masters that settings may have. */
const anyRoles = fc
  .uniqueArray(fc.tuple(fc.constantFrom(...KEYS), role), { minLength: 1, selector: ([key]) => key })
  .map((entries): Roles => Object.fromEntries(entries));
const mastersOf = (roles: Roles) => Object.values(roles).filter((one) => one === "master").length;
const legalRoles = anyRoles.filter((roles) => [1, 3, 5, 7].includes(mastersOf(roles)));
const somePhones = fc.subarray(KEYS).map((keys) => new Set(keys));
const transitions = fc.record<Transition>({
  was: anyRoles.filter((roles) => mastersOf(roles) > 0),
  shall: legalRoles,
  down: somePhones,
  wiped: somePhones,
});

describe("from any swarm of one to seven phones to any other, with any of them down or wiped", () => {
  it("no step loses the majority, and the last leaves the declared masters, or the change is refused", () => {
    let changes = 0;
    fc.assert(
      fc.property(transitions, (transition) => {
        const config = configOf(transition.shall);
        const facts = factsOf(config, transition);
        const begin = votesOf(entriesOf(transition));
        // Others refuse these: no majority to begin with, no phone that manages, a new phone that does not answer.
        fc.pre(hasMajority(begin));
        fc.pre([...facts.values()].some((phone) => phone.reachable && phone.swarm !== undefined));
        fc.pre(config.nodes.every(({ key }) => !transition.down.has(key) || key in transition.was));
        fc.pre(checkMembership(config, facts).length === 0);
        changes += 1;
        let last = begin;
        for (const votes of playThrough(transition, config, facts)) {
          expect(hasMajority(votes)).toBe(true);
          last = votes;
        }
        const shall = config.nodes.filter(({ role: is }) => is === "master");
        const waiting = shall.filter(
          ({ key }) => transition.down.has(key) && transition.was[key] !== "master",
        );
        expect(last.size).toBe(shall.length - waiting.length);
      }),
      { numRuns: 3000 },
    );
    expect(changes).toBeGreaterThan(300);
  });

  it("what is refused could not be done in any order: the masters at its end would be no majority", () => {
    let refusals = 0;
    fc.assert(
      fc.property(transitions, (transition) => {
        const config = configOf(transition.shall);
        const facts = factsOf(config, transition);
        fc.pre([...facts.values()].some((phone) => phone.reachable && phone.swarm !== undefined));
        fc.pre(checkMembership(config, facts).length > 0);
        refusals += 1;
        const masters = config.nodes.filter(({ role: is }) => is === "master");
        const silent = masters.filter(({ key }) => transition.down.has(key));
        const voting = silent.filter(({ key }) => transition.was[key] === "master");
        expect(masters.length - silent.length).toBeLessThanOrEqual(voting.length);
      }),
      { numRuns: 300 },
    );
    expect(refusals).toBeGreaterThan(10);
  });
});

describe("membershipSteps", () => {
  const steps = (transition: Partial<Transition>): string[] => {
    const whole = { was: {}, shall: {}, down: new Set<string>(), wiped: new Set<string>() };
    const { shall, ...rest } = { ...whole, ...transition };
    const config = configOf(shall);
    const facts = factsOf(config, { ...rest, shall });
    return membershipSteps(config, facts).map(({ action, phone }) => `${action} ${phone}`);
  };
  const [one, three]: [Roles, Roles] = [{ a: "master" }, { a: "master", b: "master", c: "master" }];

  it.each<[string, Partial<Transition>, string[]]>([
    ["nothing", { was: three, shall: three }, []],
    ["1 -> 3", { was: one, shall: three }, ["join b", "join c"]],
    ["3 -> 1", { was: three, shall: one }, ["remove b", "remove c"]],
    [
      "3 -> 1 with one of them dead, which goes first",
      { was: three, shall: one, down: new Set(["c"]) },
      ["remove c", "remove b"],
    ],
    [
      "two that swap their roles",
      { was: { a: "master", b: "compute" }, shall: { a: "compute", b: "master" } },
      ["promote b", "demote a"],
    ],
    [
      "all but one replaced",
      { was: three, shall: { a: "master", d: "master", e: "master" } },
      ["join d", "join e", "remove b", "remove c"],
    ],
    [
      "a dead one replaced by a compute, which it could not let in",
      {
        was: { ...three, d: "compute" },
        shall: { a: "master", b: "master", d: "master" },
        down: new Set(["c"]),
      },
      ["remove c", "promote d"],
    ],
    [
      "a wiped master, whose old entry goes at once",
      { was: three, shall: three, wiped: new Set(["b"]) },
      ["join b", "remove b"],
    ],
    [
      "a master that shall be none, and is off: it waits",
      { was: three, shall: { a: "master", b: "compute", c: "compute" }, down: new Set(["c"]) },
      ["demote c", "demote b"],
    ],
  ])("%s", (_, transition, expected) => {
    expect(steps(transition)).toEqual(expected);
  });
});

describe("checkMembership", () => {
  it("names the masters that would have to answer", () => {
    const was: Roles = { a: "master", b: "master", c: "master" };
    const transition = {
      was,
      shall: { c: "master", b: "compute" } as Roles,
      down: new Set(["c"]),
      wiped: new Set<string>(),
    };
    const config = configOf(transition.shall);
    const entries = entriesOf(transition);
    const b = declaredPhone(config, config.nodes[0] ?? expectNode());
    const facts: Facts = new Map<string, PhoneFacts>([
      ["b", { ...b, swarm: swarmOf(entries) }],
      ["c", noAnswer],
    ]);
    expect(checkMembership(config, facts)).toEqual([
      {
        where: "cloudlet:nodes",
        message:
          "expected that more than half of the masters answer once the change is made, got 0 of 1, as c does not; " +
          "switch on what is off first, or give its role to a phone that answers",
      },
    ]);
  });

  it.each([
    ["as it is now", ["192.168.1.20", "192.168.1.31"]],
    [
      "as an engine says it that was demoted just now",
      ["192.168.1.20", "192.168.1.21", "192.168.1.31"],
    ],
  ])(
    "refuses to replace all masters at once, and says who still manages the swarm: %s",
    (_, managers) => {
      const config = configOf({ b: "compute", d: "master" });
      const [b, d] = config.nodes;
      if (b === undefined || d === undefined) throw new Error("no nodes");
      const membership = {
        clusterId: CLUSTER,
        nodeId: "id-b",
        address: b.address,
        managers,
        manager: false,
      };
      const facts: Facts = new Map<string, PhoneFacts>([
        ["b", { ...declaredPhone(config, b), membership }],
        ["d", freshPhone(config, d)],
      ]);
      expect(checkMembership(config, facts).map(({ message }) => message)).toEqual([
        "expected one of the phones that manage the swarm of b, which alone can let others in, got none of 192.168.1.20, 192.168.1.31; " +
          "keep one of them in the settings for one `up`, and take it out afterwards; " +
          "if that is another swarm, which may lose it: ssh cloudlet@192.168.1.21 docker swarm leave --force",
      ]);
      // And says nothing else of it.
      expect(checkFacts(config, facts, false).problems).toEqual([]);
      expect(checkQuorum(config, facts)).toEqual([]);
    },
  );

  it("does not take a swarm for somebody else's that a phone of the settings manages, or may manage", () => {
    const config = configOf({ b: "compute", d: "master" });
    const [b, d] = config.nodes;
    if (b === undefined || d === undefined) throw new Error("no nodes");
    const membership = { clusterId: CLUSTER, nodeId: "id-b", address: b.address };
    const managers = [d.address, "192.168.1.31"];
    const member = { ...declaredPhone(config, b), membership: { ...membership, managers } };
    const manager = { clusterId: CLUSTER, nodeId: "id-d", manager: true };
    for (const phone of [noAnswer, { ...freshPhone(config, d), membership: manager }])
      expect(
        checkMembership(
          config,
          new Map<string, PhoneFacts>([
            ["b", member],
            ["d", phone],
          ]),
        ),
      ).toEqual([]);
  });
});

function expectNode(): never {
  throw new Error("no such node");
}
