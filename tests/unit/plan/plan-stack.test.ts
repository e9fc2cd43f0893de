import { createHash, scryptSync } from "node:crypto";
import { lockedImage, planProblems, samplePlan } from "../../support/sample-plan";
import { sampleConfig } from "../../support/sample-config";
import { planStack } from "../../../plan/plan-stack";

const web = `version: "3.8"
services:
  web:
    image: web:1
    environment:
      URL: http://\${MASTER_NODE_IP}:80
      PASSWORD: \${PASSWORD:-none}
    secrets: [panel_password]
    configs: [page]
    ports: ["80:8080"]
secrets:
  panel_password: { external: true }
configs:
  page: { file: page.html }
`;
const files = { "web.yml": web, "page.html": "<p>hello</p>" };

function plan(more: {
  stack?: object;
  secrets?: Record<string, string>;
  files?: Record<string, string>;
  settings?: object;
}) {
  const stack = { file: "web.yml", ...more.stack };
  return samplePlan({
    settings: { stacks: { shop: stack }, ...more.settings },
    secrets: more.secrets ?? { panelPassword: "s3cret" },
    files: { ...files, ...more.files },
  }).stacks[0]!;
}

const hash = (text: string) => createHash("sha256").update(text).digest("hex").slice(0, 10);
const slow = (data: string, salt: string) =>
  scryptSync(data, `cloudlet shop ${salt}`, 16, { N: 4096 }).toString("hex").slice(0, 10);
const base64 = (text: string) => Buffer.from(text).toString("base64");
const containerOf = (stack: ReturnType<typeof plan>) =>
  stack.services[0]!.spec.TaskTemplate.ContainerSpec;

