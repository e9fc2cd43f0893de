import { readFileSync, statSync } from "node:fs";
import * as pulumi from "@pulumi/pulumi";
import { deployCloudlet } from "./cloudlet";
import { parseConfig } from "./config/parse-config";
import { ConfigError } from "./config/problem";
import { readSettings } from "./config/read-settings";
import { masterOrder, observe, writeWorkspace } from "./observe/observe";
import type { CloudletOutputs } from "./outputs";
import { planCloudlet } from "./plan/plan-cloudlet";

// The only place that reads settings, files and the clock: what follows from the plan is the same wherever it runs.
async function main(): Promise<CloudletOutputs> {
  const { raw, secrets } = readSettings({
    project: pulumi.getProject(),
    all: pulumi.runtime.allConfig(),
    secretNames: process.env.PULUMI_CONFIG_SECRET_KEYS ?? "[]",
  });
  const config = parseConfig(raw);
  const dryRun = pulumi.runtime.isDryRun();
  const facts = await observe(config, { privateKey: secrets.sshPrivateKey, dryRun });
  const plan = planCloudlet({
    config,
    facts,
    secrets,
    dryRun,
    now: Math.floor(Date.now() / 1000),
    lockPath: `images.${pulumi.getStack()}.lock.yml`,
    projectDirectory: process.cwd(),
    readFile: readPlainFile,
  });
  writeWorkspace(config, masterOrder(config, facts));
  return deployCloudlet(plan);
}

function readPlainFile(path: string): Buffer | undefined {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ? readFileSync(path) : undefined;
}

// The SDK colours the stack of every error, which takes Node 20 a minute on the paths that source-map-support makes of the
// SDK's own frames (pulumi/pulumi#21326). Sucrase keeps the lines, so nothing needs mapping.
Reflect.deleteProperty(Error, "prepareStackTrace");

// The engine prints a RunError's message alone.
export = () =>
  main().catch((error: unknown) => {
    throw error instanceof ConfigError ? new pulumi.RunError(error.message) : error;
  });
