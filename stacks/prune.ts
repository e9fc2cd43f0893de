import { local } from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import type { LabelledObject } from "../observe/facts";
import type { Plan } from "../plan/plan";
import { pruneScript } from "./stack-scripts";

/** Removes what the swarm holds under a stack's label and no stack file declares, where the settings ask for that. Comes after all stacks. */
export function pruneStacks(
  { prune, undeclared, swarm }: Pick<Plan, "prune" | "undeclared" | "swarm">,
  opts: pulumi.CustomResourceOptions,
): void {
  if (!prune) return;
  const command = new local.Command(
    "prune",
    {
      create: 'eval "$PRUNE"',
      environment: { PRUNE: pruneScript(undeclared) },
      stdin: String(swarm.generation),
      addPreviousOutputInEnv: false,
    },
    { ...opts, ignoreChanges: undeclared.length === 0 ? ["environment.PRUNE", "stdin"] : [] },
  );
  if (undeclared.length > 0)
    void pulumi.log.info(`removes ${undeclared.map(describe).join(", ")}`, command);
}

const describe = ({ kind, name }: LabelledObject) => `${kind} ${name}`;
