import type { ServiceSpec } from "../../../compose/swarm-spec";
import { serviceArgs } from "../../../stacks/service-args";

const SECOND = 1_000_000_000;
const File = { Name: "key", UID: "0", GID: "1", Mode: 0o440 };
const ids = {
  networks: { shop_front: "net-1", shop_back: "net-2" },
  secrets: { shop_key_1: "secret-1" },
  configs: { shop_page_1: "config-1" },
};

const everything: Required<ServiceSpec> = {
  Name: "shop_web",
  Labels: { "com.docker.stack.namespace": "shop", tier: "front" },
  Mode: { Replicated: { Replicas: 3 } },
  UpdateConfig: {
    Parallelism: 2,
    Delay: 90 * SECOND,
    FailureAction: "rollback",
    Monitor: 60 * SECOND,
    MaxFailureRatio: 0.25,
    Order: "start-first",
  },
  RollbackConfig: { Parallelism: 0 },
  EndpointSpec: {
    Mode: "dnsrr",
    Ports: [
      { TargetPort: 80, PublishedPort: 8080, Protocol: "udp", PublishMode: "host" },
      { TargetPort: 81 },
    ],
  },
  TaskTemplate: {
    ContainerSpec: {
      Image: "web:1@sha256:abc",
      Labels: { a: "b" },
      Command: ["/entry"],
      Args: ["serve", "--all"],
      Hostname: "web",
      Env: ["EMPTY=", "URL=http://x?a=b", "PLAIN=1"],
      Dir: "/srv",
      User: "www",
      Init: true,
      Isolation: "default",
      ReadOnly: true,
      StopSignal: "SIGQUIT",
      StopGracePeriod: 90 * SECOND,
      Sysctls: { "net.core.somaxconn": "1024" },
      CapabilityAdd: ["CAP_NET_ADMIN"],
      CapabilityDrop: ["ALL"],
      Hosts: ["10.0.0.1 db", "10.0.0.2 cache"],
      DNSConfig: { Nameservers: ["1.1.1.1"], Search: ["lan"], Options: ["ndots:1"] },
      Healthcheck: {
        Test: ["CMD", "true"],
        Interval: 10 * SECOND,
        Timeout: 1.5 * SECOND,
        StartPeriod: 60 * SECOND,
        Retries: 3,
      },
      Mounts: [
        {
          Type: "bind",
          Source: "/x",
          Target: "/x",
          ReadOnly: true,
          BindOptions: { Propagation: "rslave" },
        },
        {
          Type: "volume",
          Source: "shop_data",
          Target: "/data",
          VolumeOptions: {
            NoCopy: true,
            Labels: { v: "1" },
            DriverConfig: { Name: "local", Options: { type: "nfs" } },
          },
        },
        { Type: "tmpfs", Target: "/tmp", TmpfsOptions: { SizeBytes: 1024 } },
      ],
      Secrets: [{ SecretName: "shop_key_1", File }],
      Configs: [
        { ConfigName: "shop_page_1", File: { ...File, Name: "page" } },
        { ConfigName: "credentials", Runtime: {} },
      ],
    },
    Networks: [
      { Target: "shop_front", Aliases: ["web"], DriverOpts: { mtu: "1400" } },
      { Target: "shop_back" },
    ],
    Placement: {
      Constraints: ["node.role == manager"],
      Preferences: [{ Spread: { SpreadDescriptor: "node.labels.room" } }],
      MaxReplicas: 2,
    },
    Resources: {
      Limits: { NanoCPUs: 500_000_000, MemoryBytes: 64_000_000 },
      Reservations: {
        NanoCPUs: 100_000_000,
        MemoryBytes: 32_000_000,
        GenericResources: [{ DiscreteResourceSpec: { Kind: "GPU", Value: 2 } }],
      },
    },
    RestartPolicy: {
      Condition: "on-failure",
      Delay: 5 * SECOND,
      MaxAttempts: 3,
      Window: 120 * SECOND,
    },
    LogDriver: { Name: "json-file", Options: { "max-size": "10m" } },
  },
};

