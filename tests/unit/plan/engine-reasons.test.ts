import type { PlannedStack } from "../../../plan/planned-stack";
import { samplePlan } from "../../support/sample-plan";

/** The stack of one service whose keys and whose top-level keys are these lines. */
function planned(service: string, rest = ""): PlannedStack {
  const { stacks } = samplePlan({
    settings: { stacks: { shop: { file: "shop.yml" } } },
    files: {
      "shop.yml": `version: "3.13"\nservices:\n  web:\n    image: web:1\n${service}${rest}`,
      "page.html": "x",
    },
  });
  return stacks[0]!;
}

const reasonsOf = (service: string, rest?: string) =>
  planned(service, rest).services[0]!.engineReasons;

const REFERS_BY_ID = "refers by id, which what it did not write itself has in the swarm alone";

describe("a service goes through the Engine API where the docker provider", () => {
  it.each<[reason: string, service: string, rest?: string]>([
    ["sends several environment variables in random order", 'environment: { A: "1", B: "2" }'],
    ["knows no variables without a value", "environment: [BARE]"],
    ["knows no ulimits", "ulimits: { nproc: 100 }"],
    ["knows no tty", "tty: true"],
    ["knows no stdin_open", "stdin_open: true"],
    ["knows no limit of pids", "deploy: { resources: { limits: { pids: 10 } } }"],
    ["knows no jobs", "deploy: { mode: replicated-job }"],
    ["knows no jobs", "deploy: { mode: global-job }"],
    [
      "knows no rollback that fails into a rollback",
      "deploy: { rollback_config: { failure_action: rollback } }",
    ],
    [
      "reads a failure ratio back with one decimal",
      "deploy: { update_config: { max_failure_ratio: 0.25 } }",
    ],
    [
      "reads a failure ratio back with one decimal",
      "deploy: { rollback_config: { max_failure_ratio: 0.25 } }",
    ],
    [
      "keeps no order of placement preferences",
      "deploy: { placement: { preferences: [{ spread: node.id }, { spread: node.role }] } }",
    ],
    [
      "knows no start_interval",
      'healthcheck: { test: [CMD, "true"], start_period: 9s, start_interval: 1s }',
    ],
    [
      "replaces a service whose container labels, extra hosts or sysctls change",
      "labels: { mine: yes-mine }",
    ],
    [
      "replaces a service whose container labels, extra hosts or sysctls change",
      'extra_hosts: ["db:10.0.0.1"]',
    ],
    [
      "replaces a service whose container labels, extra hosts or sysctls change",
      'sysctls: { net.core.somaxconn: "1024" }',
    ],
    [
      "knows no credential_spec of a config",
      "credential_spec: { config: page }",
      "configs: { page: { file: page.html } }",
    ],
    [
      "knows no npipe and cluster volumes",
      "volumes: [{ type: npipe, source: pipe, target: /pipe }]",
    ],
    [
      "knows no npipe and cluster volumes",
      "volumes: [{ type: cluster, source: disk, target: /disk }]",
      "volumes: { disk: { external: true } }",
    ],
    [
      "knows no subpath and consistency of volumes",
      "volumes: [{ type: bind, source: /x, target: /x, consistency: cached }]",
    ],
    [
      "knows no subpath and consistency of volumes",
      "volumes: [{ type: volume, source: data, target: /x, volume: { subpath: inside } }]",
      "volumes: { data: { external: true } }",
    ],
    [
      "replaces a service whose volume labels change",
      "volumes: [data:/data]",
      'volumes: { data: { labels: { a: "b" } } }',
    ],
    [REFERS_BY_ID, "networks: [out]", "networks: { out: { external: true } }"],
    [REFERS_BY_ID, "secrets: [key]", "secrets: { key: { external: true } }"],
    [REFERS_BY_ID, "configs: [page]", "configs: { page: { external: true } }"],
  ])("%s: %s", (reason, service, rest = "") => {
    expect(reasonsOf(`    ${service}\n`, `${rest}\n`)).toEqual([reason]);
  });

  it("does several things wrong, for each of them", () => {
    expect(
      reasonsOf(
        "    tty: true\n    environment: [A, B=2]\n    networks: [out]\n",
        "networks: { out: { external: true } }\n",
      ),
    ).toEqual([
      "sends several environment variables in random order",
      "knows no variables without a value",
      "knows no tty",
      REFERS_BY_ID,
    ]);
  });
});

describe("a service stays with the docker provider", () => {
  it("that asks for all that the provider says well", () => {
    const stack = planned(`    hostname: web
    command: [serve]
    environment: { A: "1" }
    tty: false
    stdin_open: false
    healthcheck: { test: [CMD, "true"], interval: 10s, retries: 3 }
    volumes: [/x:/x:ro, { type: tmpfs, target: /tmp, tmpfs: { size: 1048576 } }, data:/data]
    networks: [inside]
    secrets: [key]
    configs: [page]
    ports: ["80:8080"]
    deploy:
      labels: { mine: yes-mine }
      replicas: 3
      placement: { constraints: [node.role == manager], preferences: [{ spread: node.id }] }
      resources: { limits: { cpus: "0.5", memory: 10M }, reservations: { memory: 5M } }
      update_config: { max_failure_ratio: 0.3, order: start-first, failure_action: rollback }
      rollback_config: { failure_action: pause }
networks: { inside: {} }
secrets: { key: { file: page.html } }
configs: { page: { file: page.html } }
volumes: { data: { external: true } }
`);
    expect(stack.services[0]!.engineReasons).toEqual([]);
    // The stack's own label is on each container, and never changes.
    expect(stack.services[0]!.spec.TaskTemplate.ContainerSpec.Labels).toEqual({
      "com.docker.stack.namespace": "shop",
    });
    expect([...stack.secrets, ...stack.configs].map((file) => file.engineReasons)).toEqual([
      [],
      [],
    ]);
  });

  it.each(["", "environment: {}", "environment: [A=]", "deploy: { mode: global }"])(
    "that says no more than %j",
    (service) => expect(reasonsOf(`    ${service}\n`)).toEqual([]),
  );

  it("whose external secret is in the settings, and so of the stack", () => {
    const { stacks } = samplePlan({
      settings: { stacks: { shop: { file: "shop.yml" } } },
      secrets: { key: "s3cret" },
      files: {
        "shop.yml":
          'version: "3.8"\nservices:\n  web:\n    image: web:1\n    secrets: [key]\nsecrets:\n  key: { external: true }\n',
      },
    });
    expect(stacks[0]?.services[0]?.engineReasons).toEqual([]);
  });
});

describe("a secret or config goes through the Engine API where the docker provider", () => {
  it.each<[kind: "secrets" | "configs", file: string, reasons: string[]]>([
    ["secrets", "{ driver: vault }", ["knows no drivers of secrets"]],
    ["secrets", "{ file: page.html, template_driver: golang }", ["knows no template drivers"]],
    [
      "secrets",
      "{ driver: vault, template_driver: golang }",
      ["knows no drivers of secrets", "knows no template drivers"],
    ],
    ["configs", "{ file: page.html, template_driver: golang }", ["knows no template drivers"]],
  ])("does not know what is in %s: %s", (kind, file, reasons) => {
    const stack = planned(`    ${kind}: [page]\n`, `${kind}:\n  page: ${file}\n`);
    expect(stack[kind][0]?.engineReasons).toEqual(reasons);
    // And with it the service that uses it: a command does not know the id of what it made.
    expect(stack.services[0]?.engineReasons).toEqual([REFERS_BY_ID]);
  });
});
