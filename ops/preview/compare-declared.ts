import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import type { EngineRun, Inputs, Step } from "./engine-events";

/** The setting, of no program, that tells which secrets a file has and when one is encrypted anew. */
export const SECRETS_SETTING = "cloudlet-declared:secrets";

/**
 * What changes from one declaration to another, out of a preview of each against nothing. In the place of a state, which needs
 * its passphrase and its credentials: a fork's pull request has neither.
 */
export function compareDeclared(before: EngineRun, after: EngineRun): EngineRun {
  const [old, now] = [byIdentity(before.steps), byIdentity(after.steps)];
  const replaced = replacedServices(old, now);
  const steps = [...new Set([...old.keys(), ...now.keys()])].flatMap((id): Step[] => {
    const [was, is] = [old.get(id), now.get(id)];
    if (is === undefined)
      return was === undefined ? [] : [{ ...was, ...sides(was.after, {}), kind: "delete" }];
    if (was === undefined) return [is];
    if (isDeepStrictEqual(settled(was), settled(is))) return [];
    const kind = replaced.has(is.name) || isReplaced(was, is) ? "replace" : "update";
    return [{ ...is, ...sides(was.after, is.after), kind }];
  });
  return {
    ...after,
    steps: [...steps, ...secretSteps(before, after)],
    outputs: { before: before.outputs.after, after: after.outputs.after },
  };
}

const sides = (before: Inputs, after: Inputs) => ({ before, after });

function byIdentity(steps: readonly Step[]): Map<string, Step> {
  return new Map(steps.map((step) => [`${step.parent.type} ${step.type} ${step.name}`, step]));
}

/** Inputs with times and repair numbers, which count only where phones are looked at. */
const TIMES: readonly (readonly [name: RegExp, input: string])[] = [
  [/-engine$/, "create"],
  [/-member$|^prune$/, "stdin"],
  [/^swarm-begun$/, "triggers"],
];

function settled({ name, type, after }: Step): Inputs {
  if (type.startsWith("docker:index/network")) return { name: after.name };
  const time = TIMES.find(([names]) => names.test(name))?.[1];
  return time === undefined ? after : { ...after, [time]: withoutTimes(after[time]) };
}

function withoutTimes(value: unknown): string {
  return JSON.stringify(value ?? "").replace(/\b\d{10}\b/g, "TIME");
}

/** What the provider replaces has a companion whose triggers say so. */
function replacedServices(
  old: ReadonlyMap<string, Step>,
  now: ReadonlyMap<string, Step>,
): Set<string> {
  const replaced = [...now].filter(([id, { name, after }]) => {
    const before = old.get(id)?.after;
    return (
      name.endsWith("-removal") &&
      before !== undefined &&
      !isDeepStrictEqual(before.triggers, after.triggers)
    );
  });
  return new Set(replaced.map(([, { name }]) => name.replace(/-removal$/, "")));
}

// Secrets and configs cannot be changed: another content is another object, under another name.
function isReplaced(was: Step, is: Step): boolean {
  const named = /^docker:index\/(secret|serviceConfig)/.test(is.type);
  return named || !isDeepStrictEqual(settled(was).triggers, settled(is).triggers);
}

function secretSteps(before: EngineRun, after: EngineRun): Step[] {
  const [old, now] = [secretsOf(before), secretsOf(after)];
  return Object.keys(now)
    .filter((name) => old[name] !== undefined && old[name] !== now[name])
    .map((name) => ({
      kind: "update",
      type: SECRETS_SETTING,
      name: `cloudlet:${name}`,
      parent: { type: "", name: "" },
      ...sides({}, {}),
      wasRemovedByHand: false,
    }));
}

function secretsOf({ settings }: EngineRun): Record<string, string> {
  return z.record(z.string(), z.string()).parse(JSON.parse(settings[SECRETS_SETTING] ?? "{}"));
}
