import * as pulumi from "@pulumi/pulumi";
import { PhoneNode } from "./nodes/phone-node";
import { cloudletOutputs, type CloudletOutputs } from "./outputs";
import type { Plan } from "./plan/plan";
import type { Providers } from "./providers";
import { ComposeStack } from "./stacks/compose-stack";
import { creationHooks } from "./stacks/creation-hooks";
import { pruneStacks } from "./stacks/prune";
import { Swarm } from "./swarm/swarm";

/** What a deployment needs besides its plan. */
export interface Deployment {
  readonly providers: Providers;
  readonly lastRunEndedWell: boolean;
}

/** The recipe: phones with running engines, one swarm of them, and the stacks in it. */
export function deployCloudlet(
  plan: Plan,
  { providers, lastRunEndedWell }: Deployment,
): { outputs: CloudletOutputs; created: pulumi.Output<unknown> } {
  for (const note of plan.notes) void pulumi.log.warn(note);

  const phones = new Map(
    plan.nodes.map((node) => [node.key, new PhoneNode(node.key, { node }, { providers })]),
  );
  const swarm = new Swarm("swarm", { plan, phones }, { providers });
  let after: readonly pulumi.Resource[] = [];
  const stacks: ComposeStack[] = [];
  const fresh = plan.swarm.found === "none";
  const hooks = creationHooks({ fresh, lastRunEndedWell });
  for (const stack of plan.stacks) {
    const place = {
      begun: swarm.begun,
      steady: swarm.steady,
      members: swarm,
      fresh,
      after,
      hooks,
    };
    const composed = new ComposeStack(stack.name, { stack, ...place }, { providers });
    stacks.push(composed);
    after = composed.services;
  }
  const [, commands] = providers;
  pruneStacks(plan, { provider: commands, dependsOn: stacks, deletedWith: swarm.begun });
  return {
    outputs: cloudletOutputs(plan),
    created: pulumi.all(stacks.map(({ created }) => created)),
  };
}
