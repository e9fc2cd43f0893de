import type { StackConversion } from "../compose/convert-stack";
import type { ServiceSpec } from "../compose/swarm-spec";
import type { Problem } from "../config/problem";

/** What the docker provider cannot say: how to see that a service asks for it, and the key of the stack file that asks. */
const serviceGaps: readonly { key: string; asks: (spec: ServiceSpec) => boolean }[] = [
  { key: "ulimits", asks: (spec) => container(spec).Ulimits !== undefined },
  { key: "tty", asks: (spec) => container(spec).TTY === true },
  { key: "stdin_open", asks: (spec) => container(spec).OpenStdin === true },
  { key: "deploy", asks: ({ TaskTemplate }) => TaskTemplate.Resources?.Limits?.Pids !== undefined },
  { key: "deploy", asks: ({ Mode }) => (Mode.ReplicatedJob ?? Mode.GlobalJob) !== undefined },
  { key: "deploy", asks: ({ RollbackConfig }) => RollbackConfig?.FailureAction === "rollback" },
  {
    // Read back with one decimal, it would show as a change for ever.
    key: "deploy",
    asks: ({ UpdateConfig, RollbackConfig }) =>
      [UpdateConfig, RollbackConfig].some((config) => !hasOneDecimal(config?.MaxFailureRatio ?? 0)),
  },
  {
    key: "deploy",
    asks: ({ TaskTemplate }) => (TaskTemplate.Placement?.Preferences ?? []).length > 1,
  },
  { key: "healthcheck", asks: (spec) => container(spec).Healthcheck?.StartInterval !== undefined },
  {
    key: "environment",
    asks: (spec) => (container(spec).Env ?? []).some((line) => !line.includes("=")),
  },
  { key: "credential_spec", asks: (spec) => Boolean(container(spec).Privileges?.CredentialSpec) },
  {
    key: "volumes",
    asks: (spec) =>
      (container(spec).Mounts ?? []).some(
        ({ Type }) => !["bind", "volume", "tmpfs"].includes(Type),
      ),
  },
  {
    key: "volumes",
    asks: (spec) =>
      (container(spec).Mounts ?? []).some(
        ({ VolumeOptions, Consistency }) => (VolumeOptions?.Subpath ?? Consistency) !== undefined,
      ),
  },
];

const hasOneDecimal = (ratio: number) => Math.abs(ratio * 10 - Math.round(ratio * 10)) < 1e-9;
const container = (spec: ServiceSpec) => spec.TaskTemplate.ContainerSpec;

/** A problem for everything that a stack asks for and the docker provider cannot express. `given` are external secrets that the settings hold. */
export function findGaps(conversion: StackConversion, given: readonly string[]): Problem[] {
  const services = Object.values(conversion.spec.services).flatMap((service) =>
    serviceGaps
      .filter(({ asks }) => asks(service))
      .map(({ key }) => ({
        where: conversion.where(service.Name, key),
        message: inexpressible(
          `services.${conversion.serviceKeys[service.Name] ?? service.Name}.${key}`,
        ),
      })),
  );
  return [...services, ...fileGaps(conversion), ...missingObjects(conversion, given)];
}

function fileGaps({ spec, positions }: StackConversion): Problem[] {
  const files = [
    ...Object.values(spec.secrets).map((secret) => ({ kind: "secrets", ...secret })),
    ...Object.values(spec.configs).map((config) => ({
      kind: "configs",
      Driver: undefined,
      ...config,
    })),
  ];
  return files
    .filter(({ Driver, Templating }) => (Driver ?? Templating) !== undefined)
    .map(({ kind, Name }) => ({
      where: positions(kind),
      message: inexpressible(`the driver or template_driver of ${kind} ${Name}`),
    }));
}

function inexpressible(what: string): string {
  return `${what} asks for something that the docker provider cannot express yet`;
}

function missingObjects(
  { external, positions }: StackConversion,
  given: readonly string[],
): Problem[] {
  const secrets = external.secrets
    .filter((name) => !given.includes(name))
    .map((name) => ({
      where: positions(`secrets.${name}`),
      message: `secrets.${name} is external: expected a secret setting with its content, got none; set it with \`pulumi config set --secret cloudlet:NAME\` and name it under secrets of the stack's settings`,
    }));
  const others = (["networks", "configs"] as const).flatMap((kind) =>
    external[kind].map((name) => ({
      where: positions(`${kind}.${name}`),
      message: `${kind}.${name} is external: expected one that the stack declares, got none; cloudlet manages all that its stacks use`,
    })),
  );
  return [...secrets, ...others];
}
