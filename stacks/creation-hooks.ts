import * as pulumi from "@pulumi/pulumi";
import execa from "execa";
import { removeObjectScript } from "./stack-scripts";

const KINDS = {
  "docker:index/network:Network": "network",
  "docker:index/secret:Secret": "secret",
  "docker:index/serviceConfig:ServiceConfig": "config",
  "docker:index/service:Service": "service",
} as const;

/** Each takes as long as the masters need to elect a leader, or gives up after 15 s. */
const MOST_RETRIES = 8;

const ELECTION = /DeadlineExceeded|not have a leader|lost leadership/;

/** What is known before the docker provider creates anything. */
export interface Circumstances {
  /** The swarm is new: nothing can be left in it, and its masters are as busy as they will ever be. */
  readonly fresh: boolean;
  readonly lastRunEndedWell: boolean;
}

/**
 * Hooks for what the docker provider creates. Before it does, what an `up` that was killed had created and could not write down is removed:
 * the provider fails on a name that is taken. Where masters that elect a leader let it fail, it tries again. None in a swarm that is there
 * already after a run that ended well: they would cost each run time.
 */
export function creationHooks({ fresh, lastRunEndedWell }: Circumstances) {
  return {
    ...(!fresh && !lastRunEndedWell && { beforeCreate: [clearLeftover()] }),
    ...((fresh || !lastRunEndedWell) && { onError: [tryAgain()] }),
  } satisfies pulumi.ResourceHookBinding;
}

function clearLeftover(): pulumi.ResourceHook {
  return new pulumi.ResourceHook("clear-leftover", ({ type, newInputs }) =>
    remove(removalOf(type, newInputs)),
  );
}

function tryAgain(): pulumi.ErrorHook {
  return new pulumi.ErrorHook("try-again", async ({ failedOperation, errors, type, newInputs }) => {
    if (!isElection(errors) || failedOperation === "delete") return false;
    // The masters may have taken it all the same, and only the answer came too late. If this fails, the next try says why.
    if (failedOperation === "create")
      await remove(removalOf(type, newInputs)).catch(() => undefined);
    return true;
  });
}

/**
 * Whether an operation failed only because masters were electing a leader, or too busy to agree; newest error first. What they took
 * too late for an answer, and too late to be found, is in the way of the next try.
 */
export function isElection([last = "", ...earlier]: readonly string[]): boolean {
  if (earlier.length >= MOST_RETRIES) return false;
  return (
    ELECTION.test(last) ||
    (/AlreadyExists/.test(last) && earlier.some((error) => ELECTION.test(error)))
  );
}

function removalOf(type: string, newInputs: unknown): string {
  const { name } = newInputs as { readonly name: string };
  return removeObjectScript(KINDS[type as keyof typeof KINDS], name);
}

async function remove(script: string): Promise<void> {
  await execa("sh", ["-c", script], { stdin: "ignore" });
}
