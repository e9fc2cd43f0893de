import { planNodes } from "../../plan/plan-nodes";
import type { PlannedNode } from "../../plan/plan";
import { sampleConfig, sampleNode, sampleNodes } from "./sample-config";

/** A planned phone at 192.168.1.21 that nobody looked at. */
export function samplePlannedNode(role: "master" | "compute", more: object = {}): PlannedNode {
  const key = role === "master" ? "pixel-1" : "pixel-4";
  const nodes = {
    ...sampleNodes,
    [key]: sampleNode(21, role, more),
    "pixel-9": sampleNode(29, "compute"),
  };
  const [found] = planNodes(
    sampleConfig({ nodes: dropTwin(nodes, key) }),
    new Map(),
    1_795_000_000,
  ).filter((node) => node.key === key);
  if (found === undefined) throw new Error(`${key}: not planned`);
  return found;
}

// Two phones at one address would be refused.
function dropTwin(nodes: Record<string, object>, key: string): Record<string, object> {
  return key === "pixel-1" ? nodes : { ...nodes, "pixel-1": sampleNode(31, "master") };
}
