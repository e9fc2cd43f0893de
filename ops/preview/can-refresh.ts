import { z } from "zod";
import { ConfigError } from "../../config/problem";
import { masterOrder, observe, openWorkspace, writeWorkspace } from "../../observe/observe";
import { isReachable } from "../../observe/parse-facts";
import { readStackSettings } from "../project";
import { pulumiJson } from "../pulumi";
import { settingsName } from "./report-run";

/**
 * Whether the docker provider may read back what it wrote: only where a master answers and has a majority. Else it takes every
 * network, secret and config for gone, and without a connection a refresh just fails. Readies the connection that the provider
 * uses: a refresh comes before the program, which else does that.
 */
export async function canRefresh(stack: string): Promise<boolean> {
  try {
    const { config, secretNames } = readStackSettings(settingsName(stack));
    if (config.observe === "never") return false;
    const hasKey = secretNames.includes("sshPrivateKey");
    const privateKey = hasKey ? await readLoginKey(stack) : undefined;
    if (!(await openWorkspace(config, { privateKey, dryRun: true }))) return false;
    const masters = config.nodes.filter(({ role }) => role === "master");
    const facts = await observe({ ...config, nodes: masters }, true);
    writeWorkspace(config, masterOrder(config, facts));
    return [...facts.values()].some((phone) => isReachable(phone) && phone.swarm !== undefined);
  } catch (error) {
    // The program finds the same, and says so where it stands.
    if (error instanceof ConfigError) return false;
    throw error;
  }
}

// In memory only, as in the program.
async function readLoginKey(stack: string): Promise<string | undefined> {
  try {
    const answer = await pulumiJson(["config", "get", "sshPrivateKey", "--stack", stack]);
    return z.object({ value: z.string() }).parse(answer).value;
  } catch {
    // Without the passphrase, of which the engine complains itself.
    return undefined;
  }
}
