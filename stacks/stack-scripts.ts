import type { LabelledObject } from "../observe/facts";
import type { ServiceMode, ServiceSpec } from "../compose/swarm-spec";
import { RUN_ON_MASTER } from "../observe/ssh-config";
import { shellQuote } from "../observe/shell-quote";
import { TOOL_PATHS } from "./stack-tools";

// Command lines for the operator's machine that run a tool on a master.

const DEFAULT_GRACE_NANOSECONDS = 10_000_000_000;

function runOnMaster(tool: keyof typeof TOOL_PATHS, ...words: readonly string[]): string {
  // A master's shell reads them too.
  const forMaster = words.map(shellQuote).join(" ");
  return ["sh", RUN_ON_MASTER, TOOL_PATHS[tool], shellQuote(forMaster)].join(" ");
}

/**
 * Removes a service and waits until its containers are gone, so that its networks and secrets are free. A service that
 * somebody else removed already is fine. The docker provider's own delete fails on that, and on a container that does not stop in time.
 */
export function removeServiceScript(spec: ServiceSpec): string {
  return runOnMaster("removeService", spec.Name, graceSeconds(spec));
}

/**
 * Creates a service or updates it in place, from {@link serviceBody} on standard input. Sends what `docker stack deploy` sends, and
 * keeps the count of forced updates, so that a change of labels or replicas restarts no task. Only a change of the mode, which
 * Swarm refuses, removes the service first.
 */
export function applyServiceScript(spec: ServiceSpec): string {
  const { Secrets = [], Configs = [], Privileges } = spec.TaskTemplate.ContainerSpec;
  const credential = Privileges?.CredentialSpec?.Config;
  const references = [
    ...Secrets.map(({ SecretName }) => `secret:SecretID:${SecretName}`),
    ...Configs.map(({ ConfigName }) => `config:ConfigID:${ConfigName}`),
    ...(credential ? [`config:Config:${credential}`] : []),
  ];
  const { Name, Mode } = spec;
  return runOnMaster(
    "applyService",
    ...[Name, modeOf(Mode), graceSeconds(spec)],
    ...new Set(references),
  );
}

/** Removes objects of the swarm, services first, as the others may be theirs. What is in use stays, and is said. */
export function pruneScript(objects: readonly LabelledObject[]): string {
  const order = ["service", "network", "secret", "config"];
  const sorted = [...objects].sort((a, b) => order.indexOf(a.kind) - order.indexOf(b.kind));
  return runOnMaster("prune", ...sorted.map(({ kind, name }) => `${kind}:${name}`));
}

/**
 * The body of the Engine API's create and update calls, with marks where the swarm's ids belong: the tool that sends it
 * looks them up by name. A mark is a list: under a name of the user's own, such as a label's, there is only ever text.
 */
export function serviceBody(spec: ServiceSpec): string {
  const { ContainerSpec } = spec.TaskTemplate;
  const { Secrets, Configs, Privileges } = ContainerSpec;
  const credential = Privileges?.CredentialSpec;
  const references = {
    ...(Secrets && { Secrets: Secrets.map((to) => ({ ...to, SecretID: mark(to.SecretName) })) }),
    ...(Configs && { Configs: Configs.map((to) => ({ ...to, ConfigID: mark(to.ConfigName) })) }),
    ...(credential?.Config && {
      Privileges: { CredentialSpec: { ...credential, Config: mark(credential.Config) } },
    }),
  };
  return JSON.stringify({
    ...spec,
    TaskTemplate: {
      ...spec.TaskTemplate,
      ContainerSpec: { ...ContainerSpec, ...references },
      ForceUpdate: mark("force"),
    },
    // The docker CLI sends an empty one, from which the engine makes a virtual address.
    EndpointSpec: spec.EndpointSpec ?? {},
  });
}

const mark = (name: string) => [name];

function modeOf(mode: ServiceMode): string {
  if (mode.Global !== undefined) return "global";
  if (mode.ReplicatedJob !== undefined) return "replicated-job";
  return mode.GlobalJob === undefined ? "replicated" : "global-job";
}

function graceSeconds({ TaskTemplate }: ServiceSpec): string {
  const grace = TaskTemplate.ContainerSpec.StopGracePeriod ?? DEFAULT_GRACE_NANOSECONDS;
  return String(Math.ceil(grace / 1e9));
}

/** Creates a secret or config from its body on standard input; one of the same name has the same content. */
export function createFileScript(kind: "secret" | "config", name: string): string {
  return runOnMaster("createFile", kind, name);
}

/** Removes a secret or config; fine where somebody else did. */
export function removeFileScript(kind: "secret" | "config", name: string): string {
  return runOnMaster("removeFile", kind, name);
}

/** What {@link readyScript} waits for. */
export interface Readiness {
  readonly services: readonly string[];
  readonly timeoutSeconds: number;
}

/**
 * Waits until every service of a stack runs as many healthy tasks as asked, or its jobs have completed, and no update is under way;
 * fails with each task's own error and the phone it was on. A phone whose engine has lost a network restarts it.
 */
export function readyScript({ services, timeoutSeconds }: Readiness): string {
  const words = [String(timeoutSeconds), ...services].map(shellQuote).join(" ");
  return `sh ${TOOL_PATHS.ready} ${shellQuote(words)}`;
}

/** Removes an object of the swarm by its kind and name; fine where there is none. A service's containers are given no time. */
export function removeObjectScript(
  kind: "network" | "secret" | "config" | "service",
  name: string,
): string {
  return kind === "service"
    ? runOnMaster("removeService", name, "10")
    : runOnMaster("removeFile", kind, name);
}
