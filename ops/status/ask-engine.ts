import execa from "execa";
import { ENGINE_DIALOG, getRequests, parseEngineAnswers } from "../../observe/engine-api";
import { FIND_ROOT } from "../../observe/facts-scripts";
import { SSH_CONFIG } from "../../observe/ssh-config";

/** An engine that has no majority to ask says nothing at all. */
const ENGINE_SECONDS = 8;
const PHONE_SECONDS = 15;

/** Read-only: asks a phone's engine for these paths of its API, as root where the user may not use it; prints base64. */
export function askEngineScript(paths: readonly string[]): string {
  return `PATH=$PATH:/usr/sbin:/sbin
${ENGINE_DIALOG}
ask() { printf '${getRequests(paths)}' | engine_dialog timeout ${ENGINE_SECONDS} "$@" | base64; }
answers=$(ask docker)
if [ -z "$answers" ]; then
  ${FIND_ROOT}
  [ "$how" = none ] || answers=$(ask $root docker)
fi
printf %s "$answers"
`;
}

/** A question that is on its way to a phone's engine. */
export interface EngineQuestion {
  /** One answer's body for each path, in order; fewer where the engine or the connection broke off. Never fails. */
  readonly answers: Promise<readonly unknown[]>;
  /** For who no longer waits for it. */
  cancel(): void;
}

/** Asks the engine of a phone of the settings, over its connection. */
export function askEngine(key: string, paths: readonly string[]): EngineQuestion {
  const run = execa("ssh", ["-F", SSH_CONFIG, "-T", key, "sh -s"], {
    input: askEngineScript(paths),
    timeout: PHONE_SECONDS * 1000,
    reject: false,
  });
  const answers = run.then(({ stdout }) => parseEngineAnswers(stdout).map(({ body }) => body));
  return { answers, cancel: () => run.kill() };
}
