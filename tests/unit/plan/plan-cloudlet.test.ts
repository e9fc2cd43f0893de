import fc from "fast-check";
import type { ReachablePhone } from "../../../observe/facts";
import { noAnswer, sampleFacts, freshFacts } from "../../support/sample-facts";
import { sampleNodes } from "../../support/sample-config";
import { bothSecrets as secrets, bothStacks as stacks } from "../../support/sample-stacks";
import { LOCK_PATH, planProblems, samplePlan } from "../../support/sample-plan";

describe("planCloudlet", () => {
  it("begins the swarm on the first master, at a time that tells this beginning from others", () => {
    const { swarm, nodes } = samplePlan({ facts: freshFacts });
    expect(swarm).toEqual({ firstMaster: nodes[0], found: "none", generation: 1_795_000_000 });
    expect(nodes[0]?.key).toBe("pixel-1");
  });

  it.each<[string, Parameters<typeof samplePlan>[0]["facts"], string]>([
    ["nobody looked", () => new Map(), "unknown"],
    ["all masters are members", (config) => sampleFacts(config), "some"],
    [
      "one master is a member",
      (config) =>
        new Map([...freshFacts(config), ["pixel-3", sampleFacts(config).get("pixel-3")!]]),
      "some",
    ],
    ["no master is a member, though a compute is not either", freshFacts, "none"],
    [
      "no master is a member, and a compute still manages it",
      (config) => {
        const facts = sampleFacts(config);
        const swarm = facts.get("pixel-1") as ReachablePhone;
        const compute = facts.get("pixel-4") as ReachablePhone;
        return new Map([...freshFacts(config), ["pixel-4", { ...compute, swarm: swarm.swarm }]]);
      },
      "some",
    ],
    [
      "no master is a member of those that answer",
      (config) => new Map([...freshFacts(config), ["pixel-3", noAnswer]]),
      "unknown",
    ],
  ])("where %s, a swarm is found: %#", (_, facts, found) => {
    expect(samplePlan({ ...(facts && { facts }), dryRun: true }).swarm.found).toBe(found);
  });

  it("notes what nothing has to be refused for", () => {
    const { notes } = samplePlan({
      facts: (config) => sampleFacts(config, { "pixel-4": noAnswer }),
    });
    expect(notes).toEqual([expect.stringMatching(/^pixel-4: it does not answer/)]);
  });

  it("refuses with the problems of phones, lock and stacks at once", () => {
    const problems = planProblems({
      settings: { stacks: { shop: { file: "shop.yml" } } },
      secrets: { unused: "x" },
      files: {
        [LOCK_PATH]: "images: {}\n",
        "shop.yml": 'version: "3.8"\nservices:\n  web:\n    image: web:1\n',
      },
      facts: (config) => sampleFacts(config, { "pixel-2": { machine: "x86_64" } }),
    });
    expect(problems.map(({ where }) => where)).toEqual([
      "cloudlet:nodes.pixel-2.platform",
      "shop.yml:4:5",
      "cloudlet:unused",
    ]);
    expect(problems.at(-1)?.message).toBe(
      "unknown setting: no stack asks for a secret of this name; see Pulumi.example.yaml for the known settings",
    );
  });

  it("does not call a secret unknown that a stack may ask for, once its file can be read", () => {
    const problems = planProblems({
      settings: { stacks: { shop: { file: "shop.yml" } } },
      secrets: { panelPassword: "x" },
      files: { "shop.yml": 'version: "3.8"\nservices:\n  web:\n    imag: web:1\n' },
    });
    expect(problems.map(({ where }) => where)).toEqual(
      problems.map(() => expect.stringMatching(/^shop\.yml:/) as unknown),
    );
    expect(problems.length).toBeGreaterThan(0);
  });

  it("refuses a lock that is none", () => {
    expect(planProblems({ files: { [LOCK_PATH]: "images: [" } })).toEqual([
      {
        where: LOCK_PATH,
        message: "expected YAML, got something else; write it anew with `npm run images:lock`",
      },
    ]);
  });

  it("plans the same whatever order the settings are written in", () => {
    const settings = { nodes: sampleNodes, stacks };
    const planned = samplePlan({ settings, secrets });
    const shuffle = <Value>(record: Record<string, Value>) =>
      fc
        .shuffledSubarray(Object.entries(record), { minLength: Object.keys(record).length })
        .map((entries) => Object.fromEntries(entries));
    fc.assert(
      fc.property(
        shuffle<object>(sampleNodes),
        shuffle<object>(stacks),
        shuffle(secrets),
        (nodes, someStacks, someSecrets) => {
          expect(
            samplePlan({ settings: { nodes, stacks: someStacks }, secrets: someSecrets }),
          ).toEqual(planned);
        },
      ),
      { numRuns: 5 },
    );
  });

  it("names no two objects of one kind alike", () => {
    const { stacks: planned } = samplePlan({ settings: { stacks }, secrets });
    for (const kind of ["networks", "secrets", "configs", "services"] as const) {
      const names = planned.flatMap((stack) => stack[kind].map(({ logicalName }) => logicalName));
      expect(new Set(names).size).toBe(names.length);
    }
  });
});
