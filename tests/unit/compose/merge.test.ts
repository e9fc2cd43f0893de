import type { ServiceSpec } from "../../../compose/swarm-spec";
import { convert, webFile } from "../../support/convert";

function merged(base: string, override: string, rest = ""): ServiceSpec {
  return convert([webFile(base, rest), webFile(override)]).spec.services.st_web!;
}

const container = ({ TaskTemplate }: ServiceSpec) => TaskTemplate.ContainerSpec;

// Each expectation is what the docker CLI 28.2.2 sent for the same two files.
describe("a later file is laid over an earlier one", () => {
  it.each([
    ["a list replaces a command", "command: a b", "command: [c]", { Args: ["c"] }],
    ["an empty command changes nothing", "command: a b", "command: []", { Args: ["a", "b"] }],
    [
      "labels are merged, an empty value too",
      "labels: {a: b, c: d}",
      "labels: {a: ''}",
      { Labels: { a: "", c: "d", "com.docker.stack.namespace": "st" } },
    ],
    [
      "an empty variable gives way",
      "environment: {A: a, B: '', C: null}",
      "environment: {A: '', B: b, C: c}",
      { Env: ["A=a", "B=b", "C=c"] },
    ],
    [
      "an unset variable stays unless it was empty",
      "environment: {A: a, B: ''}",
      "environment: {A: null, B: null}",
      { Env: ["A=a", "B"] },
    ],
    [
      "true cannot be taken back",
      "tty: true\nread_only: true",
      "tty: false\nread_only: false",
      { TTY: true, ReadOnly: true },
    ],
    ["init cannot be switched off", "init: true", "init: false", { Init: true }],
    ["init can be switched on", "init: false", "init: true", { Init: true }],
    [
      "a grace period of 0 changes nothing",
      "stop_grace_period: 20s",
      "stop_grace_period: 0s",
      { StopGracePeriod: 20e9 },
    ],
    [
      "a first grace period of 0 counts",
      "tty: true",
      "stop_grace_period: 0s",
      { StopGracePeriod: 0 },
    ],
    [
      "name servers are appended",
      "dns: 1.1.1.1",
      "dns: [2.2.2.2]",
      { DNSConfig: { Nameservers: ["1.1.1.1", "2.2.2.2"] } },
    ],
    [
      "extra hosts are appended",
      "extra_hosts: ['a:1.1.1.1']",
      "extra_hosts: {b: 2.2.2.2}",
      { Hosts: ["1.1.1.1 a", "2.2.2.2 b"] },
    ],
    [
      "ulimits are replaced by name",
      "ulimits: {nofile: {soft: 1, hard: 2}, nproc: 5}",
      "ulimits: {nofile: 10}",
      {
        Ulimits: [
          { Name: "nofile", Soft: 10, Hard: 10 },
          { Name: "nproc", Soft: 5, Hard: 5 },
        ],
      },
    ],
    [
      "a test is appended",
      "healthcheck: {test: [CMD, a], interval: 10s, retries: 3}",
      "healthcheck: {test: b, interval: 0s, retries: 0}",
      { Healthcheck: { Test: ["CMD", "a", "CMD-SHELL", "b"], Interval: 10e9 } },
    ],
    [
      "volumes are replaced by target",
      "volumes: ['./a:/x', './b:/y']",
      "volumes: ['./c:/x:ro']",
      {
        Mounts: [
          { Type: "bind", Source: "/work/c", Target: "/x", ReadOnly: true },
          { Type: "bind", Source: "/work/b", Target: "/y" },
        ],
      },
    ],
  ])("%s", (_title, base, override, expected) => {
    expect(container(merged(base, override))).toMatchObject(expected);
  });

  it("replaces ports by published port, and keeps one that says none", () => {
    const ports = (base: string, override: string) =>
      merged(base, override).EndpointSpec?.Ports?.map(
        ({ PublishedPort = 0, TargetPort }) => `${PublishedPort}:${TargetPort}`,
      );
    expect(ports("ports: ['80:80', '90:90']", "ports: ['80:8080']")).toEqual(["80:8080", "90:90"]);
    expect(ports("ports: ['3000', '3001']", "tty: true")).toEqual(["0:3001"]);
    expect(ports("tty: true", "ports: ['3000', '3001']")).toEqual(["0:3000", "0:3001"]);
  });

  it("merges logging of one driver and replaces that of another", () => {
    const driver = (base: string, override: string) =>
      merged(base, override).TaskTemplate.LogDriver;
    expect(
      driver("logging: {options: {a: b, c: d}}", "logging: {driver: syslog, options: {a: x}}"),
    ).toEqual({
      Name: "syslog",
      Options: { a: "x", c: "d" },
    });
    expect(driver("logging: {driver: x, options: {a: b}}", "logging: {driver: y}")).toEqual({
      Name: "y",
    });
  });

  it("loses logging options that only the later file has, and says so", () => {
    const files = [webFile("logging: {driver: x}"), webFile("logging: {options: {a: b}}")];
    const { spec, warnings } = convert(files);
    expect(spec.services.st_web!.TaskTemplate.LogDriver).toEqual({ Name: "x" });
    expect(warnings).toEqual([expect.objectContaining({ kind: "surprise/merged-logging" })]);
  });

  it("takes the aliases of the later file and the driver options of the earlier", () => {
    const networks = "networks: {n: {}, m: {}}\n";
    const base = "networks: {n: {aliases: [x], driver_opts: {k: v}}, m: null}";
    const { TaskTemplate } = merged(
      base,
      "networks: {n: {aliases: [y]}, m: {aliases: [z]}}",
      networks,
    );
    expect(TaskTemplate.Networks).toEqual([
      { Target: "st_m", Aliases: ["z", "web"] },
      { Target: "st_n", Aliases: ["y", "web"], DriverOpts: { k: "v" } },
    ]);
  });

  it("merges how a service is deployed field by field, where only counts can become 0", () => {
    const spec = merged(
      "deploy: {replicas: 3, update_config: {parallelism: 2, delay: 10s}, resources: {limits: {cpus: '1', memory: 1g}}, restart_policy: {delay: 5s, max_attempts: 3}, placement: {constraints: [a==b], max_replicas_per_node: 3}}",
      "deploy: {replicas: 0, update_config: {parallelism: 0, delay: 0s}, resources: {limits: {memory: 2g}}, restart_policy: {delay: 0s, max_attempts: 0}, placement: {constraints: [c==d], max_replicas_per_node: 0}}",
    );
    expect(spec.Mode).toEqual({ Replicated: { Replicas: 0 } });
    expect(spec.UpdateConfig).toEqual({ Parallelism: 0, Delay: 10e9, MaxFailureRatio: 0 });
    expect(spec.TaskTemplate).toMatchObject({
      Resources: { Limits: { NanoCPUs: 1e9, MemoryBytes: 2 ** 31 } },
      RestartPolicy: { Delay: 5e9, MaxAttempts: 0 },
      Placement: { Constraints: ["a==b", "c==d"], MaxReplicas: 3 },
    });
  });

  it("replaces networks, volumes, secrets and configs whole", () => {
    const base = webFile("networks: [n]", "networks: {n: {driver: x, labels: {a: b}}}\n");
    const override = "networks: {n: {attachable: true}}\n";
    expect(convert([base, override]).spec.networks.st_n).toEqual({
      Name: "st_n",
      Driver: "overlay",
      Labels: { "com.docker.stack.namespace": "st" },
      Attachable: true,
      Internal: false,
    });
  });

  it("takes services that only one of the files has", () => {
    const { spec } = convert([
      "services: {a: {image: x}}",
      "services: {b: {image: y}}",
      "services: {a: {user: u}}",
    ]);
    expect(Object.keys(spec.services)).toEqual(["st_a", "st_b"]);
    expect(container(spec.services.st_a!)).toMatchObject({ Image: "x:latest", User: "u" });
  });
});
