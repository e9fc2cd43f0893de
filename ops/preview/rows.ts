import { SECRETS_SETTING } from "./compare-declared";
import type { EngineRun, Step } from "./engine-events";
import { code } from "./markdown";
import { phoneOf, phoneRow } from "./phone-row";
import { saidOf, type Row } from "./row";
import { isServiceStep, serviceRow } from "./service-row";
import { changedLines, valueChanges } from "./value-changes";

const BEGUN = "swarm-begun";
const STACK = "cloudlet:stacks:ComposeStack";
/** Commands that stand beside what they are for, and say nothing that its own row does not. */
const COMPANION = /^(.*?)(-removal|-ready|-dependencies(-\d+)?)$/;

/** Everything that changes, as rows: phones, the swarm, services, and what the services use. */
export function rowsOf(run: EngineRun): Row[] {
  const { steps, messages } = run;
  const phones = groupBy(steps, phoneOf);
  const services = groupBy(steps.filter(isServiceStep), ({ name }) => name);
  const rest = steps.filter((step) => phoneOf(step) === undefined && !isServiceStep(step));
  const rows = [
    ...[...phones].map(([key, its]) => phoneRow(key, its, run)),
    ...[...services].flatMap(([, its]) => serviceRow(its, messages) ?? []),
    ...rest.flatMap((step) => otherRow(step, messages) ?? []),
  ];
  const shown = rows.length > 0 ? rows : rest.flatMap(companionRow);
  return shown.sort((a, b) => rank(a) - rank(b) || byName.compare(a.name, b.name));
}

const ORDER: readonly Row["noun"][] = [
  ...(["phone", "swarm", "service", "network", "secret", "config", "other"] as const),
];
const rank = ({ noun }: Row) => ORDER.indexOf(noun);
const byName = new Intl.Collator("en", { numeric: true });

function groupBy(
  steps: readonly Step[],
  keyOf: (step: Step) => string | undefined,
): Map<string, Step[]> {
  const groups = new Map<string, Step[]>();
  for (const step of steps) {
    const key = keyOf(step);
    if (key !== undefined) groups.set(key, [...(groups.get(key) ?? []), step]);
  }
  return groups;
}

function otherRow(step: Step, messages: EngineRun["messages"]): Row | undefined {
  const { kind, name, type, parent } = step;
  if (name === BEGUN) return swarmRow(step);
  if (type === SECRETS_SETTING) {
    const effect = "if it is another value, the services that use it restart";
    return { noun: "secret", name, changes: ["encrypted anew"], effect, details: [] };
  }
  // The components' own steps, the providers', and the companions'.
  if (type.startsWith("cloudlet:") || type.startsWith("pulumi:")) return undefined;
  if (COMPANION.test(name) && parent.type === STACK) return undefined;
  const noun = nounOf(step);
  const words = { create: "new", update: "changes", replace: "another content", delete: "removed" };
  const change = step.wasRemovedByHand ? "removed by hand, made again" : words[kind];
  const said = saidOf(messages, name).map(code);
  return {
    noun,
    name,
    changes: said.length > 0 ? said : [change],
    effect: kind === "replace" ? "the services that use it restart" : "",
    details: contentLines(step),
  };
}

const NOUNS: Readonly<Record<string, Row["noun"]>> = {
  "docker:index/network:Network": "network",
  "docker:index/secret:Secret": "secret",
  "docker:index/serviceConfig:ServiceConfig": "config",
};

function nounOf({ type, before, after }: Step): Row["noun"] {
  // Those that are written through the Engine API are commands like any other, whose words tell.
  const script = after.create ?? before.create;
  const made = typeof script === "string" ? / '(secret|config) /.exec(script)?.[1] : undefined;
  return NOUNS[type] ?? (made === "secret" || made === "config" ? made : "other");
}

// The content itself is of no use here, and somebody may have put a password into a config.
function contentLines({ kind, before, after }: Step): string[] {
  if (kind !== "replace" && kind !== "update") return [];
  const shown = valueChanges(before, after).filter(
    ({ path }) => !/^(data|stdin|environment)/.test(path),
  );
  return changedLines(shown);
}

function swarmRow({ kind }: Step): Row {
  const row = { noun: "swarm", name: "swarm", details: [] } as const;
  if (kind === "create") return { ...row, changes: ["begins"], effect: "" };
  // Its script is for a swarm that is not there yet.
  if (kind === "update")
    return { ...row, changes: ["would begin elsewhere"], effect: "no task restarts" };
  return {
    ...row,
    changes: [kind === "delete" ? "ends" : "begins anew"],
    effect: "**all services are down in between**",
  };
}

/** Where nothing else changes: a wait that has another time limit, a removal that has another grace period. */
function companionRow({ name, kind }: Step): Row[] {
  if (!COMPANION.test(name)) return [];
  const change = kind === "delete" ? "removed" : kind === "create" ? "new" : "changes";
  const what = name.endsWith("-removal") ? "how it is removed" : "the wait for its tasks";
  return [
    {
      noun: "other",
      name: name.replace(COMPANION, "$1"),
      changes: [`${what}: ${change}`],
      effect: "no task restarts",
      details: [],
    },
  ];
}