describe("planStack", () => {
  it("settles a whole stack, with names that are known before deployment", () => {
    const configName = `shop_page_${hash(base64("<p>hello</p>"))}`;
    const secretName = `shop_panel_password_${slow(base64("s3cret"), "shop_panel_password")}`;
    const stack = plan({});
    expect(stack).toMatchObject({
      name: "shop",
      networks: [
        { logicalName: "shop_default", spec: { Name: "shop_default", Driver: "overlay" } },
      ],
      secrets: [
        {
          logicalName: "shop_panel_password",
          spec: {
            Name: secretName,
            Data: base64("s3cret"),
            Labels: { "com.docker.stack.namespace": "shop" },
          },
        },
      ],
      configs: [
        { logicalName: "shop_page", spec: { Name: configName, Data: base64("<p>hello</p>") } },
      ],
      sensitive: ["s3cret"],
      readyTimeoutSeconds: 600,
    });
    expect(stack.services.map(({ logicalName, addresses }) => [logicalName, addresses])).toEqual([
      ["shop_web", ["http://192.168.1.21:80"]],
    ]);
    expect(containerOf(stack)).toMatchObject({
      Image: `web:1@${lockedImage("web:1").digest}`,
      Env: ["PASSWORD=none", "URL=http://192.168.1.21:80"],
      Secrets: [{ SecretName: secretName, File: { Name: "panel_password" } }],
      Configs: [{ ConfigName: configName, File: { Name: "page" } }],
    });
  });

  it("gives a changed content another name and the same place in the program", () => {
    const before = plan({});
    const after = plan({
      secrets: { panelPassword: "other" },
      files: { "page.html": "<p>bye</p>" },
    });
    for (const kind of ["secrets", "configs"] as const) {
      expect(after[kind][0]?.logicalName).toBe(before[kind][0]?.logicalName);
      expect(after[kind][0]?.spec.Name).not.toBe(before[kind][0]?.spec.Name);
    }
    expect(containerOf(after).Secrets?.[0]?.SecretName).toBe(after.secrets[0]?.spec.Name);
    expect(containerOf(after).Configs?.[0]?.ConfigName).toBe(after.configs[0]?.spec.Name);
    expect(after.revision).not.toBe(before.revision);
  });

  it("keeps a secret and a config of one name apart", () => {
    const both = web
      .replaceAll("page", "panel_password")
      .replace("panel_password.html", "page.html");
    const before = plan({ files: { "web.yml": both } });
    const after = plan({ files: { "web.yml": both }, secrets: { panelPassword: "other" } });
    expect(before.configs[0]?.spec.Name).toBe(
      `shop_panel_password_${hash(base64("<p>hello</p>"))}`,
    );
    expect(after.configs[0]?.spec.Name).toBe(before.configs[0]?.spec.Name);
    expect(after.secrets[0]?.spec.Name).not.toBe(before.secrets[0]?.spec.Name);
  });

  it("finds a secret by its name in camel case, or by the setting that the stack names for it", () => {
    expect(plan({}).secrets[0]?.spec.Data).toBe(base64("s3cret"));
    const mapped = plan({
      stack: { secrets: { panel_password: "another" } },
      secrets: { another: "mapped" },
    });
    expect(mapped.secrets[0]?.spec.Data).toBe(base64("mapped"));
  });

  it("takes the external name where the file gives one", () => {
    const named = web.replace("{ external: true }", "{ external: true, name: shared-key }");
    const stack = plan({ files: { "web.yml": named }, secrets: { sharedKey: "x" } });
    expect(stack.secrets[0]?.logicalName).toBe("shop_shared-key");
    expect(containerOf(stack).Secrets?.[0]).toMatchObject({
      SecretName: stack.secrets[0]?.spec.Name,
      File: { Name: "panel_password" },
    });
  });

  it("names a stack's secrets apart from another's with the same content, so that nobody sees that they are the same", () => {
    const stacks = samplePlan({
      settings: { stacks: { a: { file: "web.yml" }, b: { file: "web.yml" } } },
      secrets: { panelPassword: "s3cret" },
      // Two stacks cannot publish one port.
      files: { ...files, "web.yml": web.replace('    ports: ["80:8080"]\n', "") },
    }).stacks;
    const [a = "", b = ""] = stacks.map(({ secrets }) => secrets[0]?.spec.Name.slice(-10));
    expect(a).toMatch(/^[0-9a-f]{10}$/);
    expect(b).not.toBe(a);
  });

  it("changes its revision with a secret in a variable, and with nothing else than its services", () => {
    const revision = (password: string, settings = {}) =>
      plan({
        stack: { environment: { PASSWORD: { secret: "webPassword" } } },
        secrets: { panelPassword: "x", webPassword: password },
        settings,
      }).revision;
    expect(revision("one")).not.toBe(revision("two"));
    expect(revision("one")).toBe(revision("one", { readyTimeoutSeconds: 7 }));
  });
});

describe("planStack leaves to the swarm", () => {
  const text = `version: "3.8"
services:
  web:
    image: web:1
    networks: [out, inside]
    secrets: [key, panel_password]
    configs: [page]
networks:
  inside: {}
  out: { external: true, name: shared-net }
secrets:
  key: { external: true }
  panel_password: { external: true }
  unused: { external: true }
configs:
  page: { external: true }
`;
  const stack = plan({ files: { "web.yml": text } });

  it("what is external and used, but a secret of the settings, and tells where it is asked for", () => {
    expect(stack.external.map(({ kind, name, key }) => [kind, name, key])).toEqual([
      ["network", "shared-net", "networks.shared-net"],
      ["secret", "key", "secrets.key"],
      ["config", "page", "configs.page"],
    ]);
    expect(stack.external.map(({ where }) => where).slice(1)).toEqual([
      "web.yml:12:3",
      "web.yml:16:3",
    ]);
    expect(stack.networks.map(({ logicalName }) => logicalName)).toEqual(["shop_inside"]);
    expect(stack.secrets.map(({ logicalName }) => logicalName)).toEqual(["shop_panel_password"]);
    expect(stack.configs).toEqual([]);
  });

  it("to find it under the name that it has there", () => {
    expect(containerOf(stack)).toMatchObject({
      Secrets: [{ SecretName: "key" }, { SecretName: stack.secrets[0]?.spec.Name }],
      Configs: [{ ConfigName: "page" }],
    });
    const { Networks = [] } = stack.services[0]!.spec.TaskTemplate;
    expect(Networks.map(({ Target }) => Target).sort()).toEqual(["shared-net", "shop_inside"]);
  });
});

