import { writeFileSync } from "node:fs";
import { pipeline } from "node:stream/promises";
import type { Readable, Writable } from "node:stream";
import execa from "execa";
import type { Config } from "../../config/config";
import type { Facts } from "../../observe/facts";
import { masterOrder, observe, openWorkspace, writeWorkspace } from "../../observe/observe";
import { SSH_CONFIG } from "../../observe/ssh-config";
import { readStackSettings } from "../project";

/** Something that the user has to hear, without a stack trace. */
export class Refusal extends Error {}

/** The phones of a Pulumi stack's settings, and what they say now. */
export interface LookedAt {
  readonly config: Config;
  readonly facts: Facts;
}

/** Reads the settings of a Pulumi stack and looks at all its phones, changing nothing. */
export async function lookAtStack(stack: string): Promise<LookedAt> {
  // Without a look there is nothing to decide from, whatever the settings say of looks.
  const config: Config = { ...readStackSettings(stack).config, observe: "always" };
  // A key that is a secret setting is in the agent since the last preview or up.
  await openWorkspace(config, { privateKey: undefined, dryRun: true });
  return { config, facts: await lookAgain(config) };
}

/** Looks at all phones once more. */
export async function lookAgain(config: Config): Promise<Facts> {
  const facts = await observe(config, true);
  writeWorkspace(config, masterOrder(config, facts));
  return facts;
}

/** What a script is given besides its text. */
export interface PhoneStreams {
  readonly input?: Readable;
  /** Where its output goes; else it is the answer. */
  readonly output?: Writable;
}

/** Runs a script on a phone, and gives its output. Throws a {@link Refusal} with the phone's own words. */
export async function onPhoneNow(
  key: string,
  script: string,
  { input, output }: PhoneStreams = {},
): Promise<string> {
  const run = execa("ssh", ["-F", SSH_CONFIG, "-T", key, script], {
    ...(input === undefined ? { stdin: "ignore" as const } : { input }),
    buffer: output === undefined,
    reject: false,
    maxBuffer: 1024 * 1024,
  });
  let said = "";
  run.stderr?.on("data", (data: Buffer) => (said += data.toString()));
  if (output !== undefined && run.stdout !== null) await pipeline(run.stdout, output);
  const { exitCode, stdout } = await run;
  if (exitCode === 0) return stdout ?? "";
  // Without an exit code ssh itself was ended, and the phone could not say anything.
  const words = said.trim() || (exitCode ? `it ended with ${exitCode}` : "the connection was cut");
  throw new Refusal(words.startsWith(`${key}:`) ? words : `${key}: ${words}`);
}

/** Writes a file that only its owner may read. */
export function writePrivately(path: string, text: string): void {
  writeFileSync(path, text, { mode: 0o600, flag: "wx" });
}

/** Runs a command's main function: a refusal and wrong settings are said in their own words, and end with 1. */
export function runCommand(main: () => Promise<unknown>): void {
  main().catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  });
}
