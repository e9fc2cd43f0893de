import type { StackConversion } from "../compose/convert-stack";
import { scopedName, stackLabels } from "../compose/scoped-name";
import type { ConfigSpec, SecretSpec } from "../compose/swarm-spec";
import type { StackConfig } from "../config/config";
import type { Problem } from "../config/problem";
import type { ImageLock } from "../images/lock-file";
import { checkLengths, nameContents, renameReferences, revisionOf } from "./content-names";
import { maskSecrets } from "./mask-secrets";
import { pinImages } from "./pin-images";
import type { ExternalObject, PlannedFile, PlannedStack } from "./planned-stack";
import { fileEngineReasons, serviceEngineReasons } from "./engine-reasons";
import { publishOnOneNode, serviceAddresses } from "./routing-mesh";
import { readStack, type StackFiles } from "./read-stack";

/** What a stack is planned from. */
export interface StackInputs extends StackFiles {
  readonly lock: ImageLock;
  readonly lockPath: string;
}

/** A planned stack, or why there is none; `usedSecrets` are the secret settings that it asks for, if its files are readable. */
export interface StackPlan {
  readonly stack: PlannedStack | undefined;
  readonly readable: boolean;
  readonly problems: readonly Problem[];
  readonly notes: readonly string[];
  readonly usedSecrets: readonly string[];
}

/** Settles one stack: converts its files, gives its secrets their content, pins its images, and places its services. */
export function planStack(stack: StackConfig, inputs: StackInputs): StackPlan {
  const { conversion, problems, usedSecrets } = readStack(stack, inputs);
  const plan =
    conversion === undefined
      ? { stack: undefined, readable: false, problems, notes: [], usedSecrets }
      : settle(stack, conversion, inputs, usedSecrets);
  // A message quotes what the files say once their variables are filled in.
  const hide = (text: string) => maskSecrets(text, sensitiveTexts(usedSecrets, inputs));
  return {
    ...plan,
    problems: plan.problems.map((problem) => ({ ...problem, message: hide(problem.message) })),
    notes: plan.notes.map(hide),
  };
}

function sensitiveTexts(settings: readonly string[], { secrets }: StackInputs): string[] {
  return settings.flatMap((name) => secrets[name] ?? []).filter((text) => text !== "");
}

function settle(
  stack: StackConfig,
  conversion: StackConversion,
  inputs: StackInputs,
  usedSecrets: readonly string[],
): StackPlan {
  const { config } = inputs;
  const given = giveSecrets(stack, conversion, inputs);
  const names = nameContents(stack.name, given.secrets, conversion.spec.configs);
  const pinned = pinImages(conversion, { lock: inputs.lock, lockPath: inputs.lockPath, config });
  const services = Object.values(pinned.services)
    .map((spec) => renameReferences(spec, names))
    .map((spec) => publishOnOneNode(spec, config));
  const problems = [...pinned.problems, ...checkLengths(stack.name, names)];
  const used = [...usedSecrets, ...given.usedSecrets];
  const warnings = conversion.warnings.map(({ where, message }) => `${where}: ${message}`);
  const notes = [...warnings, ...pinned.notes];
  const plan = { readable: true, problems, notes, usedSecrets: used };
  if (problems.length > 0) return { ...plan, stack: undefined };
  const sensitive = sensitiveTexts(used, inputs);
  const secrets = planFiles(given.secrets, names.secrets);
  const configs = planFiles(conversion.spec.configs, names.configs);
  const ofProvider = {
    networks: new Set(Object.keys(conversion.spec.networks)),
    secrets: providerNames(secrets),
    configs: providerNames(configs),
  };
  return {
    ...plan,
    stack: {
      name: stack.name,
      networks: planObjects(conversion.spec.networks, {}),
      secrets,
      configs,
      services: services.map((spec) => ({
        logicalName: spec.Name,
        spec,
        engineReasons: serviceEngineReasons(spec, ofProvider),
        ...notLookedAt,
        effect: "",
        dependsOn: conversion.dependsOn[spec.Name] ?? [],
        addresses: serviceAddresses(spec, config),
        portsWhere: conversion.where(spec.Name, "ports"),
      })),
      external: externalObjects(conversion, given.names),
      sensitive,
      revision: revisionOf(services),
      readyTimeoutSeconds: config.readyTimeoutSeconds,
    },
  };
}

/**
 * The stack's secrets, with those that the file calls external and the settings hold. `portainer_password` is found
 * in the setting that `secrets` names for it, or in `cloudlet:portainerPassword`.
 */
function giveSecrets(stack: StackConfig, conversion: StackConversion, { secrets }: StackInputs) {
  const given: Record<string, SecretSpec> = { ...conversion.spec.secrets };
  const names: string[] = [];
  const usedSecrets: string[] = [];
  for (const name of conversion.external.secrets) {
    const setting = stack.secrets[name] ?? camelCase(name);
    const value = secrets[setting];
    if (value === undefined) continue;
    names.push(name);
    usedSecrets.push(setting);
    given[name] = {
      Name: scopedName(stack.name, name),
      Labels: stackLabels(stack.name, undefined),
      Data: Buffer.from(value).toString("base64"),
    };
  }
  return { secrets: given, names, usedSecrets };
}

function camelCase(name: string): string {
  return name.replace(/[_-]+([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

const notLookedAt = { drift: [], nextRepair: 0 };

function externalObjects(
  { external, positions }: StackConversion,
  given: readonly string[],
): ExternalObject[] {
  return (["network", "secret", "config"] as const).flatMap((kind) =>
    external[`${kind}s`]
      .filter((name) => kind !== "secret" || !given.includes(name))
      .map((name) => ({
        kind,
        name,
        key: `${kind}s.${name}`,
        where: positions(`${kind}s.${name}`),
      })),
  );
}

function planFiles<Spec extends SecretSpec | ConfigSpec>(
  specs: Readonly<Record<string, Spec>>,
  names: Readonly<Record<string, string>>,
): PlannedFile<Spec>[] {
  return planObjects(specs, names).map((planned) => ({
    ...planned,
    engineReasons: fileEngineReasons(planned.spec),
    ...notLookedAt,
  }));
}

function providerNames(files: readonly PlannedFile<SecretSpec | ConfigSpec>[]): Set<string> {
  const written = files.filter(({ engineReasons }) => engineReasons.length === 0);
  return new Set(written.map(({ spec }) => spec.Name));
}

function planObjects<Spec extends { Name: string }>(
  specs: Readonly<Record<string, Spec>>,
  names: Readonly<Record<string, string>>,
) {
  return Object.entries(specs).map(([key, spec]) => ({
    logicalName: spec.Name,
    spec: { ...spec, Name: names[key] ?? spec.Name },
  }));
}
