import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import { PhoneNode } from "./nodes/phone-node";
import { MASTER_ALIAS, SSH_CONFIG } from "./observe/ssh-config";
import { cloudletOutputs, type CloudletOutputs } from "./outputs";
import type { Plan } from "./plan/plan";
import { ComposeStack } from "./stacks/compose-stack";
import { Swarm } from "./swarm/swarm";

/** The recipe: phones with running engines, one swarm of them, and the stacks in it. */
export function deployCloudlet(plan: Plan): CloudletOutputs {
  for (const note of plan.notes) void pulumi.log.warn(note);

  const phones = new Map(plan.nodes.map((node) => [node.key, new PhoneNode(node.key, { node })]));
  const swarm = new Swarm("swarm", { plan, phones });

  // The alias stands for a living master, so that no resource changes when another one takes over.
  const masters = new docker.Provider("masters", {
    host: `ssh://${MASTER_ALIAS}`,
    sshOpts: ["-F", SSH_CONFIG],
  });
  for (const stack of plan.stacks) {
    const { begun } = swarm;
    new ComposeStack(
      stack.name,
      { stack, begun, members: swarm, fresh: plan.swarm.gone },
      { providers: { docker: masters } },
    );
  }
  return cloudletOutputs(plan);
}
