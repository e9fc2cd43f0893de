import type { Config, StackConfig } from "../config/config";
import type { Problem } from "../config/problem";

/** The variables that every stack file may use, whatever its settings say. */
export function providedVariables({ nodes }: Config): Readonly<Record<string, string>> {
  const master = nodes.find(({ role }) => role === "master");
  return { MASTER_NODE: master?.key ?? "", MASTER_NODE_IP: master?.address ?? "" };
}

interface StackEnvironment {
  readonly environment: Readonly<Record<string, string>>;
  readonly problems: readonly Problem[];
  readonly usedSecrets: readonly string[];
}

/**
 * The environment in which a stack's files are read: what cloudlet provides and what the settings say, never the
 * operator's own, so that two machines preview the same. A setting may use `${MASTER_NODE_IP}` and the like.
 */
export function stackEnvironment(
  { name, environment }: StackConfig,
  { config, secrets }: { config: Config; secrets: Readonly<Record<string, string>> },
): StackEnvironment {
  const provided = providedVariables(config);
  const problems: Problem[] = [];
  const usedSecrets: string[] = [];
  const own = Object.entries(environment).map(([variable, value]): [string, string] => {
    if (typeof value !== "string") {
      usedSecrets.push(value.secret);
      return [variable, secrets[value.secret] ?? ""];
    }
    const text = value.replace(/\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g, (whole, used: string) => {
      if (provided[used] === undefined)
        problems.push(unknownVariable(name, variable, used, provided));
      return provided[used] ?? whole;
    });
    return [variable, text];
  });
  return { environment: { ...provided, ...Object.fromEntries(own) }, problems, usedSecrets };
}

function unknownVariable(
  stack: string,
  variable: string,
  used: string,
  provided: Readonly<Record<string, string>>,
): Problem {
  return {
    where: `cloudlet:stacks.${stack}.environment.${variable}`,
    message: `expected one of \${${Object.keys(provided).join("}, ${")}}, got \${${used}}`,
  };
}
