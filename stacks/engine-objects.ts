import { local } from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";
import type { ConfigSpec, SecretSpec } from "../compose/swarm-spec";
import { maskSecrets } from "../plan/mask-secrets";
import type { PlannedFile, PlannedService } from "../plan/planned-stack";
import {
  applyServiceScript,
  createFileScript,
  removeFileScript,
  serviceBody,
} from "./stack-scripts";

// What the docker provider cannot say is said to the Engine API, on a master, over the same SSH connection.

/**
 * A service that is created and updated in place from the body of the Engine API's call. Its companion removes it. What somebody
 * changed by hand shows in a preview that looked at the swarm, and is written again.
 */
export function engineService(
  { logicalName, spec, drift, nextRepair }: PlannedService,
  sensitive: readonly string[],
  opts: pulumi.CustomResourceOptions,
): pulumi.CustomResource {
  return new local.Command(
    logicalName,
    {
      create: applyServiceScript(spec),
      ...bodyInput(serviceBody(spec), nextRepair, sensitive),
      addPreviousOutputInEnv: false,
    },
    { ...opts, ignoreChanges: drift.length === 0 ? ["environment.REPAIR"] : [] },
  );
}

/** A secret or config that lives and dies with this resource, as neither can be changed. */
export function engineFile(
  kind: "secret" | "config",
  { logicalName, spec, drift, nextRepair }: PlannedFile<SecretSpec | ConfigSpec>,
  sensitive: readonly string[],
  opts: pulumi.CustomResourceOptions,
): pulumi.CustomResource {
  // The content of a secret is one, whatever it came from; here it stands in base64.
  const content = kind === "secret" && spec.Data !== undefined ? [spec.Data] : [];
  return new local.Command(
    logicalName,
    {
      create: createFileScript(kind, spec.Name),
      delete: removeFileScript(kind, spec.Name),
      ...bodyInput(JSON.stringify(spec), nextRepair, [...sensitive, ...content]),
      triggers: [spec.Name],
      addPreviousOutputInEnv: false,
    },
    { ...opts, ignoreChanges: drift.length === 0 ? ["environment.REPAIR"] : [] },
  );
}

// A body with a secret in it is hidden as a whole: a copy without the secret shows in a preview what else changes.
function bodyInput(
  body: string,
  nextRepair: number,
  sensitive: readonly string[],
): Pick<local.CommandArgs, "stdin" | "environment"> {
  const shown = maskSecrets(body, sensitive);
  const REPAIR = String(nextRepair);
  return shown === body
    ? { stdin: body, environment: { REPAIR } }
    : { stdin: pulumi.secret(body), environment: { REPAIR, BODY: shown } };
}
