import type { ServiceSpec } from "../../../compose/swarm-spec";
import type { SwarmFacts } from "../../../observe/facts";
import { missingObjects, withDrift } from "../../../plan/stack-drift";
import { sampleFacts, swarmOf } from "../../support/sample-facts";
import { NOW, planProblems, samplePlan, type SamplePlanInputs } from "../../support/sample-plan";

const text = `version: "3.13"
services:
  web:
    image: web:1
    tty: true
    secrets: [key]
    configs: [page]
  small:
    image: small:1
secrets:
  key: { file: key.txt, template_driver: golang }
configs:
  page: { file: page.html, template_driver: golang }
`;
const inputs: SamplePlanInputs = {
  settings: { stacks: { shop: { file: "shop.yml" } } },
  files: { "shop.yml": text, "key.txt": "k", "page.html": "p" },
};
const planned = samplePlan(inputs).stacks[0]!;
const specOf = (name: string) =>
  planned.services.find(({ logicalName }) => logicalName === name)!.spec;

/** A swarm that holds all of the stack; `changes` are laid over it. */
function swarmWith(changes: Partial<SwarmFacts> = {}): SwarmFacts {
  return {
    ...swarmOf([]),
    services: planned.services.map(({ spec }) => ({ name: spec.Name, spec: livingSpec(spec) })),
    networks: planned.networks.map(({ spec }) => ({ id: `id-of-${spec.Name}`, name: spec.Name })),
    secrets: planned.secrets.map(({ spec }) => spec.Name),
    configs: planned.configs.map(({ spec }) => spec.Name),
    ...changes,
  };
}

function livingSpec(spec: ServiceSpec): { Name: string } {
  const Networks = spec.TaskTemplate.Networks?.map(({ Target, ...more }) => ({
    ...more,
    Target: `id-of-${Target}`,
  }));
  return { ...spec, TaskTemplate: { ...spec.TaskTemplate, Networks } } as ServiceSpec;
}

/** What differs, by logical name. */
function driftIn(swarm: SwarmFacts): Record<string, readonly string[]> {
  const { secrets, configs, services } = withDrift(planned, swarm, NOW);
  return Object.fromEntries(
    [...secrets, ...configs, ...services].map(({ logicalName, drift }) => [logicalName, drift]),
  );
}

const none = { shop_key: [], shop_page: [], shop_web: [], shop_small: [] };

/** What the change that comes does to each service. */
function effectsIn(changes: (spec: ServiceSpec) => object): Record<string, string> {
  const services = planned.services.map(({ spec }) => ({
    name: spec.Name,
    spec: { ...livingSpec(spec), ...changes(spec) },
  }));
  return Object.fromEntries(
    withDrift(planned, swarmWith({ services }), NOW).services.map(({ logicalName, effect }) => [
      logicalName,
      effect,
    ]),
  );
}

it("says what a change does to running tasks, of both kinds of services", () => {
  expect(effectsIn(() => ({}))).toEqual({ shop_web: "", shop_small: "" });
  expect(effectsIn(() => ({ Labels: { old: "label" } }))).toEqual({
    shop_web: "updated in place: no running task is restarted",
    shop_small: "",
  });
  const replaced =
    "replaced: its task is removed before the new service starts, so it is down in between";
  expect(effectsIn(() => ({ Mode: { Global: {} } }))).toEqual({
    shop_web: replaced,
    shop_small: replaced,
  });
});

