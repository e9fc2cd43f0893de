import { readFileSync, statSync } from "node:fs";
import * as pulumi from "@pulumi/pulumi";
import { parseConfig } from "./config/parse-config";
import { ConfigError } from "./config/problem";
import { readSettings } from "./config/read-settings";
import { masterOrder, observe, openWorkspace, writeWorkspace } from "./observe/observe";
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

  const facts = await looking;
  const now = Math.floor(Date.now() / 1000);
  const plan = planCloudlet({ config, stackPlans, facts, dryRun, now });
  writeWorkspace(config, masterOrder(config, facts), STACK_TOOLS);
  return deployCloudlet(plan, providers);
}

function readPlainFile(path: string): Buffer | undefined {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ? readFileSync(path) : undefined;
}

// The engine prints a RunError's message alone.
export = () =>
  main().catch((error: unknown) => {
    throw error instanceof ConfigError ? new pulumi.RunError(error.message) : error;
  });
