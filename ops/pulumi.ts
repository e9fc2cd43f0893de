import { join } from "node:path";
import execa from "execa";
import { z } from "zod";

/** The lines that make a shell ready for plain `npx pulumi` calls on the simulated phones. */
export const PULUMI_ENVIRONMENT = {
  PULUMI_CONFIG_PASSPHRASE: "",
  PULUMI_SKIP_UPDATE_CHECK: "true",
} as const;

/** Calls the Pulumi CLI, the user's where `PULUMI` names one, in the working directory; its output goes to the terminal. */
export async function pulumi(args: readonly string[]): Promise<void> {
  await execa(launcher(), [...args], { stdio: "inherit", env: environment() });
}

/** The same for its answer as JSON. */
export async function pulumiJson(args: readonly string[]): Promise<unknown> {
  const { stdout } = await execa(launcher(), [...args, "--json"], { env: environment() });
  return JSON.parse(stdout) as unknown;
}

/** Stores a secret setting, encrypted, in a Pulumi stack's settings file. */
export async function setSecret(stack: string, name: string, value: string): Promise<void> {
  const args = ["config", "set", "--stack", stack, "--secret", name];
  await execa(launcher(), args, { input: value, env: environment() });
}

function launcher(): string {
  return join(__dirname, "..", "node_modules", ".bin", "pulumi");
}

// The user's own settings win: a passphrase of theirs, or a check for updates that they want.
function environment(): NodeJS.ProcessEnv {
  const hasPassphrase = process.env.PULUMI_CONFIG_PASSPHRASE_FILE !== undefined;
  const { PULUMI_CONFIG_PASSPHRASE, ...rest } = PULUMI_ENVIRONMENT;
  return { ...rest, ...(hasPassphrase ? {} : { PULUMI_CONFIG_PASSPHRASE }), ...process.env };
}

const outputs = z.object({
  nodes: z.record(z.string(), z.object({ role: z.string(), address: z.string() })),
  stacks: z.record(z.string(), z.array(z.string())),
  addresses: z.record(z.string(), z.array(z.string())),
});

/** What the last `up` of a Pulumi stack told its user. */
export async function stackOutputs(stack: string): Promise<z.output<typeof outputs>> {
  return outputs.parse(await pulumiJson(["stack", "output", "-s", stack]));
}
