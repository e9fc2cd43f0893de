import { rmSync } from "node:fs";
import { resolve } from "node:path";
import { pulumi } from "../pulumi";

/** Calls the Pulumi CLI on this terminal, and returns its exit code. `variables` are for this call and all later ones. */
export async function runPulumi(
  args: readonly string[],
  variables: Readonly<Record<string, string>> = {},
): Promise<number> {
  Object.assign(process.env, variables);
  // Ctrl-C reaches the CLI too, which ends what it has begun; until then this process is what the terminal waits for.
  const stay = () => undefined;
  process.on("SIGINT", stay);
  try {
    await pulumi(args);
    return 0;
  } catch (error) {
    if (!(error instanceof Error && "exitCode" in error && typeof error.exitCode === "number"))
      throw error;
    return error.exitCode;
  } finally {
    process.off("SIGINT", stay);
  }
}

/** Options and variables that make the CLI write the engine's events to a file besides. */
export function eventLog(file: string | undefined): {
  args: string[];
  variables: Record<string, string>;
} {
  if (file === undefined) return { args: [], variables: {} };
  const path = resolve(file);
  // The CLI adds to a file that is there.
  rmSync(path, { force: true });
  // Pulumi's own Automation API reads the events like this; without the variable the option is not there.
  return { args: ["--event-log", path], variables: { PULUMI_DEBUG_COMMANDS: "true" } };
}
