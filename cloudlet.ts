import * as pulumi from "@pulumi/pulumi";
import { PhoneNode } from "./nodes/phone-node";
import { cloudletOutputs, type CloudletOutputs } from "./outputs";
import type { Plan } from "./plan/plan";
import type { Providers } from "./providers";
import { ComposeStack } from "./stacks/compose-stack";
import { Swarm } from "./swarm/swarm";

/** The recipe: phones with running engines, one swarm of them, and the stacks in it. */
export function deployCloudlet(plan: Plan, providers: Providers): CloudletOutputs {
  for (const note of plan.notes) void pulumi.log.warn(note);

  const phones = new Map(
    plan.nodes.map((node) => [node.key, new PhoneNode(node.key, { node }, { providers })]),
  );
  const swarm = new Swarm("swarm", { plan, phones }, { providers });
  let after: readonly pulumi.Resource[] = [];
  for (const stack of plan.stacks) {
    const place = { begun: swarm.begun, members: swarm, fresh: plan.swarm.gone, after };
    after = new ComposeStack(stack.name, { stack, ...place }, { providers }).services;
  }
  return cloudletOutputs(plan);
}
