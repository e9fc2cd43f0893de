import type { ServiceSpec } from "../../compose/swarm-spec";
import type { PlannedNode } from "../../plan/plan";

/**
 * Whether Swarm may put a service's tasks on a phone, as far as the settings tell. What only the phone itself knows
 * (its hostname, its node id, its engine's labels) is taken for fitting.
 */
export function mayRunOn({ TaskTemplate }: ServiceSpec, node: PlannedNode): boolean {
  const constraints = TaskTemplate.Placement?.Constraints ?? [];
  return node.availability === "active" && constraints.every((text) => fits(text, node));
}

function fits(constraint: string, node: PlannedNode): boolean {
  const [, attribute = "", operator, wanted = ""] =
    /^\s*([^\s=!]+)\s*(==|!=)\s*(.*?)\s*$/.exec(constraint) ?? [];
  const values = valuesOf(attribute, node);
  if (values === undefined) return true;
  // Swarm compares without regard to case.
  const isOne = values.some((value) => value.toLowerCase() === wanted.toLowerCase());
  return operator === "==" ? isOne : !isOne;
}

const LABELS = "node.labels.";

function valuesOf(attribute: string, node: PlannedNode): readonly string[] | undefined {
  if (attribute.startsWith(LABELS)) return [node.nodeLabels[attribute.slice(LABELS.length)] ?? ""];
  switch (attribute) {
    case "node.role":
      return [node.role === "master" ? "manager" : "worker"];
    case "node.platform.os":
      return ["linux"];
    case "node.platform.arch":
      return node.machines;
    default:
      return undefined;
  }
}
