import type { PortConfig, ServiceSpec } from "../../../compose/swarm-spec";
import { publishOnOneNode, serviceAddresses } from "../../../plan/routing-mesh";
import { sampleConfig } from "../../support/sample-config";

const mesh = sampleConfig();
const noMesh = sampleConfig({ routingMesh: false });
const port = (more: Partial<PortConfig> = {}): PortConfig => ({
  TargetPort: 80,
  PublishedPort: 8080,
  Protocol: "tcp",
  PublishMode: "ingress",
  ...more,
});

function service(more: {
  ports?: PortConfig[];
  constraints?: string[];
  mode?: ServiceSpec["Mode"];
}): ServiceSpec {
  const { ports, constraints, mode = { Replicated: { Replicas: 1 } } } = more;
  return {
    Name: "shop_web",
    Labels: {},
    Mode: mode,
    TaskTemplate: {
      ContainerSpec: { Image: "web:1" },
      ...(constraints && { Placement: { Constraints: constraints } }),
    },
    ...(ports && { EndpointSpec: { Mode: "vip", Ports: ports } }),
  };
}

const placed = ({ TaskTemplate }: ServiceSpec) => TaskTemplate.Placement?.Constraints;
const PIN = "node.labels.cloudlet.node == pixel-1";

describe("publishOnOneNode", () => {
  it("does nothing where the routing mesh is there", () => {
    const spec = service({ ports: [port()] });
    expect(publishOnOneNode(spec, mesh)).toBe(spec);
  });

  it("gives a service without ports names for its tasks instead of a virtual address", () => {
    expect(publishOnOneNode(service({}), noMesh)).toEqual({
      ...service({}),
      EndpointSpec: { Mode: "dnsrr" },
    });
  });

  it("keeps a single task with ports on the first master and publishes there", () => {
    const spec = publishOnOneNode(
      service({
        ports: [port(), port({ PublishedPort: 81 })],
        constraints: ["node.role == manager"],
      }),
      noMesh,
    );
    expect(spec.EndpointSpec).toEqual({
      Mode: "dnsrr",
      Ports: [port({ PublishMode: "host" }), port({ PublishedPort: 81, PublishMode: "host" })],
    });
    expect(placed(spec)).toEqual(["node.role == manager", PIN]);
  });

  it.each([
    ["node.labels.cloudlet.node == pixel-4"],
    ["node.labels.cloudlet.node==pixel-4"],
    ["node.hostname == pixel-4"],
    ["node.id == abc"],
    ["node.ip == 192.168.1.24"],
  ])("leaves a service where its file says: %s", (constraint) => {
    expect(
      placed(publishOnOneNode(service({ ports: [port()], constraints: [constraint] }), noMesh)),
    ).toEqual([constraint]);
  });

  it.each([["node.hostname != pixel-4"], ["node.labels.cloudlet.platform == linux/arm/v7"]])(
    "does not take %s for a place",
    (constraint) => {
      const spec = publishOnOneNode(
        service({ ports: [port()], constraints: [constraint] }),
        noMesh,
      );
      expect(placed(spec)).toEqual([constraint, PIN]);
    },
  );

  it.each<[string, ServiceSpec["Mode"]]>([
    ["several tasks", { Replicated: { Replicas: 2 } }],
    ["a task on every phone", { Global: {} }],
  ])("spreads %s, each publishing on its own phone", (_, mode) => {
    const spec = publishOnOneNode(service({ ports: [port()], mode }), noMesh);
    expect(placed(spec)).toBeUndefined();
    expect(spec.EndpointSpec?.Ports?.[0]?.PublishMode).toBe("host");
  });
});

describe("serviceAddresses", () => {
  it.each<[string, ServiceSpec, string[]]>([
    ["no ports", service({}), []],
    ["a port in the mesh", service({ ports: [port()] }), ["http://192.168.1.21:8080"]],
    [
      "a port in the mesh, wherever the task is",
      service({ ports: [port()], constraints: ["node.labels.cloudlet.node == pixel-4"] }),
      ["http://192.168.1.21:8080"],
    ],
    [
      "a port of a bound task",
      service({
        ports: [port({ PublishMode: "host" })],
        constraints: ["node.labels.cloudlet.node == pixel-4"],
      }),
      ["http://192.168.1.24:8080"],
    ],
    [
      "a port of a task that may be anywhere",
      service({ ports: [port({ PublishMode: "host" })] }),
      [],
    ],
    ["a port that Swarm chooses", service({ ports: [{ TargetPort: 80 }] }), []],
    ["a port that no browser speaks", service({ ports: [port({ Protocol: "udp" })] }), []],
    [
      "two ports",
      service({ ports: [port(), port({ PublishedPort: 81 })] }),
      ["http://192.168.1.21:8080", "http://192.168.1.21:81"],
    ],
  ])("of %s", (_, spec, expected) => {
    expect(serviceAddresses(spec, mesh)).toEqual(expected);
  });
});
