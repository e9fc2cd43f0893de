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
  const constraints = spec.TaskTemplate.Placement?.Constraints ?? [];
  return constraints.some((text) =>
    /^node\.(hostname|id|ip|labels\.cloudlet\.node)\s*==/.test(text),
  );
}
