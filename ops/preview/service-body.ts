import type { ServiceSpec } from "../../compose/swarm-spec";
import { SECRET, type Inputs } from "./engine-events";

/** The type of a service that the docker provider writes. */
export const PROVIDER_SERVICE = "docker:index/service:Service";

/**
 * The body of a service, secret or config that is written through the Engine API. Where a secret is in it, its copy in
 * which the secret is masked.
 */
export function engineBody({ stdin, environment }: Inputs): object | undefined {
  const copy =
    typeof environment === "object" && environment !== null && "BODY" in environment
      ? environment.BODY
      : undefined;
  const text = stdin === SECRET ? copy : stdin;
  if (typeof text !== "string") return undefined;
  try {
    const body: unknown = JSON.parse(text);
    return typeof body === "object" && body !== null ? body : undefined;
  } catch {
    return undefined;
  }
}

/** Whether a body is a service's. */
export function isServiceBody(body: object | undefined): body is ServiceSpec {
  return body !== undefined && "TaskTemplate" in body && "Mode" in body;
}

/**
 * A service in a shape in which entries keep their paths when others come or go: labels and variables by name. Takes both
 * the Engine API's words and the docker provider's.
 */
export function comparable(body: object): object {
  return Object.fromEntries(
    Object.entries(body)
      .filter(([key]) => !IDS_AND_COUNTERS.has(key))
      .map(([key, value]) => [key, comparableValue(key, value)]),
  );
}

/** Marks in whose place our tool puts what only the swarm knows. */
const IDS_AND_COUNTERS: ReadonlySet<string> = new Set(["ForceUpdate", "SecretID", "ConfigID"]);

function comparableValue(key: string, value: unknown): unknown {
  if (Array.isArray(value)) {
    if (key === "Env") return Object.fromEntries(value.map(asVariable));
    const labels = value.map(asLabel);
    if (value.length > 0 && labels.every((label) => label !== undefined)) {
      return Object.fromEntries(labels);
    }
    return value.map((item: unknown) => comparableValue("", item));
  }
  return typeof value === "object" && value !== null ? comparable(value) : value;
}

function asVariable(line: unknown): [string, string] {
  const text = String(line);
  const at = text.indexOf("=");
  return at < 0 ? [text, "(no value)"] : [text.slice(0, at), text.slice(at + 1)];
}

function asLabel(item: unknown): [string, unknown] | undefined {
  return typeof item === "object" && item !== null && "label" in item && "value" in item
    ? [String(item.label), item.value]
    : undefined;
}

/** How many tasks a service has; undefined where each phone has one. */
export function taskCount(body: object): number | undefined {
  const mode = field(body, "Mode", "mode");
  if (field(mode, "Global", "global") || field(mode, "GlobalJob")) return undefined;
  const replicated = field(mode, "Replicated", "replicated");
  const job = field(mode, "ReplicatedJob");
  const number = field(replicated, "Replicas", "replicas") ?? field(job, "TotalCompletions");
  return typeof number === "number" ? number : 1;
}

/** The image of a service's tasks, with its digest. */
export function imageOf(body: object): string {
  const container = field(
    field(body, "TaskTemplate", "taskSpec"),
    "ContainerSpec",
    "containerSpec",
  );
  const image = field(container, "Image", "image");
  return typeof image === "string" ? image : "";
}

function field(value: unknown, ...names: string[]): unknown {
  if (typeof value !== "object" || value === null) return undefined;
  const entries = new Map(Object.entries(value));
  return names.map((name): unknown => entries.get(name)).find((found) => found !== undefined);
}