describe("withDrift", () => {
  it("leaves a stack as it is where nobody looked", () => {
    expect(withDrift(planned, undefined, NOW)).toBe(planned);
  });

  it("finds nothing in a swarm that is as declared", () => {
    expect(driftIn(swarmWith())).toEqual(none);
  });

  it("finds everything missing in a swarm that is new, but what the provider finds out itself", () => {
    const gone = ["it is not there"];
    expect(driftIn(swarmOf([]))).toEqual({
      shop_key: gone,
      shop_page: gone,
      shop_web: gone,
      shop_small: [],
    });
  });

  it.each<[string, keyof typeof none, Partial<SwarmFacts>]>([
    ["a secret", "shop_key", { secrets: [] }],
    ["a secret whose name a config has", "shop_key", { secrets: ["shop_page"] }],
    ["a config", "shop_page", { configs: [] }],
  ])("finds %s that is not there", (_, name, changes) => {
    expect(driftIn(swarmWith(changes))).toEqual({ ...none, [name]: ["it is not there"] });
  });

  it("finds what differs in a service that it wrote, and not in one of the provider's", () => {
    const byHand = (name: string) => ({
      name,
      spec: { ...livingSpec(specOf(name)), Labels: { by: "hand" } },
    });
    const found = driftIn(swarmWith({ services: [byHand("shop_web"), byHand("shop_small")] }));
    expect(found).toEqual({
      ...none,
      shop_web: [
        'Labels.by: (nothing) -> "hand"',
        'Labels.com.docker.stack.image: "web:1" -> (nothing)',
        'Labels.com.docker.stack.namespace: "shop" -> (nothing)',
      ],
    });
  });

  it("tells each repair from every earlier one", () => {
    const { secrets, configs, services } = withDrift(planned, swarmWith(), 7);
    expect([...secrets, ...configs, ...services].map(({ nextRepair }) => nextRepair)).toEqual([
      7, 7, 7, 7,
    ]);
  });
});

const externals = `version: "3.8"
services:
  web:
    image: web:1
    networks: [out, host]
    secrets: [key]
    configs: [page]
networks:
  out: { external: true, name: shared-net }
  host: { external: true }
secrets:
  key: { external: true }
configs:
  page: { external: true }
`;
const withExternals = { ...inputs, files: { "shop.yml": externals } };

describe("missingObjects", () => {
  const problemsIn = (changes: Partial<SwarmFacts>) =>
    missingObjects(samplePlan(withExternals).stacks, { ...swarmOf([]), ...changes }).map(
      ({ where, message }) => `${where}: ${message}`,
    );
  const there = {
    networks: [{ id: "x", name: "shared-net" }],
    secrets: ["key"],
    configs: ["page"],
  };

  it("says of each how to make it", () => {
    expect(problemsIn({})).toEqual([
      expect.stringMatching(
        /^shop\.yml.*: networks\.shared-net is external: expected a network of this name in the swarm, got none; make it on a master: docker network create -d overlay shared-net$/,
      ),
      "shop.yml:12:3: secrets.key is external: expected a secret of this name in the swarm, got none; make it on a master: docker secret create key FILE, or give it as a setting: pulumi config set --secret, named under secrets of the stack's settings",
      "shop.yml:14:3: configs.page is external: expected a config of this name in the swarm, got none; make it on a master: docker config create page FILE",
    ]);
  });

  it("is content with what is there, each by its own kind", () => {
    expect(problemsIn(there)).toEqual([]);
    expect(problemsIn({ ...there, secrets: ["page"], configs: ["key"] })).toHaveLength(2);
  });

  it.each(["host", "bridge", "none"])("knows that every phone has the network %s", (name) => {
    const [stack] = samplePlan(withExternals).stacks;
    const external = [{ kind: "network" as const, name, key: `networks.${name}`, where: "here" }];
    expect(missingObjects([{ ...stack!, external }], swarmOf([]))).toEqual([]);
    expect(
      missingObjects(
        [{ ...stack!, external: external.map((one) => ({ ...one, kind: "secret" as const })) }],
        swarmOf([]),
      ),
    ).toHaveLength(1);
  });
});

describe("a plan", () => {
  it("is refused for what is missing, before anything is changed", () => {
    const problems = planProblems({ ...withExternals, facts: sampleFacts });
    expect(problems.map(({ message }) => message.replace(/;.*/, ""))).toEqual([
      "networks.shared-net is external: expected a network of this name in the swarm, got none",
      "secrets.key is external: expected a secret of this name in the swarm, got none",
      "configs.page is external: expected a config of this name in the swarm, got none",
    ]);
  });

  it("is not refused where nobody looked, and does not ask for a secret of the settings", () => {
    expect(planProblems(withExternals)).toEqual([]);
    const given = planProblems({ ...withExternals, facts: sampleFacts, secrets: { key: "x" } });
    expect(given.some(({ message }) => message.includes("secrets.key"))).toBe(false);
  });

  it("holds what differs", () => {
    const stack = samplePlan({ ...inputs, facts: sampleFacts }).stacks[0];
    expect(stack?.secrets[0]).toMatchObject({ drift: ["it is not there"], nextRepair: NOW });
  });
});