describe("planStack refuses", () => {
  const problemsOf = (
    text: string,
    { stack = {}, secrets = {} }: { stack?: object; secrets?: Record<string, string> } = {},
  ) =>
    planProblems({
      settings: { stacks: { shop: { file: "shop.yml", ...stack } } },
      secrets,
      files: { "shop.yml": text },
    }).map(({ where, message }) => `${where}: ${message}`);
  const small = (more: string) => `version: "3.8"\nservices:\n  web:\n    image: web:1\n${more}`;

  it("a stack file that is not there", () => {
    expect(planProblems({ settings: { stacks: { shop: { file: "none.yml" } } } })).toEqual([
      {
        where: "cloudlet:stacks.shop.file",
        message: 'expected a stack file of this project, got "none.yml": no such file',
      },
    ]);
  });

  it("a variable of the settings that cloudlet does not give", () => {
    expect(problemsOf(small(""), { stack: { environment: { URL: "http://${HOST}" } } })).toEqual([
      "cloudlet:stacks.shop.environment.URL: expected one of ${MASTER_NODE}, ${MASTER_NODE_IP}, got ${HOST}",
    ]);
  });

  it("a variable that the file wants and nobody gives, although this machine's environment has it", () => {
    process.env.CLOUDLET_TEST_VARIABLE = "from the machine";
    try {
      const text = small("    environment: { A: '${CLOUDLET_TEST_VARIABLE:?is missing}' }\n");
      expect(problemsOf(text)).toEqual([expect.stringMatching(/^shop\.yml:5:\d+: .*is missing/)]);
    } finally {
      delete process.env.CLOUDLET_TEST_VARIABLE;
    }
  });

  it("a name that the engine would refuse once half of the stack is there", () => {
    const key = "k".repeat(50);
    const text = small(`    secrets: [${key}]\nsecrets:\n  ${key}: { external: true }\n`);
    const [problem = ""] = problemsOf(text, { secrets: { [key]: "x" } });
    expect(problem).toMatch(
      /^cloudlet:stacks\.shop: expected names of secrets and configs that have at most 64 characters with the stack's name and a hash, got "shop_k{50}_[0-9a-f]{10}"; shorten one of them$/,
    );
  });

  it("never says the value of a secret", () => {
    const text = small("    ports: ['${PORT}:80']\n    image: ${PORT}\n");
    const problems = problemsOf(text, {
      stack: { environment: { PORT: { secret: "port" } } },
      secrets: { port: "s3cret-text" },
    });
    expect(problems.length).toBeGreaterThan(0);
    expect(problems.join("\n")).not.toContain("s3cret-text");
  });
});

describe("where the stack is readable", () => {
  it("tells which secret settings it uses, also when something else is refused", () => {
    const config = sampleConfig({ stacks: { shop: { file: "web.yml" } } }, ["panelPassword"]);
    const read = (path: string) => {
      const text = files[path.slice("/project/".length) as keyof typeof files];
      return text === undefined ? undefined : Buffer.from(text);
    };
    const planned = planStack(config.stacks[0]!, {
      config,
      secrets: { panelPassword: "x" },
      projectDirectory: "/project",
      readFile: read,
      lock: {},
      lockPath: "lock.yml",
    });
    expect(planned).toMatchObject({
      stack: undefined,
      readable: true,
      usedSecrets: ["panelPassword"],
      problems: [{ where: "web.yml:4:5" }],
    });
  });
});
