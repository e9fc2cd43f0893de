import { deployCloudlet } from "../../cloudlet";
import { startProviders } from "../../providers";
import type { ServiceSpec } from "../../compose/swarm-spec";
import { inClear, registrationsOf, type Registration } from "../support/pulumi-mocks";
import { sampleNodes } from "../support/sample-config";
import type { ReachablePhone } from "../../observe/facts";
import { declaredEntry, freshFacts, noAnswer, sampleFacts, swarmOf } from "../support/sample-facts";
import { samplePlan, type SamplePlanInputs } from "../support/sample-plan";
import { bothSecrets, bothStacks } from "../support/sample-stacks";

// What the program asks the engine for. That the engine and the providers do it, and in this order, is for tests/e2e.

// Secrets are hashed slowly on purpose, and a busy machine is slow by itself.
jest.setTimeout(60_000);

const everything: SamplePlanInputs = {
  settings: { stacks: bothStacks },
  secrets: bothSecrets,
  facts: freshFacts,
};

async function deploy(
  changes: SamplePlanInputs = {},
  { lastRunEndedWell = true } = {},
): Promise<Map<string, Registration>> {
  const plan = samplePlan({ ...everything, ...changes });
  const found = await registrationsOf(() =>
    deployCloudlet(plan, { providers: startProviders(), lastRunEndedWell }),
  );
  return new Map(found.map((one) => [`${one.type.split(":").at(-1)} ${one.name}`, one]));
}

let all: Map<string, Registration>;
beforeAll(async () => {
  all = await deploy();
});

function get(key: string, from = all): Registration {
  const found = from.get(key);
  if (found === undefined) throw new Error(`${key}: not asked for`);
  return found;
}

const COFFEE = ["barista", "counter", "kitchen", "postgres", "product", "proxy", "rabbitmq", "web"];
const SERVICES = [
  ...COFFEE.map((part) => `coffee_${part}`),
  "portainer_agent",
  "portainer_portainer",
];
/** What the docker provider would not write well goes through the Engine API. */
const OF_PROVIDER = ["coffee_product", "portainer_portainer"];
const THROUGH_ENGINE = SERVICES.filter((service) => !OF_PROVIDER.includes(service));
const SHOP_SECRET = "label-s3cret";
const PHONES = ["pixel-1", "pixel-2", "pixel-3", "pixel-4"];

// A service's companion, and the service itself where the provider does not write it.
const commandsOf = (service: string) => [
  ...(THROUGH_ENGINE.includes(service) ? [["command:local:Command", service]] : []),
  ["command:local:Command", `${service}-removal`],
];

/** What the program says of its resources from now on, as nobody but a test hears it. */
function sayings(): () => string[] {
  const log = jest.spyOn(console, "log").mockImplementation();
  return () => {
    const lines = log.mock.calls.map(([line]) => String(line).replace("info: [runtime] ", ""));
    log.mockRestore();
    return lines;
  };
}

