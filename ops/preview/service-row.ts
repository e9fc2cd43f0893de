import type { ServiceSpec } from "../../compose/swarm-spec";
import { changeEffect } from "../../plan/change-effect";
import { serviceDrift } from "../../plan/service-drift";
import type { Message, Step } from "./engine-events";
import { code, count } from "./markdown";
import { saidOf, type Row, type TaskEffect } from "./row";
import {
  comparable,
  engineBody,
  imageOf,
  isServiceBody,
  PROVIDER_SERVICE,
  taskCount,
} from "./service-body";
import { IMAGE_PATH, serviceWords } from "./service-words";
import { changedLines, valueChanges, type ValueChange } from "./value-changes";

/** Whether a step is a service's, and not a companion's. */
export function isServiceStep({ type, before, after }: Step): boolean {
  return (
    type === PROVIDER_SERVICE ||
    isServiceBody(engineBody(after)) ||
    isServiceBody(engineBody(before))
  );
}

/** The row of one service; it has two steps where another tool writes it from now on. */
export function serviceRow(steps: readonly Step[], messages: readonly Message[]): Row | undefined {
  const [step] = steps;
  if (step === undefined) return undefined;
  const said = saidOf(messages, step.name);
  const [created, deleted] = [stepOf(steps, "create"), stepOf(steps, "delete")];
  const row = { noun: "service", name: step.name, details: said } as const;
  if (created !== undefined && deleted !== undefined) return { ...row, ...moved(created, deleted) };
  if (created !== undefined) {
    const body = bodyOf(created, "after");
    const image = code(imageOf(body).split("@")[0] ?? "");
    const how = created.wasRemovedByHand ? "removed by hand, made again" : "new";
    return { ...row, changes: [`${how}: image ${image}`], effect: tasksThat("start", body) };
  }
  if (deleted !== undefined) {
    return { ...row, changes: ["removed"], effect: tasksThat("stop", bodyOf(deleted, "before")) };
  }
  return { ...row, ...changed(step, said) };
}

const stepOf = (steps: readonly Step[], kind: Step["kind"]) =>
  steps.find((step) => step.kind === kind);

// The Engine API takes over in place; the provider would refuse a name that is taken, so the service is removed first.
function moved(created: Step, deleted: Step): Pick<Row, "changes" | "effect" | "tasks"> {
  const [before, after] = [bodyOf(deleted, "before"), bodyOf(created, "after")];
  const byProvider = created.type === PROVIDER_SERVICE;
  const isOtherMode = (taskCount(before) === undefined) !== (taskCount(after) === undefined);
  const tasks = { restarting: tasksOf(before), isDown: byProvider || isOtherMode };
  const writer = byProvider ? "by the docker provider" : "through the Engine API";
  const image = { path: IMAGE_PATH, before: imageOf(before), after: imageOf(after) };
  const words = image.before === image.after ? [] : serviceWords([image]);
  return { changes: [...words, `written ${writer} now`], effect: effectOf(tasks, 0), tasks };
}

function changed(step: Step, said: readonly string[]): Omit<Row, "noun" | "name"> {
  const [before, after] = [bodyOf(step, "before"), bodyOf(step, "after")];
  const values = valueChanges(comparable(before), comparable(after));
  const words = serviceWords(values);
  const details = (...explanation: string[]) => [
    ...changedLines(values),
    ...new Set([...explanation, ...said]),
  ];
  if (values.length === 0 && isRepair(step)) return repaired(said, before);
  const changes = words.length > 0 ? words : ["a secret value in it"];
  const tasks = tasksAffected(step, before, after, values);
  const [had, has] = [taskCount(before), taskCount(after)];
  const more = had === undefined || has === undefined ? 0 : has - had;
  const effect = effectOf(tasks, more);
  return { changes, effect, details: details(...explain(step, before, after)), tasks };
}

function repaired(said: readonly string[], declared: object): Omit<Row, "noun" | "name"> {
  const [effect] = said.flatMap((text) => tasksSaid(text, declared) ?? []);
  return {
    changes: ["changed or removed by hand, written again as declared"],
    effect: effect === undefined ? "" : effectOf(effect, 0),
    details: said,
    ...(effect && { tasks: effect }),
  };
}

/** What a sentence of {@link changeEffect} says in numbers: only the program has seen the living service. */
function tasksSaid(text: string, declared: object): TaskEffect | undefined {
  if (text.includes("no running task is restarted")) return { restarting: 0, isDown: false };
  if (/^(replaced|updated in place): /.exec(text) === null) return undefined;
  return { restarting: tasksOf(declared), isDown: text.startsWith("replaced") };
}

// The number of its repair changes only where a look found that the living service differs.
function isRepair({ before, after }: Step): boolean {
  return valueChanges(before.environment, after.environment).some(({ path }) => path === "REPAIR");
}

function tasksAffected(
  { type, kind }: Step,
  before: object,
  after: object,
  values: readonly ValueChange[],
): TaskEffect {
  const isOurs = type !== PROVIDER_SERVICE;
  const paths = isOurs ? driftPaths(before, after) : values.map(({ path }) => path);
  const isDown = kind === "replace" || (isOurs && paths.includes("Mode"));
  const secretOnly = values.length === 0;
  const restarts =
    isDown || secretOnly || paths.some((path) => /^task(Template|Spec)\./i.test(path));
  return { restarting: restarts ? tasksOf(before) : 0, isDown };
}

function driftPaths(before: object, after: object): string[] {
  return driftOf(before, after).map((line) => line.slice(0, line.indexOf(": ")));
}

function driftOf(before: object, after: object): string[] {
  return isServiceBody(after) ? serviceDrift(after, before, new Map()) : [];
}

/** In full, what Swarm does; the provider's own defaults are in its services, so that only replacements can be told of those. */
function explain({ type }: Step, before: object, after: object): string[] {
  if (type === PROVIDER_SERVICE || !isServiceBody(after)) return [];
  const effect = changeEffect(after satisfies ServiceSpec, driftOf(before, after), "engine");
  return effect === "" ? [] : [effect];
}

function bodyOf({ type, ...step }: Step, side: "before" | "after"): object {
  return type === PROVIDER_SERVICE ? step[side] : (engineBody(step[side]) ?? {});
}

function tasksOf(body: object): TaskEffect["restarting"] {
  return taskCount(body) ?? "one on every phone";
}

function tasksThat(verb: "start" | "stop", body: object): string {
  const tasks = taskCount(body);
  if (tasks === undefined) return `a task on every phone ${verb}s`;
  return `${count(tasks, "task")} ${verb}${tasks === 1 ? "s" : ""}`;
}

function effectOf({ restarting, isDown }: TaskEffect, more: number): string {
  const restarts =
    typeof restarting !== "number"
      ? "its task on every phone restarts"
      : restarting > 0
        ? `${count(restarting, "task")} restart${restarting === 1 ? "s" : ""}`
        : "no task restarts";
  const scaled = more === 0 ? "" : `, ${Math.abs(more)} ${more > 0 ? "more" : "fewer"}`;
  return `${restarts}${scaled}${isDown ? ", **down in between**" : ""}`;
}
