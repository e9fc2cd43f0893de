import { stripVTControlCharacters } from "node:util";
import { z } from "zod";

/** What happens to a resource; the engine's finer words are folded into these. */
export type StepKind = "create" | "update" | "replace" | "delete";

/** Values of a resource, secret ones masked. */
export type Inputs = Readonly<Record<string, unknown>>;

/** One resource that changes. */
export interface Step {
  readonly kind: StepKind;
  /** The Pulumi type token, such as `command:local:Command`. */
  readonly type: string;
  readonly name: string;
  /** The component that it belongs to. */
  readonly parent: { readonly type: string; readonly name: string };
  readonly before: Inputs;
  readonly after: Inputs;
  /** A refresh found that it is gone; it is made again. */
  readonly wasRemovedByHand: boolean;
}

/** Something that the engine or the program said; `about` is the name of the resource that it was said of. */
export interface Message {
  readonly severity: "info" | "warning" | "error";
  readonly text: string;
  readonly about: string | undefined;
}

/** What a run of the engine says of itself, without what stays as it is. */
export interface EngineRun {
  /** Unfinished: it ended before it summed up. */
  readonly result: "succeeded" | "failed" | "unfinished";
  readonly isPreview: boolean;
  readonly steps: readonly Step[];
  readonly messages: readonly Message[];
  /** The program's outputs, and those of the last `up`. */
  readonly outputs: { readonly before: unknown; readonly after: unknown };
  /** Plain settings as the engine hands them to the program: text by full name. */
  readonly settings: Readonly<Record<string, string>>;
}

const side = z.object({
  parent: z.string().optional(),
  inputs: z.record(z.string(), z.unknown()).default({}),
  outputs: z.record(z.string(), z.unknown()).default({}),
});
const metadata = z.object({
  op: z.string(),
  urn: z.string(),
  type: z.string(),
  old: side.nullish(),
  new: side.nullish(),
});
const event = z.object({
  resourcePreEvent: z.object({ metadata }).optional(),
  resOutputsEvent: z.object({ metadata }).optional(),
  diagnosticEvent: z
    .object({
      urn: z.string().optional(),
      message: z.string(),
      severity: z.string(),
      ephemeral: z.boolean().optional(),
    })
    .optional(),
  preludeEvent: z.object({ config: z.record(z.string(), z.string()).default({}) }).optional(),
  summaryEvent: z
    .object({ isPreview: z.boolean().default(false), result: z.string().optional() })
    .optional(),
});
type Metadata = z.output<typeof metadata>;
type EngineEvent = z.output<typeof event>;

const KINDS: Readonly<Record<string, StepKind>> = {
  create: "create",
  import: "create",
  update: "update",
  delete: "delete",
  replace: "replace",
  "create-replacement": "replace",
  "delete-replaced": "replace",
};

/** Reads the engine's events, one JSON object a line, as `--event-log` writes them. Throws where a line is none. */
export function readEngineEvents(text: string): EngineRun {
  // What follows the last line end was still being written when the engine was killed.
  const lines = text.slice(0, text.lastIndexOf("\n") + 1).split("\n");
  const events = lines.filter((line) => line !== "").map((line) => event.parse(JSON.parse(line)));
  const summary = events.findLast(({ summaryEvent }) => summaryEvent !== undefined)?.summaryEvent;
  const messages = events.flatMap(readMessage);
  const failed = messages.some(({ severity }) => severity === "error");
  return {
    result:
      summary === undefined
        ? "unfinished"
        : failed || summary.result === "failed"
          ? "failed"
          : "succeeded",
    isPreview: summary?.isPreview ?? true,
    steps: readSteps(events),
    messages,
    outputs: readOutputs(events),
    settings: events.find(({ preludeEvent }) => preludeEvent)?.preludeEvent?.config ?? {},
  };
}

function readSteps(events: readonly EngineEvent[]): Step[] {
  const byUrn = new Map<string, Step>();
  const gone = new Set(events.flatMap(goneInRefresh));
  for (const { resourcePreEvent } of events) {
    if (resourcePreEvent === undefined) continue;
    const { urn, type, op, ...states } = resourcePreEvent.metadata;
    const kind = KINDS[op];
    if (kind === undefined || type === STACK) continue;
    // Of a replacement's steps, the ones that know both sides tell most.
    if (byUrn.has(urn) && !(states.old && states.new)) continue;
    const parent = (states.new ?? states.old)?.parent ?? "";
    byUrn.set(urn, {
      kind,
      type,
      name: nameOf(urn),
      parent: { type: typeOf(parent), name: nameOf(parent) },
      before: hideInputs(states.old?.inputs ?? {}),
      after: hideInputs(states.new?.inputs ?? {}),
      wasRemovedByHand: gone.has(urn),
    });
  }
  return [...byUrn.values()];
}

/** What stands in the place of a secret. */
export const SECRET = "[secret]";
/** The key by which Pulumi marks values that are no plain ones, and its value for a secret. */
const [MARK, MARKED_SECRET] = [
  "4dabf18193072939515e22adb298388d",
  "1b47061264138c4ac30d75fd1eb44270",
];

function hideInputs(inputs: Inputs): Inputs {
  return Object.fromEntries(Object.entries(inputs).map(([key, value]) => [key, hide(value)]));
}

function hide(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(hide);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value);
  return entries.some(([key, entry]) => key === MARK && entry === MARKED_SECRET)
    ? SECRET
    : Object.fromEntries(entries.map(([key, entry]) => [key, hide(entry)]));
}

function goneInRefresh({ resOutputsEvent }: EngineEvent): string[] {
  if (resOutputsEvent === undefined) return [];
  const { op, urn, ...states } = resOutputsEvent.metadata;
  return op === "refresh" && !states.new ? [urn] : [];
}

const STACK = "pulumi:pulumi:Stack";

function nameOf(urn: string): string {
  return urn.split("::").slice(3).join("::");
}

function typeOf(urn: string): string {
  return urn.split("::")[2]?.split("$").at(-1) ?? "";
}

function readOutputs(events: readonly EngineEvent[]): EngineRun["outputs"] {
  const stack = events
    .flatMap(({ resOutputsEvent }): Metadata[] =>
      resOutputsEvent ? [resOutputsEvent.metadata] : [],
    )
    .findLast(({ type }) => type === STACK);
  return { before: stack?.old?.outputs ?? {}, after: stack?.new?.outputs ?? {} };
}

function readMessage({ diagnosticEvent }: EngineEvent): Message[] {
  if (diagnosticEvent === undefined || diagnosticEvent.ephemeral === true) return [];
  const { urn, message, severity } = diagnosticEvent;
  const text = plain(message).trim();
  if (text === "" || severity === "debug") return [];
  const about = urn === undefined || urn === "" || typeOf(urn) === STACK ? undefined : nameOf(urn);
  const known = severity === "error" || severity === "warning" ? severity : "info";
  return [{ severity: known, text, about }];
}

// The engine marks colours as `<{%reset%}>`, where it does not send a terminal's own codes.
function plain(text: string): string {
  return stripVTControlCharacters(text.replace(/<\{%[^%]*%\}>/g, ""));
}