describe("three masters, a compute and both stacks", () => {
  it("are these resources and no others", () => {
    expect([...all.values()].map(({ type, name }) => [type, name])).toEqual([
      ...PHONES.map((phone) => ["cloudlet:nodes:PhoneNode", phone]),
      ["cloudlet:stacks:ComposeStack", "coffee"],
      ["cloudlet:stacks:ComposeStack", "portainer"],
      ["cloudlet:swarm:Swarm", "swarm"],
      ["command:local:Command", "coffee-dependencies"],
      ["command:local:Command", "coffee-ready"],
      ...COFFEE.flatMap((part) => commandsOf(`coffee_${part}`)),
      ...PHONES.flatMap((phone) => [
        ["command:local:Command", `${phone}-member`],
        ["command:local:Command", `${phone}-undo`],
      ]),
      ["command:local:Command", "portainer-ready"],
      ...commandsOf("portainer_agent"),
      ...commandsOf("portainer_portainer"),
      ["command:local:Command", "swarm-begun"],
      ...PHONES.map((phone) => ["command:remote:Command", `${phone}-engine`]),
      ["docker:index/network:Network", "coffee_coffee"],
      ["docker:index/network:Network", "portainer_agent_network"],
      ["docker:index/secret:Secret", "portainer_portainer_password"],
      ...OF_PROVIDER.map((service) => ["docker:index/service:Service", service]),
      ["pulumi:providers:command", "commands"],
      ["pulumi:providers:docker", "masters"],
    ]);
  });

  it("hang below their phone, the swarm or their stack, so that waiting for one of these covers all of it", () => {
    const parents = [...all.values()]
      .filter(({ custom, name }) => custom && !["masters", "commands"].includes(name))
      .map(({ name, parent }) => [name, parent]);
    expect(parents).toEqual(
      parents.map(([name = ""]) => [
        name,
        /^swarm-|-member$/.test(name)
          ? "swarm"
          : name.replace(/(_.*|-(undo|engine|ready|dependencies))$/, ""),
      ]),
    );
  });

  it("reach the swarm through whichever master lives, and never through a default provider", () => {
    expect(get("docker masters").inputs).toEqual({
      host: "ssh://cloudlet-master",
      sshOpts: JSON.stringify(["-F", ".cloudlet/ssh_config"]),
    });
    for (const { type, provider } of all.values()) {
      if (!type.startsWith("docker:") && !type.startsWith("command:")) continue;
      expect(provider).toBe(type.startsWith("docker:") ? "masters" : "commands");
    }
  });

  it.each([
    ["a new swarm", freshFacts, true, ["try-again"]],
    ["a new swarm, once more", freshFacts, false, ["try-again"]],
    ["a swarm that is there", sampleFacts, true, []],
    [
      "a swarm that the last run left half built",
      sampleFacts,
      false,
      ["clear-leftover", "try-again"],
    ],
  ])(
    "have hooks on what the docker provider creates, and nowhere else: %s",
    async (_, facts, lastRunEndedWell, hooks) => {
      for (const one of (await deploy({ facts }, { lastRunEndedWell })).values())
        expect([one.name, one.hooks]).toEqual([
          one.name,
          one.type.startsWith("docker:") ? hooks : [],
        ]);
    },
  );

  it("need no living phone to be deleted together with the swarm", () => {
    for (const { type, name, deletedWith } of all.values()) {
      const goesAlone =
        name === "swarm-begun" ||
        /^(cloudlet:|pulumi:|command:remote)|undo$/.test(`${type}${name}`);
      expect([name, deletedWith]).toEqual([name, goesAlone ? undefined : "swarm-begun"]);
    }
  });

  it("are made with inputs that are the same on every machine", () => {
    const texts = [...all.values()].map(({ inputs }) => JSON.stringify(inputs));
    for (const here of [process.cwd(), process.env.HOME ?? "/root/", process.env.SSH_AUTH_SOCK]) {
      if (here === undefined || here === "" || here === "/") continue;
      expect(texts.filter((text) => text.includes(`${here}/`))).toEqual([]);
    }
  });

  it("show no secret in clear, neither as it is nor in base64", () => {
    const clear = JSON.stringify([...all.values()].map((one) => inClear(one)));
    for (const secret of Object.values(bothSecrets)) {
      expect(clear).not.toContain(secret);
      expect(clear).not.toContain(Buffer.from(secret).toString("base64"));
    }
    // Without the marks they would be there: what is looked for is what is sent.
    const sent = JSON.stringify([...all.values()]);
    expect(sent).toContain("postgres://coffee:database-s3cret@postgres");
    expect(sent).toContain(Buffer.from("panel-s3cret").toString("base64"));
  });
});

describe("a phone", () => {
  it("is set up by a script on its standard input, over its own address and pinned key", () => {
    const { inputs, dependsOn } = get("Command pixel-2-engine");
    expect(dependsOn).toEqual(["pixel-2-undo"]);
    expect(inputs.create).toBe("sh -s -- 1795000000");
    expect(inputs.stdin).toContain("dockerd");
    const connection = JSON.stringify(inputs.connection);
    expect(connection).toContain("192.168.1.22");
    expect(connection).toContain("ssh-ed25519 AAAAkey22");
    expect(connection).not.toContain("privateKey");
    // A remote command's own delete would fail on a phone that is gone.
    expect(inputs).not.toHaveProperty("delete");
    expect(get("Command pixel-2-undo").inputs).not.toHaveProperty("create");
  });

  it("that does not answer is warned of and stays as it is, and the rest goes on", async () => {
    const warn = jest.spyOn(console, "warn").mockReturnValue();
    const facts: SamplePlanInputs["facts"] = (config) =>
      sampleFacts(config, { "pixel-2": noAnswer });
    const found = await deploy({ facts });
    expect(warn.mock.calls.join()).toContain("pixel-2: it does not answer at 192.168.1.22");
    warn.mockRestore();
    expect([...found.keys()]).toEqual([...all.keys()]);
    expect(get("Command pixel-2-engine", found).ignoreChanges).toEqual(["*"]);
    expect(get("Command pixel-2-member", found).ignoreChanges).toEqual(["*"]);
  });

  it.each<[string, SamplePlanInputs["facts"], string[], string[]]>([
    ["as declared", sampleFacts, ["create"], []],
    ["not looked at", () => new Map(), ["create"], []],
    [
      "that has drifted",
      (config) => sampleFacts(config, { "pixel-2": { firewall: "closed" } }),
      [],
      ["the firewall is closed to the other phones; effect: no task restarts"],
    ],
  ])("%s is repaired only on drift, and says why", async (_, facts, ignored, why) => {
    const said = sayings();
    const found = await deploy({ ...(facts && { facts }) });
    expect(get("Command pixel-2-engine", found).ignoreChanges).toEqual(ignored);
    expect(said()).toEqual(why);
  });
});

