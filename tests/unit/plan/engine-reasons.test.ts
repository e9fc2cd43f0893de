import { planProblems } from "../../support/sample-plan";

const files = (service: string, rest = "") => ({
  "shop.yml": `version: "3.13"\nservices:\n  web:\n    image: web:1\n${service}${rest}`,
  "page.html": "x",
});

function problemsOf(service: string, rest = ""): string[] {
  return planProblems({
    settings: { stacks: { shop: { file: "shop.yml" } } },
    files: files(service, rest),
  }).map(({ where, message }) => `${where}: ${message}`);
}

const inexpressible = (where: string, key: string) =>
  `shop.yml:${where}: services.web.${key} asks for something that the docker provider cannot express yet`;

describe("findGaps refuses what the provider would silently leave out:", () => {
  it.each<[string, string]>([
    ["ulimits", "    ulimits: { nproc: 100 }\n"],
    ["tty", "    tty: true\n"],
    ["stdin_open", "    stdin_open: true\n"],
    ["deploy", "    deploy: { resources: { limits: { pids: 10 } } }\n"],
    ["deploy", "    deploy: { mode: replicated-job }\n"],
    ["deploy", "    deploy: { mode: global-job }\n"],
    ["deploy", "    deploy: { update_config: { max_failure_ratio: 0.25 } }\n"],
    [
      "deploy",
      "    deploy: { placement: { preferences: [{ spread: node.id }, { spread: node.role }] } }\n",
    ],
    ["environment", "    environment: [BARE]\n"],
    ["volumes", "    volumes: [{ type: npipe, source: x, target: /x }]\n"],
    ["volumes", "    volumes: [{ type: bind, source: /x, target: /x, consistency: cached }]\n"],
  ])("%s of %j", (key, service) => {
    expect(problemsOf(service)).toEqual([inexpressible("5:5", key)]);
  });

  it("drivers of secrets and templates of configs", () => {
    const rest =
      "secrets:\n  key: { driver: vault }\nconfigs:\n  page: { file: page.html, template_driver: golang }\n";
    const problems = problemsOf("    secrets: [key]\n    configs: [page]\n", rest);
    expect(problems).toEqual([
      "shop.yml:7:1: the driver or template_driver of secrets shop_key asks for something that the docker provider cannot express yet",
      "shop.yml:9:1: the driver or template_driver of configs shop_page asks for something that the docker provider cannot express yet",
    ]);
  });

  it("everything at once", () => {
    expect(problemsOf("    tty: true\n    stdin_open: true\n")).toHaveLength(2);
  });
});

it("has nothing against what the provider can say", () => {
  const service = `    hostname: web
    environment: { A: "1" }
    tty: false
    healthcheck: { test: [CMD, "true"], interval: 10s }
    volumes: [data:/data, /x:/x:ro, { type: tmpfs, target: /tmp, tmpfs: { size: 1048576 } }]
    deploy:
      placement: { preferences: [{ spread: node.id }] }
      resources: { limits: { cpus: "0.5", memory: 10M } }
      rollback_config: { failure_action: pause }
volumes: { data: }
`;
  expect(problemsOf(service)).toEqual([]);
});
