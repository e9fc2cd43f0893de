import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import * as pulumi from "@pulumi/pulumi";
import { parseConfig } from "./config/parse-config";
import { ConfigError } from "./config/problem";
import { readSettings } from "./config/read-settings";
import { afterElection } from "./observe/await-election";
import { masterOrder, observe, openWorkspace, writeWorkspace } from "./observe/observe";
import { ENDED_WELL, SWARM_FOUND } from "./observe/ssh-config";
import type { CloudletOutputs } from "./outputs";

// The only place that reads settings, files and the clock: what follows from the plan is the same wherever it runs.
async function main(): Promise<CloudletOutputs> {
  const { raw, secrets } = readSettings({
    project: pulumi.getProject(),
    all: pulumi.runtime.allConfig(),
    secretNames: process.env.PULUMI_CONFIG_SECRET_KEYS ?? "[]",
  });
  const config = parseConfig(raw);
  const dryRun = pulumi.runtime.isDryRun();
  const canLogIn = await openWorkspace(config, { privateKey: secrets.sshPrivateKey, dryRun });
  const looking = observe(config, canLogIn);

  // While the phones answer: the providers start, the rest of the program is loaded, and the stacks are planned, which takes no phone.
  const { startProviders } = await import("./providers");
  const providers = startProviders();
  const { isUnsettled } = await import("./plan/election");
  const { planCloudlet, planStacks } = await import("./plan/plan-cloudlet");
  const { deployCloudlet } = await import("./cloudlet");
  const { STACK_TOOLS } = await import("./stacks/stack-tools");
  const stackPlans = planStacks({
    config,
    secrets,
    lockPath: `images.${pulumi.getStack()}.lock.yml`,
    projectDirectory: process.cwd(),
    readFile: readPlainFile,
  });

  // A preview is not worth the time of an election.
  const facts = dryRun
    ? await looking
    : await afterElection(
        await looking,
        (seen) => isUnsettled(config, seen),
        () => observe(config, canLogIn),
      );
  const now = Math.floor(Date.now() / 1000);
  const plan = planCloudlet({ config, stackPlans, facts, dryRun, now });
  const found = { [SWARM_FOUND]: plan.swarm.found };
  writeWorkspace(config, masterOrder(config, facts), { ...STACK_TOOLS, ...found });
  if (dryRun) return deployCloudlet(plan, { providers, lastRunEndedWell: true }).outputs;
  const lastRunEndedWell = existsSync(ENDED_WELL);
  rmSync(ENDED_WELL, { force: true });
  const { outputs, created } = deployCloudlet(plan, { providers, lastRunEndedWell });
  // The program's end says nothing: it is the same where somebody kills Pulumi.
  created.apply(() => writeFileSync(ENDED_WELL, ""));
  return outputs;
}

function readPlainFile(path: string): Buffer | undefined {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ? readFileSync(path) : undefined;
}

// The engine prints a RunError's message alone.
export = () =>
  main().catch((error: unknown) => {
    throw error instanceof ConfigError ? new pulumi.RunError(error.message) : error;
  });
