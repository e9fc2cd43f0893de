import { Command } from "commander";
import { ConfigError } from "../../config/problem";
import type { Config } from "../../config/config";
import { observe, openWorkspace } from "../../observe/observe";
import { findAll } from "../../plan/check-facts";
import type { Finding } from "../../plan/preflight-finding";
import { tryFirewalls } from "./firewall";
import { reportJson, reportText, wouldStop, type Diagnosis } from "./report";
import { readStackSettings } from "../project";
import { readDeclaredStacks } from "../status/declared-stacks";

/** Looks at all phones of a Pulumi stack, and tries Swarm's ports between them; changes nothing. Throws a {@link ConfigError}. */
export async function diagnose(stack: string): Promise<Diagnosis> {
  const settings = readStackSettings(stack);
  // Asked for by name: settings that keep previews from looking do not keep the doctor from it.
  const config: Config = { ...settings.config, observe: "always" };
  const { needs, problems } = readDeclaredStacks(settings);
  const unreadable = problems.map((problem): Finding => ({ severity: "refusal", ...problem }));
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
