import type { ServiceSpec } from "../../../compose/swarm-spec";
import { serviceDrift } from "../../../plan/service-drift";

type Container = ServiceSpec["TaskTemplate"]["ContainerSpec"];

const declared: ServiceSpec = {
  Name: "shop_web",
  Labels: { "com.docker.stack.namespace": "shop", owner: "me" },
  TaskTemplate: {
    ContainerSpec: {
      Image: "web:1@sha256:11",
      Env: ["A=1", "B=2"],
      Secrets: [
        { SecretName: "shop_key_1", File: { Name: "key", UID: "0", GID: "0", Mode: 0o444 } },
      ],
      Configs: [
        { ConfigName: "shop_page_1", File: { Name: "page", UID: "0", GID: "0", Mode: 0o444 } },
      ],
    },
    Networks: [{ Target: "shop_default", Aliases: ["web"] }],
  },
  Mode: { Replicated: { Replicas: 2 } },
};

const networks = new Map([
  ["id-of-net", "shop_default"],
  ["id-of-other", "other"],
]);

/** A service with changes to what its containers are made from. */
const withContainer = (spec: ServiceSpec, changes: Partial<Container>): ServiceSpec => ({
  ...spec,
  TaskTemplate: {
    ...spec.TaskTemplate,
    ContainerSpec: { ...spec.TaskTemplate.ContainerSpec, ...changes },
  },
});

/** The same service as an engine shows it: with ids for names, and what a declaration leaves open filled in. */
function living(spec: ServiceSpec = declared) {
  const { ContainerSpec, ...task } = spec.TaskTemplate;
  const shown = {
    ...spec,
    TaskTemplate: {
      ...task,
      ContainerSpec: {
        ...ContainerSpec,
        Secrets: ContainerSpec.Secrets?.map((secret) => ({ ...secret, SecretID: "id-of-key" })),
        Configs: ContainerSpec.Configs?.map((config) => ({ ...config, ConfigID: "id-of-page" })),
        Isolation: "default",
        DNSConfig: {},
        Init: null,
      },
      Networks: [{ Target: "id-of-net", Aliases: ["web"] }],
      Placement: { Platforms: [{ Architecture: "arm", OS: "linux" }] },
      Resources: { Limits: {}, Reservations: {} },
      RestartPolicy: { Condition: "any", Delay: 5_000_000_000, MaxAttempts: 0 },
      ForceUpdate: 3,
      Runtime: "container",
    },
    EndpointSpec: { Mode: "vip" },
  };
  return JSON.parse(JSON.stringify(shown)) as typeof shown;
}

describe("serviceDrift finds nothing", () => {
  it("in a service that is as declared, whatever the engine filled in, counted and looked up", () => {
    expect(serviceDrift(declared, living(), networks)).toEqual([]);
  });

  it.each<[string, Partial<ServiceSpec>]>([
    ["an update's block", { UpdateConfig: { Parallelism: 1, MaxFailureRatio: 0 } }],
    ["a rollback's block", { RollbackConfig: { Parallelism: 1, MaxFailureRatio: 0 } }],
    ["an endpoint's block", { EndpointSpec: {} }],
    ["a job's block", { Mode: { ReplicatedJob: {} } }],
    ["a mode without a number", { Mode: { Replicated: {} } }],
    ["a global mode", { Mode: { Global: {} } }],
    ["no replicas at all", { Mode: { Replicated: { Replicas: 0 } } }],
  ])("in what the engine makes of %s", (_, changes) => {
    const filledIn = {
      FailureAction: "pause",
      Monitor: 5_000_000_000,
      MaxFailureRatio: 0,
      Order: "stop-first",
    };
    const spec = { ...declared, ...changes };
    const found = {
      ...living(spec),
      ...(spec.UpdateConfig && { UpdateConfig: { ...filledIn, ...spec.UpdateConfig } }),
      ...(spec.RollbackConfig && { RollbackConfig: { ...filledIn, ...spec.RollbackConfig } }),
      ...(spec.Mode.ReplicatedJob && {
        Mode: { ReplicatedJob: { MaxConcurrent: 1, TotalCompletions: 1 } },
      }),
      ...(spec.Mode.Replicated && {
        Mode: { Replicated: { Replicas: spec.Mode.Replicated.Replicas ?? 1 } },
      }),
    };
    expect(serviceDrift(spec, found, networks)).toEqual([]);
  });

  it("in what the declaration says and the engine would have filled in just so", () => {
    const spec: ServiceSpec = {
      ...declared,
      EndpointSpec: { Mode: "vip" },
      TaskTemplate: {
        ...declared.TaskTemplate,
        RestartPolicy: { Condition: "any", Delay: 5_000_000_000 },
      },
    };
    expect(serviceDrift(spec, living(declared), networks)).toEqual([]);
  });
});

