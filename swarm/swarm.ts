import { local } from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import type { PhoneNode } from "../nodes/phone-node";
import { describeChanges } from "../plan/phone-effect";
import type { Plan, PlannedNode } from "../plan/plan";
import { leaveScript } from "./leave-script";
import { beginSwarmScript, joinScript } from "./swarm-scripts";

/** What a {@link Swarm} is made from. */
export interface SwarmArgs {
  readonly plan: Pick<Plan, "nodes" | "swarm">;
  /** The phones by key: each joins once its own engine answers. */
  readonly phones: ReadonlyMap<string, PhoneNode>;
}

/** The phones as one swarm. Masters change one after the other, computes beside them. */
export class Swarm extends pulumi.ComponentResource {
  /** There from the moment a swarm exists. What is deleted together with it needs no delete of its own. */
  readonly begun: pulumi.Resource;
  /** There from the moment on that no engine restarts any more: a master that does answers no provider. */
  readonly steady: pulumi.Resource;

  constructor(name: string, { plan, phones }: SwarmArgs, opts?: pulumi.ComponentResourceOptions) {
    super("cloudlet:swarm:Swarm", name, {}, opts);
    const phoneOf = (node: PlannedNode) => phones.get(node.key) ?? [];
    const begins = plan.swarm.found === "none";
    this.begun = new local.Command(
      `${name}-begun`,
      {
        create: 'eval "$BEGIN"',
        environment: {
          BEGIN: beginSwarmScript(plan.swarm.firstMaster, plan.swarm.pool),
        },
        // A swarm that is gone took its services with it: all that is deleted with it is made anew.
        triggers: [plan.swarm.generation],
        addPreviousOutputInEnv: false,
      },
      {
        parent: this,
        dependsOn: [phoneOf(plan.swarm.firstMaster)].flat(),
        ignoreChanges: begins ? [] : ["triggers"],
      },
    );
    // In the order of the plan: one master after the other, then one by one those that are masters no more, and each phone whose engine
    // restarts. A swarm that begins has nothing to lose: there they join at once, and its leader lets in one after the other.
    let steady: pulumi.Resource = this.begun;
    let previous: pulumi.Resource = this.begun;
    for (const node of plan.nodes) {
      const isAlone = node.role === "master" || node.demoted || node.restarts;
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
          dependsOn: [this.begun, isAlone ? previous : [], phoneOf(node)].flat(),
          // When the whole swarm goes, each phone just leaves: nothing is drained or demoted for nobody.
          deletedWith: this.begun,
          replaceWith: [this.begun],
          ignoreChanges: node.waits ? ["*"] : node.drift.membership.length === 0 ? ["stdin"] : [],
        },
      );
      const { drift, effects } = node;
      if (drift.membership.length > 0) {
        void pulumi.log.info(describeChanges(drift.membership, effects.membership), member);
      }
      if (isAlone && !begins) previous = member;
      if (node.restarts) steady = member;
    }
    this.steady = steady;
    this.registerOutputs({});
  }
}
