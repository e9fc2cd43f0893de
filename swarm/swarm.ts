import { local } from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import type { PhoneNode } from "../nodes/phone-node";
import type { Plan, PlannedNode } from "../plan/plan";
import { beginSwarmScript, joinScript, leaveScript } from "./swarm-scripts";

/** What a {@link Swarm} is made from. */
export interface SwarmArgs {
  readonly plan: Pick<Plan, "nodes" | "swarm">;
  /** The phones by key: each joins once its own engine answers. */
  readonly phones: ReadonlyMap<string, PhoneNode>;
}

/** The phones as one swarm. Masters join one after the other, computes beside them. */
export class Swarm extends pulumi.ComponentResource {
  /** There from the moment a swarm exists. What is deleted together with it needs no delete of its own. */
  readonly begun: pulumi.Resource;

  constructor(name: string, { plan, phones }: SwarmArgs, opts?: pulumi.ComponentResourceOptions) {
    super("cloudlet:swarm:Swarm", name, {}, opts);
    const phoneOf = (node: PlannedNode) => phones.get(node.key) ?? [];
    this.begun = new local.Command(
      `${name}-begun`,
      {
        create: 'eval "$BEGIN"',
        environment: {
          BEGIN: beginSwarmScript(plan.swarm.firstMaster),
          // What a look found, so that the script need not look again.
          NO_SWARM: plan.swarm.gone ? "yes" : "no",
        },
        // A swarm that is gone took its services with it: all that is deleted with it is made anew.
        triggers: [plan.swarm.generation],
        addPreviousOutputInEnv: false,
      },
      {
        parent: this,
        dependsOn: [phoneOf(plan.swarm.firstMaster)].flat(),
        ignoreChanges: plan.swarm.gone ? [] : ["triggers", "environment.NO_SWARM"],
      },
    );
    // The masters stand first in the plan, so that for a compute this is the last of them. A swarm that begins has nothing to lose: there
    // they join at once, and its leader lets in one after the other.
    let previousMaster: pulumi.Resource = this.begun;
    for (const node of plan.nodes) {
      const member = new local.Command(
        `${node.key}-member`,
        {
          create: 'eval "$JOIN"',
          delete: 'eval "$LEAVE"',
          environment: { JOIN: joinScript(node), LEAVE: leaveScript(node) },
          stdin: String(node.nextJoin),
          addPreviousOutputInEnv: false,
        },
        {
          parent: this,
          dependsOn: [
            this.begun,
            node.role === "master" || node.demoted ? previousMaster : [],
            phoneOf(node),
          ].flat(),
          // When the whole swarm goes, each phone just leaves: nothing is drained or demoted for nobody.
          deletedWith: this.begun,
          replaceWith: [this.begun],
          ignoreChanges: node.drift.membership.length === 0 ? ["stdin"] : [],
        },
      );
      const { membership } = node.drift;
      if (membership.length > 0) void pulumi.log.info(membership.join("; "), member);
      if (node.role === "master" && !plan.swarm.gone) previousMaster = member;
    }
    this.registerOutputs({});
  }
}