describe("serviceDrift reports", () => {
  it.each<[string, ServiceSpec, string[]]>([
    [
      "a changed variable",
      withContainer(declared, { Env: ["A=1", "B=3"] }),
      ['TaskTemplate.ContainerSpec.Env[1]: "B=2" -> "B=3"'],
    ],
    [
      "a variable that was taken away",
      withContainer(declared, { Env: ["A=1"] }),
      ['TaskTemplate.ContainerSpec.Env[1]: "B=2" -> (nothing)'],
    ],
    [
      "another image",
      withContainer(declared, { Image: "web:2" }),
      ['TaskTemplate.ContainerSpec.Image: "web:1@sha256:11" -> "web:2"'],
    ],
    [
      "other replicas",
      { ...declared, Mode: { Replicated: { Replicas: 5 } } },
      ["Mode.Replicated.Replicas: 2 -> 5"],
    ],
    [
      "as many replicas as there are when nothing is said",
      { ...declared, Mode: { Replicated: { Replicas: 1 } } },
      ["Mode.Replicated.Replicas: 2 -> (nothing)"],
    ],
    [
      "no replicas, which is not nothing",
      { ...declared, Mode: { Replicated: { Replicas: 0 } } },
      ["Mode.Replicated.Replicas: 2 -> 0"],
    ],
    [
      "another mode, although it says nothing more",
      { ...declared, Mode: { Global: {} } },
      ['Mode: "Replicated" -> "Global"', "Mode.Replicated.Replicas: 2 -> (nothing)"],
    ],
    [
      "a label that was added",
      { ...declared, Labels: { ...declared.Labels, by: "hand" } },
      ['Labels.by: (nothing) -> "hand"'],
    ],
    [
      "a label that was removed",
      { ...declared, Labels: { "com.docker.stack.namespace": "shop" } },
      ['Labels.owner: "me" -> (nothing)'],
    ],
    [
      "a mount that was added",
      withContainer(declared, { Mounts: [{ Type: "bind", Source: "/x", Target: "/y" }] }),
      [
        'TaskTemplate.ContainerSpec.Mounts[0].Source: (nothing) -> "/x"',
        'TaskTemplate.ContainerSpec.Mounts[0].Target: (nothing) -> "/y"',
        'TaskTemplate.ContainerSpec.Mounts[0].Type: (nothing) -> "bind"',
      ],
    ],
  ])("%s", (_, changed, drift) => {
    expect(serviceDrift(declared, living(changed), networks)).toEqual(drift);
  });

  it.each([
    ["id-of-other", "other"],
    ["id-of-none", "id-of-none"],
  ])("another network, by name where it has one: %s", (Target, name) => {
    const found = living();
    found.TaskTemplate.Networks = [{ Target, Aliases: ["web"] }];
    expect(serviceDrift(declared, found, networks)).toEqual([
      `TaskTemplate.Networks[0].Target: "shop_default" -> "${name}"`,
    ]);
  });

  it("a service that was scaled to none, where one is declared and where nothing is", () => {
    for (const Replicated of [{ Replicas: 1 }, {}]) {
      const found = { ...living(), Mode: { Replicated: { Replicas: 0 } } };
      expect(serviceDrift({ ...declared, Mode: { Replicated } }, found, networks)).toEqual([
        "Mode.Replicated.Replicas: (nothing) -> 0",
      ]);
    }
  });

  it("a change of what the engine would have filled in otherwise", () => {
    const found = { ...living(), EndpointSpec: { Mode: "dnsrr" } };
    expect(serviceDrift(declared, found, networks)).toEqual([
      'EndpointSpec.Mode: (nothing) -> "dnsrr"',
    ]);
  });
});