describe("the swarm", () => {
  it("takes all phones in at once where it begins, and otherwise masters one after the other", async () => {
    const waitsIn = (found: typeof all) =>
      PHONES.map((phone) => get(`Command ${phone}-member`, found).dependsOn);
    expect(waitsIn(all)).toEqual(
      PHONES.map((phone) => [`${phone}-engine`, `${phone}-undo`, "swarm-begun"]),
    );
    expect(waitsIn(await deploy({ facts: sampleFacts }))).toEqual([
      ["pixel-1-engine", "pixel-1-undo", "swarm-begun"],
      ["pixel-1-member", "pixel-2-engine", "pixel-2-undo", "swarm-begun"],
      ["pixel-2-member", "pixel-3-engine", "pixel-3-undo", "swarm-begun"],
      ["pixel-4-engine", "pixel-4-undo", "swarm-begun"],
    ]);
    expect(get("Command swarm-begun").dependsOn).toEqual(["pixel-1-engine", "pixel-1-undo"]);
  });

  it("demotes a manager only once the last of the masters is in: a majority stays at every step", async () => {
    const found = await deploy({
      facts: (config) => {
        const nodes = config.nodes.map((node) => ({
          ...declaredEntry(node),
          role: "manager" as const,
        }));
        return sampleFacts(config, {
          "pixel-1": { swarm: swarmOf(nodes) },
          "pixel-2": { swarm: undefined },
          "pixel-3": { swarm: undefined },
        });
      },
    });
    expect(get("Command pixel-4-member", found).dependsOn).toContain("pixel-3-member");
  });

  it("restarts engines one after the other, and changes nothing in the swarm until the last is back", async () => {
    const facts: SamplePlanInputs["facts"] = (config) => {
      const phones = sampleFacts(config);
      const restart = (key: string): Partial<ReachablePhone> => {
        const phone = phones.get(key) as ReachablePhone;
        return { engine: { ...phone.engine, restartPending: true } };
      };
      return sampleFacts(config, { "pixel-2": restart("pixel-2"), "pixel-4": restart("pixel-4") });
    };
    const said = sayings();
    const found = await deploy({ ...everything, facts });
    expect(said()).toEqual([
      "its engine has to restart; effect: its tasks move to other phones first, one of 3 masters is away for some seconds",
      "its engine has to restart; effect: its tasks move to other phones first",
    ]);
    expect(get("Command pixel-4-member", found).dependsOn).toContain("pixel-3-member");
    expect(get("Network coffee_coffee", found).dependsOn).toContain("pixel-4-member");
  });

  it("is begun anew where no master is in one, and else left alone", async () => {
    expect(get("Command swarm-begun")).toMatchObject({
      ignoreChanges: [],
      inputs: { triggers: [1_795_000_000] },
      replaceOnChanges: ["triggers[*]"],
    });
    const there = await deploy({ facts: sampleFacts });
    expect(get("Command swarm-begun", there).ignoreChanges).toEqual(["triggers"]);
  });

  it("settles a member again only where it differs from what is declared", async () => {
    const member = "Command pixel-4-member";
    expect(get(member, await deploy({ facts: sampleFacts })).ignoreChanges).toEqual(["stdin"]);
    const said = sayings();
    const drifted = await deploy({
      facts: (config) => sampleFacts(config, { "pixel-4": { membership: undefined } }),
    });
    expect(said()).toEqual(["it is not a member of the swarm"]);
    expect(get(member, drifted)).toMatchObject({
      ignoreChanges: [],
      inputs: { stdin: "1795000000" },
    });
  });
});

