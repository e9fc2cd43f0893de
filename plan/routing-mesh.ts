import type { ServiceSpec } from "../compose/swarm-spec";
import type { Config } from "../config/config";
import { NODE_LABEL } from "./platform";

/**
 * Without ip_vs in the phones' kernel, virtual addresses and the routing mesh are silently dead: names resolve to the tasks
 * themselves, ports are published on the task's own phone, and a single task with ports stays on the first master, so that
 * its address is known. Does nothing where the routing mesh is there.
 */
export function publishOnOneNode(spec: ServiceSpec, { routingMesh, nodes }: Config): ServiceSpec {
  if (routingMesh) return spec;
  const Ports = spec.EndpointSpec?.Ports?.map((port) => ({ ...port, PublishMode: "host" }));
  const EndpointSpec = { Mode: "dnsrr", ...(Ports && { Ports }) };
  const master = nodes.find(({ role }) => role === "master");
  const single = spec.Mode.Global === undefined && (spec.Mode.Replicated?.Replicas ?? 1) <= 1;
  if (Ports === undefined || !single || master === undefined || isPlaced(spec))
    return { ...spec, EndpointSpec };
  const { Placement } = spec.TaskTemplate;
  const pin = `node.labels.${NODE_LABEL} == ${master.key}`;
  return {
    ...spec,
    EndpointSpec,
    TaskTemplate: {
      ...spec.TaskTemplate,
      Placement: { ...Placement, Constraints: [...(Placement?.Constraints ?? []), pin] },
    },
  };
}

// Whoever wrote the stack file has already said on which node it runs.
function isPlaced(spec: ServiceSpec): boolean {
  return constraintsOf(spec).some((text) =>
    /^node\.(hostname|id|ip|labels\.cloudlet\.node)\s*==/.test(text),
  );
}

function constraintsOf({ TaskTemplate }: ServiceSpec): readonly string[] {
  return TaskTemplate.Placement?.Constraints ?? [];
}

/**
 * Where to point a browser: through the routing mesh every phone answers, and the first master is named; a port that is
 * published on the task's own phone has an address only where the service is bound to one.
 */
export function serviceAddresses(spec: ServiceSpec, { nodes }: Config): string[] {
  const master = nodes.find(({ role }) => role === "master");
  const bound = nodes.find(({ key }) => constraintsOf(spec).some((text) => namesNode(text, key)));
  return (spec.EndpointSpec?.Ports ?? []).flatMap(({ PublishedPort, Protocol, PublishMode }) => {
    const phone = PublishMode === "host" ? bound : master;
    if (phone === undefined || PublishedPort === undefined || (Protocol ?? "tcp") !== "tcp")
      return [];
    return [`http://${phone.address}:${PublishedPort}`];
  });
}

function namesNode(constraint: string, key: string): boolean {
  const [label, value] = constraint.split("==").map((part) => part.trim());
  return label === `node.labels.${NODE_LABEL}` && value === key;
}
