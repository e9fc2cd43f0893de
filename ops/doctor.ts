import { Command } from "commander";
import { ConfigError } from "../config/problem";
import type { Config } from "../config/config";
import { observe, openWorkspace } from "../observe/observe";
import { findAll } from "../plan/check-facts";
import { imageAsWritten } from "../plan/pin-images";
import { needsOf, type StackNeeds } from "../plan/preflight";
import type { Finding } from "../plan/preflight-finding";
import { readStack } from "../plan/read-stack";
import { tryFirewalls } from "./doctor-firewall";
import { reportJson, reportText, wouldStop, type Diagnosis } from "./doctor-report";
import { readFileIfThere, readStackSettings, type StackSettings } from "./project";

/** Looks at all phones of a Pulumi stack, and tries Swarm's ports between them; changes nothing. Throws a {@link ConfigError}. */
export async function diagnose(stack: string): Promise<Diagnosis> {
  const settings = readStackSettings(stack);
  // Asked for by name: settings that keep previews from looking do not keep the doctor from it.
  const config: Config = { ...settings.config, observe: "always" };
  const { needs, findings: unreadable } = readNeeds(settings);
  // Where the key is a secret setting, the agent of an earlier run may still hold it.
  await openWorkspace(config, { privateKey: undefined, dryRun: true });
  const facts = await observe(config, true);
  const { findings, notes } = findAll(config, facts, false, needs);
  const { findings: closed, notTried } = await tryFirewalls(config, facts);
  return {
    phones: config.nodes.length,
    findings: [...unreadable, ...findings, ...closed],
    notes,
    notTried,
  };
}

// A secret's value is in nothing that is asked here, but a stack file cannot be read without one.
function readNeeds({ config, secretNames }: StackSettings): {
  needs: StackNeeds;
  findings: Finding[];
} {
  const secrets = Object.fromEntries(secretNames.map((name) => [name, "unknown"]));
  const files = { config, secrets, projectDirectory: process.cwd(), readFile: readFileIfThere };
  const readings = config.stacks.map((entry) => ({ entry, ...readStack(entry, files) }));
  return {
    needs: needsOf(
      readings.map(({ entry, conversion }) => ({
        name: entry.name,
        networks: Object.values(conversion?.spec.networks ?? {}),
        images: Object.values(conversion?.spec.services ?? {}).map(imageAsWritten),
      })),
    ),
    findings: readings.flatMap(({ problems }) =>
      problems.map(({ where, message }) => ({ severity: "refusal", where, message, fix: "" })),
    ),
  };
}

function main(): void {
  const program = new Command("npm run doctor --")
    .description("looks at all phones, and lists what would stop or trouble an `up`, with its fix")
    .option("-s, --stack <name>", "the Pulumi stack", "dev")
    .option("--json", "for programs")
    .action(async ({ stack, json }: { stack: string; json?: boolean }) => {
      const diagnosis = await diagnose(stack);
      process.stdout.write(json === true ? reportJson(diagnosis) : reportText(diagnosis));
      if (wouldStop(diagnosis)) process.exitCode = 1;
    });
  program.parseAsync().catch((error: unknown) => {
    if (!(error instanceof ConfigError)) throw error;
    console.error(error.message);
    process.exitCode = 1;
  });
}

if (require.main === module) main();