describe("serviceArgs", () => {
  it("says every field in the provider's words and units", () => {
    expect(serviceArgs(everything, ids)).toEqual({
      name: "shop_web",
      labels: [
        { label: "com.docker.stack.namespace", value: "shop" },
        { label: "tier", value: "front" },
      ],
      mode: { replicated: { replicas: 3 } },
      updateConfig: {
        parallelism: 2,
        delay: "1m30s",
        failureAction: "rollback",
        monitor: "1m",
        maxFailureRatio: "0.25",
        order: "start-first",
      },
      rollbackConfig: {
        parallelism: 0,
        delay: "0s",
        failureAction: "pause",
        monitor: "5s",
        maxFailureRatio: "0",
        order: "stop-first",
      },
      endpointSpec: {
        mode: "dnsrr",
        ports: [
          { targetPort: 80, publishedPort: 8080, protocol: "udp", publishMode: "host" },
          { targetPort: 81, publishedPort: undefined, protocol: "tcp", publishMode: "ingress" },
        ],
      },
      taskSpec: {
        containerSpec: {
          image: "web:1@sha256:abc",
          labels: [{ label: "a", value: "b" }],
          commands: ["/entry"],
          args: ["serve", "--all"],
          hostname: "web",
          env: { EMPTY: "", URL: "http://x?a=b", PLAIN: "1" },
          dir: "/srv",
          user: "www",
          init: true,
          isolation: "default",
          readOnly: true,
          stopSignal: "SIGQUIT",
          stopGracePeriod: "1m30s",
          sysctl: { "net.core.somaxconn": "1024" },
          capAdds: ["CAP_NET_ADMIN"],
          capDrops: ["ALL"],
          hosts: [
            { ip: "10.0.0.1", host: "db" },
            { ip: "10.0.0.2", host: "cache" },
          ],
          dnsConfig: { nameservers: ["1.1.1.1"], searches: ["lan"], options: ["ndots:1"] },
          healthcheck: {
            tests: ["CMD", "true"],
            interval: "10s",
            timeout: "1.5s",
            startPeriod: "1m",
            retries: 3,
          },
          mounts: [
            {
              type: "bind",
              source: "/x",
              target: "/x",
              readOnly: true,
              bindOptions: { propagation: "rslave" },
            },
            {
              type: "volume",
              source: "shop_data",
              target: "/data",
              volumeOptions: {
                noCopy: true,
                labels: [{ label: "v", value: "1" }],
                driverName: "local",
                driverOptions: { type: "nfs" },
              },
            },
            { type: "tmpfs", target: "/tmp", tmpfsOptions: { sizeBytes: 1024 } },
          ],
          secrets: [
            {
              secretId: "secret-1",
              secretName: "shop_key_1",
              fileName: "key",
              fileUid: "0",
              fileGid: "1",
              fileMode: 0o440,
            },
          ],
          configs: [
            {
              configId: "config-1",
              configName: "shop_page_1",
              fileName: "page",
              fileUid: "0",
              fileGid: "1",
              fileMode: 0o440,
            },
          ],
        },
        networksAdvanceds: [
          { id: "net-1", aliases: ["web"], driverOpts: ["mtu=1400"] },
          { id: "net-2", aliases: undefined, driverOpts: undefined },
        ],
        placement: {
          constraints: ["node.role == manager"],
          prefs: ["node.labels.room"],
          maxReplicas: 2,
        },
        resources: {
          limits: { nanoCpus: 500_000_000, memoryBytes: 64_000_000 },
          reservation: {
            nanoCpus: 100_000_000,
            memoryBytes: 32_000_000,
            genericResources: { discreteResourcesSpecs: ["GPU=2"] },
          },
        },
        restartPolicy: { condition: "on-failure", delay: "5s", maxAttempts: 3, window: "2m" },
        logDriver: { name: "json-file", options: { "max-size": "10m" } },
      },
    });
  });

  const least: ServiceSpec = {
    Name: "shop_web",
    Labels: {},
    Mode: {},
    TaskTemplate: { ContainerSpec: { Image: "web:1" } },
  };

  it("says nothing that was not asked for, but what the provider would fill in differently", () => {
    const args = JSON.parse(JSON.stringify(serviceArgs(least, ids))) as unknown;
    expect(args).toEqual({
      name: "shop_web",
      labels: [],
      mode: { replicated: { replicas: 1 } },
      // Without it, the provider would have every container killed at once.
      taskSpec: { containerSpec: { image: "web:1", stopGracePeriod: "10s" } },
    });
  });

  it("leaves empty parts away, as the engine reads them back as nothing", () => {
    const task = { ...least.TaskTemplate, Placement: {} };
    const container = { Image: "web:1", Healthcheck: {} };
    const args = serviceArgs(
      { ...least, EndpointSpec: {}, TaskTemplate: { ...task, ContainerSpec: container } },
      ids,
    );
    expect(args.endpointSpec).toBeUndefined();
    expect(args.taskSpec).toMatchObject({
      placement: undefined,
      containerSpec: { healthcheck: undefined },
    });
  });

  it.each<[ServiceSpec["Mode"], object]>([
    [{ Global: {} }, { global: true }],
    [{ Replicated: { Replicas: 0 } }, { replicated: { replicas: 0 } }],
    [{ Replicated: {} }, { replicated: { replicas: 1 } }],
  ])("says the mode %j as %j", (Mode, expected) => {
    expect(serviceArgs({ ...least, Mode }, ids).mode).toEqual(expected);
  });

  it("says a restart policy whole: without a delay, crashing tasks would start in a hot loop", () => {
    const spec = { ...least, TaskTemplate: { ...least.TaskTemplate, RestartPolicy: {} } };
    expect(serviceArgs(spec, ids).taskSpec).toMatchObject({
      restartPolicy: { condition: "any", delay: "5s", maxAttempts: 0, window: "0s" },
    });
  });

  it("names what the plan refers to and does not declare", () => {
    const spec = {
      ...least,
      TaskTemplate: { ...least.TaskTemplate, Networks: [{ Target: "theirs" }] },
    };
    expect(() => serviceArgs(spec, ids)).toThrow(
      "no id for theirs: the plan names what it does not declare",
    );
  });
});