describe("a stack", () => {
  const removal = (service: string, from = all) => get(`Command ${service}-removal`, from);

  it.each(OF_PROVIDER)(
    "removes %s by a companion that is replaced before it, and never by the provider",
    (name) => {
      expect(get(`Service ${name}`)).toMatchObject({
        retainOnDelete: true,
        deleteBeforeReplace: true,
      });
      expect(get(`Service ${name}`).dependsOn).toContain(`${name}-removal`);
      expect(removal(name)).toMatchObject({
        deleteBeforeReplace: true,
        retainOnDelete: false,
        replaceOnChanges: ["triggers[*]"],
        ignoreChanges: [],
        inputs: { create: "echo provider" },
      });
      expect(removal(name).inputs.triggers).toContain(name);
    },
  );

  it.each(THROUGH_ENGINE)(
    "removes %s by a companion alone, which nothing but the end of the service replaces",
    (name) => {
      const command = get(`Command ${name}`);
      expect(command.inputs).not.toHaveProperty("delete");
      expect(removal(name)).toMatchObject({
        deleteBeforeReplace: true,
        retainOnDelete: false,
        ignoreChanges: ["triggers"],
        inputs: { create: "echo engine", update: "echo engine", triggers: [] },
      });
      expect(removal(name).inputs.delete).toContain(`remove-service.sh '${name} `);
    },
  );

  it("takes a service that it wrote itself out of the provider's way, and one of the provider's over in place", () => {
    const { inputs } = removal("coffee_product");
    expect(inputs.update).toBe(
      `if [ "$PULUMI_COMMAND_STDOUT" = engine ]; then ${String(inputs.delete)}; fi && echo provider`,
    );
    expect(removal("coffee_web").inputs.update).toBe("echo engine");
  });

  it("lets a service go before the networks and secrets that it uses", () => {
    expect(get("Command portainer_portainer-removal").dependsOn).toEqual([
      "portainer_agent_network",
      "portainer_portainer_password",
      "swarm-begun",
    ]);
  });

  it("makes a changed secret before it deletes the old one, which a service still uses", () => {
    expect(get("Secret portainer_portainer_password").deleteBeforeReplace).toBe(false);
  });

  it("ignores what the engine fills in", () => {
    const { inputs, ignoreChanges } = get("Network coffee_coffee");
    // A network of another name is another network; nothing else of one can change.
    const { name, ...rest } = inputs;
    expect(name).toBe("coffee_coffee");
    expect(ignoreChanges).toEqual(expect.arrayContaining(Object.keys(rest)));
    expect(get("Service coffee_product").ignoreChanges).toEqual(["taskSpec.placement.platforms"]);
  });

  it("keeps the revision of services as secret as they may be", () => {
    expect(inClear(get("Command coffee-ready").inputs)).toMatchObject({ stdin: "[secret]" });
  });

  it("starts its networks once the swarm has begun, its services in a new swarm one by one once all phones are in, and is ready last", async () => {
    const members = PHONES.map((phone) => `${phone}-member`);
    expect(get("Network coffee_coffee").dependsOn).toEqual(["swarm-begun"]);
    // One goes after the other, the parts with a health check first.
    const network = "coffee_coffee";
    const waits = (name: string) => get(`Command ${name}`).dependsOn;
    expect(waits("coffee_postgres")).toEqual([network, ...members, "swarm-begun"]);
    expect(waits("coffee_rabbitmq")).toEqual([network, "coffee_postgres", "swarm-begun"]);
    expect(waits("coffee_proxy")).toEqual([network, "coffee_rabbitmq", "swarm-begun"]);
    // What depends on others comes once these run.
    expect(waits("coffee_counter")).toEqual(["coffee-dependencies", network, "swarm-begun"]);
    expect(get("Command coffee-dependencies")).toMatchObject({
      inputs: { create: "sh .cloudlet/ready.sh '600 coffee_postgres coffee_rabbitmq'" },
      dependsOn: [
        ...["coffee_postgres", "coffee_product", "coffee_proxy", "coffee_rabbitmq", "coffee_web"],
        "swarm-begun",
      ],
    });
    expect(waits("portainer_agent")).toEqual(expect.arrayContaining(["coffee_web", ...members]));
    const web = [network, "coffee_postgres", "coffee_rabbitmq", "swarm-begun"];
    expect(removal("coffee_web").dependsOn).toEqual(["coffee_coffee", "swarm-begun"]);
    // A phone that does not join a swarm that is there holds nothing up.
    const there = await deploy({ facts: sampleFacts });
    expect(get("Command coffee_web", there).dependsOn).toEqual(web);
    expect(get("Service coffee_product", there).dependsOn).toEqual([
      "coffee_coffee",
      "coffee_postgres",
      "coffee_product-removal",
      "coffee_rabbitmq",
      "swarm-begun",
    ]);
    expect(get("Command coffee-ready").dependsOn).toEqual([
      ...COFFEE.map((part) => `coffee_${part}`),
      ...PHONES.map((phone) => `${phone}-member`),
      "swarm-begun",
    ]);
  });

  const shop = (text: string, more: SamplePlanInputs = {}) =>
    deploy({
      settings: {
        stacks: {
          shop: { file: "shop.yml", environment: { PASSWORD: { secret: "webPassword" } } },
        },
      },
      secrets: { webPassword: SHOP_SECRET },
      ...more,
      files: {
        "shop.yml": `version: "3.13"\nx-used: "\${PASSWORD}"\nservices:\n  web:\n    image: web:1\n${text}`,
        "page.html": "a page",
        "key.txt": "file-s3cret",
      },
    });
  const sentAndClear = (found: Map<string, Registration>) => [
    JSON.stringify([...found.values()]),
    JSON.stringify([...found.values()].map((one) => inClear(one))),
  ];

  it("lets the provider refer to networks, secrets and configs by the ids that the swarm gave them", async () => {
    const found = await shop(`    secrets: [key]
    configs: [page]
secrets: { key: { file: key.txt } }
configs: { page: { file: page.html } }
`);
    expect(get("Service shop_web", found).inputs.taskSpec).toMatchObject({
      networksAdvanceds: [{ id: "shop_default-id" }],
      containerSpec: {
        secrets: [{ secretId: "shop_key-id" }],
        configs: [{ configId: "shop_page-id" }],
      },
    });
  });

  it("writes a service through the Engine API from its standard input, with names for a master to look up", () => {
    const { inputs, ignoreChanges } = get("Command portainer_agent");
    expect(inputs).toEqual({
      create: "sh .cloudlet/run-on-master .cloudlet/apply-service.sh 'portainer_agent global 10'",
      stdin: expect.any(String) as unknown,
      environment: { REPAIR: "0" },
      addPreviousOutputInEnv: false,
    });
    expect(JSON.parse(String(inputs.stdin))).toMatchObject({
      Name: "portainer_agent",
      TaskTemplate: { Networks: [{ Target: "portainer_agent_network" }] },
    });
    expect(ignoreChanges).toEqual(["environment.REPAIR"]);
  });

  it("hides a body with a secret in it as a whole, and shows a copy without the secret", () => {
    const { inputs } = get("Command coffee_postgres");
    const hidden = JSON.stringify(inputs.stdin);
    expect(hidden).toContain("POSTGRES_PASSWORD=database-s3cret");
    const { stdin, environment } = inClear(inputs) as {
      stdin: string;
      environment: Record<string, string>;
    };
    expect(stdin).toBe("[secret]");
    expect(Object.keys(environment)).toEqual(["BODY", "REPAIR"]);
    const { TaskTemplate } = JSON.parse(environment.BODY ?? "") as ServiceSpec;
    expect(TaskTemplate.ContainerSpec.Env).toEqual([
      "POSTGRES_DB=coffee",
      "POSTGRES_PASSWORD=[secret]",
      "POSTGRES_USER=coffee",
    ]);
  });

  it.each<[string, object | undefined, string[]]>([
    ["not looked at", undefined, ["environment.REPAIR"]],
    ["as declared", {}, ["environment.REPAIR"]],
    ["changed by hand", { Labels: { by: "hand" } }, []],
  ])("repairs a service that is %s only on drift", async (_, changes, ignored) => {
    const spec = samplePlan(everything)
      .stacks.flatMap(({ services }) => services)
      .find(({ logicalName }) => logicalName === "coffee_web")!.spec;
    const living = { name: spec.Name, spec: { ...spec, ...changes } };
    const said = sayings();
    const found = await deploy({
      facts: (config) =>
        changes === undefined
          ? new Map()
          : sampleFacts(config, {
              "pixel-1": {
                swarm: { ...swarmOf(config.nodes.map(declaredEntry)), services: [living] },
              },
            }),
    });
    const restarts = ignored.length > 0 ? [] : ["updated in place: no running task is restarted"];
    expect(said()).toEqual(restarts);
    expect(get("Command coffee_web", found)).toMatchObject({
      ignoreChanges: ignored,
      inputs: { environment: { REPAIR: changes === undefined ? "0" : "1795000000" } },
    });
    // Its tasks are waited for then, like those of the services that are missing here.
    const waits = changes === undefined ? ["environment"] : [];
    expect(get("Command coffee-ready", found).ignoreChanges).toEqual(waits);
  });

  it("writes secrets and configs through the Engine API that the provider cannot, and never their content in clear", async () => {
    const found = await shop(`    secrets: [key]
    configs: [page]
    labels: { auth: "\${PASSWORD}" }
secrets: { key: { file: key.txt, template_driver: golang } }
configs: { page: { file: page.html, template_driver: golang } }
`);
    const { inputs, deleteBeforeReplace } = get("Command shop_key", found);
    const name = String((inputs.triggers as unknown[])[0]);
    expect(name).toMatch(/^shop_key_[0-9a-f]{10}$/);
    expect(deleteBeforeReplace).toBe(false);
    expect(inputs).toMatchObject({
      create: `sh .cloudlet/run-on-master .cloudlet/create-file.sh 'secret ${name}'`,
      delete: `sh .cloudlet/run-on-master .cloudlet/remove-file.sh 'secret ${name}'`,
    });
    expect(inClear(inputs)).toMatchObject({ stdin: "[secret]" });
    expect((inputs.environment as { BODY: string }).BODY).toContain('"Data":"[secret]"');
    expect(get("Command shop_page", found).inputs.stdin).toContain(
      Buffer.from("a page").toString("base64"),
    );
    const [sent, clear] = sentAndClear(found);
    for (const text of [SHOP_SECRET, Buffer.from("file-s3cret").toString("base64")]) {
      expect(sent).toContain(text);
      expect(clear).not.toContain(text);
    }
    expect(removal("shop_web", found).dependsOn).toEqual([
      ...["shop_default", "shop_key", "shop_page", "swarm-begun"],
    ]);
  });

  it("does not wait for its tasks where no time is given to that", async () => {
    const found = await deploy({ settings: { stacks: bothStacks, readyTimeoutSeconds: 0 } });
    expect([...all.keys()].filter((key) => !found.has(key))).toEqual([
      "Command coffee-dependencies",
      "Command coffee-ready",
      "Command portainer-ready",
    ]);
  });

  it("keeps secrets apart from labels, networks and triggers that hold them too", async () => {
    const text = `version: "3.8"
services:
  web:
    image: web:1
    labels: { auth: "\${PASSWORD}" }
    deploy:
      labels: { auth: "\${PASSWORD}" }
    networks: [inside]
    configs: [page]
  provided:
    image: web:1
    environment: { URL: "http://me:\${PASSWORD}@web" }
    deploy:
      labels: { auth: "\${PASSWORD}" }
    networks: [inside]
networks:
  inside: { labels: { auth: "\${PASSWORD}" } }
configs:
  page: { file: page.html, labels: { auth: "\${PASSWORD}" } }
`;
    const environment = { PASSWORD: { secret: "webPassword" } };
    const found = await deploy({
      settings: { stacks: { shop: { file: "shop.yml", environment } } },
      secrets: { webPassword: SHOP_SECRET },
      files: { "shop.yml": text, "page.html": "x" },
    });
    for (const key of ["Command shop_web", "Service shop_provided", "Network shop_inside"]) {
      const { inputs } = get(key, found);
      expect(JSON.stringify(inputs)).toContain(SHOP_SECRET);
    }
    const [, clear] = sentAndClear(found);
    expect(clear).not.toContain(SHOP_SECRET);
  });
});

it("does not change with the order in which the settings are written", async () => {
  const turn = (record: object) => Object.fromEntries(Object.entries(record).reverse());
  const turned = await deploy({
    settings: { stacks: turn(bothStacks), nodes: turn(sampleNodes) },
    secrets: turn(bothSecrets),
  });
  expect([...turned.values()]).toEqual([...all.values()]);
});

it("asks for the same resources in a preview", async () => {
  const plan = samplePlan(everything);
  const found = await registrationsOf(
    () => deployCloudlet(plan, { providers: startProviders(), lastRunEndedWell: true }),
    {
      preview: true,
    },
  );
  expect(found.map(({ type, name }) => [type, name])).toEqual(
    [...all.values()].map(({ type, name }) => [type, name]),
  );
});
