import type { Config } from "../../config/config";
import { ConfigError } from "../../config/problem";
import { readRegistryCertificates } from "../../plan/registry-certificates";
import { providedVariables } from "../../plan/stack-environment";
import { readFileIfThere } from "../project";

/** The port of stacks/registry.yml. */
const PORT = 5443;

/** A registry that shows a certificate of its own. */
export interface TrustedRegistry {
  /** As images name it: `192.168.1.21:5443`. */
  readonly registry: string;
  /** What it is trusted by (PEM). */
  readonly certificate: string;
}

/** Where stacks/registry.yml runs: on the first master. */
export function ownRegistry(config: Config): { address: string; registry: string } {
  const address = providedVariables(config).MASTER_NODE_IP ?? "";
  return { address, registry: `${address}:${PORT}` };
}

/** The cloudlet's own registry and what it is trusted by. Throws a {@link ConfigError} where the settings or the file do not say that. */
export function trustedRegistry(config: Config, stack: string): TrustedRegistry {
  const { registry } = ownRegistry(config);
  const { certificates, problems } = readRegistryCertificates({
    config,
    projectDirectory: ".",
    readFile: readFileIfThere,
  });
  const where = `cloudlet:engine.registryCertificates.${registry}`;
  const own = problems.filter((problem) => problem.where === where);
  if (own.length > 0) throw new ConfigError(own);
  const certificate = certificates[registry];
  if (certificate !== undefined) return { registry, certificate };
  const message = `expected the certificate of the cloudlet's own registry, got none; \`npm run registry:certificate -- --stack ${stack}\` makes it`;
  throw new ConfigError([{ where, message }]);
}
