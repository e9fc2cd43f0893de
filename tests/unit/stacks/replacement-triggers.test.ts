import type { ContainerSpec, ServiceSpec, TaskSpec } from "../../../compose/swarm-spec";
import { replacementTriggers } from "../../../stacks/replacement-triggers";

const service = (
  container: Partial<ContainerSpec> = {},
  task: Partial<TaskSpec> = {},
  more: Partial<ServiceSpec> = {},
): ServiceSpec => ({
  Name: "shop_web",
  Labels: {},
  Mode: { Replicated: { Replicas: 1 } },
  TaskTemplate: { ContainerSpec: { Image: "web:1", ...container }, ...task },
  ...more,
});
const mount = (labels?: Record<string, string>) => ({
  Type: "volume",
  Target: "/data",
  ...(labels && { VolumeOptions: { Labels: labels } }),
});

describe("replacementTriggers", () => {
  it.each<[string, ServiceSpec]>([
    ["name", service({}, {}, { Name: "shop_api" })],
    ["mode", service({}, {}, { Mode: { Global: {} } })],
    ["container's labels", service({ Labels: { a: "b" } })],
    ["extra hosts", service({ Hosts: ["10.0.0.1 db"] })],
    ["sysctls", service({ Sysctls: { "net.core.somaxconn": "1" } })],
    ["networks", service({}, { Networks: [{ Target: "shop_default" }] })],
    ["volumes' labels", service({ Mounts: [mount({ a: "b" })] })],
  ])("change with the %s: the provider replaces such a service", (_, spec) => {
    expect(replacementTriggers(spec)).not.toEqual(replacementTriggers(service()));
  });

  it.each<[string, ServiceSpec]>([
    ["image", service({ Image: "web:2" })],
    ["environment", service({ Env: ["A=1"] })],
    ["replicas", service({}, {}, { Mode: { Replicated: { Replicas: 5 } } })],
    ["service's labels", service({}, {}, { Labels: { a: "b" } })],
    ["placement", service({}, { Placement: { Constraints: ["node.role == manager"] } })],
    ["secrets", service({ Secrets: [] })],
  ])("do not change with the %s: such a service is updated while it runs", (_, spec) => {
    expect(replacementTriggers(spec)).toEqual(replacementTriggers(service()));
  });
});
