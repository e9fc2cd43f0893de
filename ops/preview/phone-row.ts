import { EFFECT, NO_RESTART } from "../../plan/phone-effect";
import type { EngineRun, Message, Step } from "./engine-events";
import { code, word } from "./markdown";
import { membershipIn, peersIn, withoutPeers } from "./phone-scripts-text";
import { saidOf, type Row } from "./row";
import {
  changedLines,
  lineChanges,
  showLeaf,
  valueChanges,
  type ValueChange,
} from "./value-changes";

const PHONE = "cloudlet:nodes:PhoneNode";
const SWARM = "cloudlet:swarm:Swarm";

/** The key of the phone that a step belongs to; undefined where it is no phone's. */
export function phoneOf({ type, parent, name }: Step): string | undefined {
  if (type === PHONE) return name;
  if (parent.type === PHONE) return parent.name;
  return parent.type === SWARM && name.endsWith("-member")
    ? name.replace(/-member$/, "")
    : undefined;
}

/** The row of one phone, from all of its steps. */
export function phoneRow(
  key: string,
  steps: readonly Step[],
  { messages, outputs }: Pick<EngineRun, "messages" | "outputs">,
): Row {
  const row = { noun: "phone", name: key } as const;
  const whole = steps.find(({ type }) => type === PHONE);
  const declared = { before: nodeIn(outputs.before, key), after: nodeIn(outputs.after, key) };
  const { reasons, effects } = saidOfPhone(key, messages);
  if (whole?.kind === "create") {
    const role = word(declared.after.role ?? "phone");
    const effect = "Docker is set up, and it joins the swarm";
    return { ...row, changes: [`new ${role}`], effect, details: reasons };
  }
  if (whole?.kind === "delete") {
    const effect = "its tasks move, and it leaves the swarm";
    const was = declared.before.role === undefined ? "" : `, was ${word(declared.before.role)}`;
    return { ...row, changes: [`removed${was}`], effect, details: reasons };
  }
  const values = settingsChanged(steps, declared);
  const scripts = unexplainedScripts(steps, values.length > 0);
  const changes = [
    ...values.map(settingWords),
    ...firewallChanges(scriptOf(steps, "engine")),
    ...reasons.map((reason) => `repair: ${code(reason)}`),
    ...scripts.map(({ words }) => words),
  ];
  return {
    ...row,
    changes: changes.length > 0 ? changes : ["repair"],
    effect: effectOf(effects, [
      ...values.map(({ path, after }) => `${path} ${showLeaf(after)}`),
      ...reasons,
      ...scripts.map(({ words }) => words),
    ]),
    details: [
      ...changedLines(values),
      ...scripts.flatMap(({ before, after }) => lineChanges(before, after)),
    ],
  };
}

function settingWords({ path, before, after }: ValueChange): string {
  if (before === undefined) return `${path}: ${word(showLeaf(after))}`;
  return `${path} ${word(showLeaf(before))} → ${word(showLeaf(after))}`;
}

type Node = Readonly<Record<string, unknown>> & { role?: string };

function nodeIn(outputs: unknown, key: string): Node {
  const nodes = fieldOf(outputs, "nodes");
  const node = fieldOf(nodes, key);
  return typeof node === "object" && node !== null ? { ...node } : {};
}

function fieldOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}

function saidOfPhone(key: string, messages: readonly Message[]) {
  const said = [`${key}-engine`, `${key}-member`].flatMap((name) => saidOf(messages, name));
  const parts = said.map((text) => text.split(`; ${EFFECT}`));
  return {
    reasons: parts.flatMap(([reason = ""]) => [reason]),
    effects: parts.flatMap(([, effect]) => effect ?? []),
  };
}

function settingsChanged(steps: readonly Step[], declared: { before: Node; after: Node }) {
  const join = scriptOf(steps, "member");
  const connection = steps.find(({ name }) => name.endsWith("-engine"));
  return [
    ...valueChanges(declared.before, declared.after),
    ...valueChanges(membershipIn(join.before), membershipIn(join.after)),
    ...valueChanges(connection?.before.connection, connection?.after.connection).filter(
      ({ path }) => ["user", "port", "hostKey"].includes(path),
    ),
  ];
}

interface Script {
  readonly before: string;
  readonly after: string;
}

/** A part's script, in the place where the program hands it over. */
function scriptOf(steps: readonly Step[], part: "engine" | "member" | "undo"): Script {
  const step = steps.find(({ name }) => name.endsWith(`-${part}`));
  const text = (inputs: Step["before"] | undefined): string => {
    const found =
      part === "engine"
        ? inputs?.stdin
        : fieldOf(inputs?.environment, part === "member" ? "JOIN" : "UNDO");
    return typeof found === "string" ? found : "";
  };
  return { before: text(step?.before), after: text(step?.after) };
}

function firewallChanges({ before, after }: Script): string[] {
  const [old, now] = [peersIn(before), peersIn(after)];
  const opened = [...now].filter((peer) => !old.has(peer)).map(code);
  const closed = [...old].filter((peer) => !now.has(peer)).map(code);
  return [
    opened.length > 0 ? `firewall opens to ${opened.join(", ")}` : [],
    closed.length > 0 ? `firewall closes to ${closed.join(", ")}` : [],
  ].flat();
}

/** Scripts that change for another reason than the phone's settings, as with a newer cloudlet. */
function unexplainedScripts(
  steps: readonly Step[],
  settingsChange: boolean,
): (Script & { readonly words: string })[] {
  const engine = scriptOf(steps, "engine");
  const others = settingsChange ? [] : (["member", "undo"] as const);
  return [
    {
      words: "set-up script",
      before: withoutPeers(engine.before),
      after: withoutPeers(engine.after),
    },
    ...others.map((part) => ({
      words: part === "member" ? "membership script" : "undo script",
      ...scriptOf(steps, part),
    })),
  ].filter(({ before, after }) => before !== after);
}

/** The strongest first; patterns of settings with their new values, of the program's reasons, and of scripts. */
const EFFECTS: readonly (readonly [change: RegExp, effect: string])[] = [
  [/^address /, "leaves the swarm and joins again: its tasks move"],
  [/^availability drain$/, "its tasks move to other phones"],
  [/engine has to restart/, "its tasks move, and its engine restarts"],
  [/^set-up script$|daemon\.json/, "if its engine has to restart, its tasks move first"],
];

// Only the program has seen the phone: where it says what becomes of tasks, that counts.
function effectOf(said: readonly string[], changes: readonly string[]): string {
  const known = said.filter((effect) => effect !== NO_RESTART);
  const found = EFFECTS.find(([pattern]) => changes.some((change) => pattern.test(change)));
  const ofTasks = known.some((effect) => effect.includes("task")) ? undefined : found?.[1];
  return [...known, ofTasks ?? []].flat().join(", ") || NO_RESTART;
}
