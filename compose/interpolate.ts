import { castValue, type Cast } from "./cast-value";
import type { ComposeNode, MapNode, StringNode } from "./compose-node";
import { got, isPrivate, isSecretName, quote } from "./describe-value";
import type { ProblemList } from "./problem-list";
import { substitute, type Lookup, type Substitution } from "./substitute";

// What a substituted text is turned into, by key path; `*` is any key, `[]` any item.
const casts: readonly [path: string, cast: Cast][] = [
  ["services.*.configs.[].mode", "integer"],
  ["services.*.secrets.[].mode", "integer"],
  ["services.*.healthcheck.retries", "integer"],
  ["services.*.healthcheck.disable", "boolean"],
  ["services.*.deploy.replicas", "integer"],
  ["services.*.deploy.update_config.parallelism", "integer"],
  ["services.*.deploy.update_config.max_failure_ratio", "number"],
  ["services.*.deploy.rollback_config.parallelism", "integer"],
  ["services.*.deploy.rollback_config.max_failure_ratio", "number"],
  ["services.*.deploy.restart_policy.max_attempts", "integer"],
  ["services.*.deploy.placement.max_replicas_per_node", "integer"],
  ["services.*.ports.[].target", "integer"],
  ["services.*.ports.[].published", "integer"],
  ["services.*.ulimits.*", "integer"],
  ["services.*.ulimits.*.hard", "integer"],
  ["services.*.ulimits.*.soft", "integer"],
  ["services.*.privileged", "boolean"],
  ["services.*.oom_score_adj", "integer"],
  ["services.*.read_only", "boolean"],
  ["services.*.stdin_open", "boolean"],
  ["services.*.tty", "boolean"],
  ["services.*.volumes.[].read_only", "boolean"],
  ["services.*.volumes.[].volume.nocopy", "boolean"],
  ["networks.*.external", "boolean"],
  ["networks.*.internal", "boolean"],
  ["networks.*.attachable", "boolean"],
  ["volumes.*.external", "boolean"],
  ["secrets.*.external", "boolean"],
  ["configs.*.external", "boolean"],
];
const castPatterns = casts.map(([path, cast]) => ({ parts: path.split("."), cast }));

/** Substitutes the variables in every string value (never in a key), and casts where Docker does. */
export function interpolate(document: MapNode, lookup: Lookup, problems: ProblemList): MapNode {
  const visitMap = (node: MapNode, parts: string[]): MapNode => {
    const entries = new Map<string, ComposeNode>();
    // The CLI splits paths at dots, so a service called a.b gets no casts.
    for (const [key, value] of node.entries) {
      entries.set(key, visit(value, [...parts, ...key.split(".")]));
    }
    return { ...node, entries };
  };
  const visit = (node: ComposeNode, parts: string[]): ComposeNode => {
    if (node.kind === "map") return visitMap(node, parts);
    if (node.kind === "list") {
      return { ...node, items: node.items.map((item) => visit(item, [...parts, "[]"])) };
    }
    return node.kind === "string" ? interpolateString(node, parts) : node;
  };
  const interpolateString = (node: StringNode, parts: string[]): ComposeNode => {
    const result = substitute(node.value, lookup);
    if (result.names.length === 0 && !result.error && result.text === node.value) return node;
    report(node, result, problems);
    if (result.error || result.text === node.value) return node;
    const replaced: StringNode = { ...node, value: result.text, written: node.value };
    const cast = findCast(parts);
    if (!cast) return replaced;
    const node_ = castValue(replaced, cast);
    if (node_) return node_;
    const given = result.names.some(isSecretName) ? "something else" : `"${result.text}"`;
    const message = `expected ${cast === "boolean" ? "yes or no" : `a ${cast}`}, but ${node.value} gives ${given}`;
    problems.add("interpolation/cast", node.origin, message);
    return replaced;
  };
  return visitMap(document, []);
}

function findCast(parts: string[]): Cast | undefined {
  const fits = (pattern: string[]) =>
    pattern.length === parts.length &&
    pattern.every((part, index) => part === "*" || part === parts[index]);
  return castPatterns.find((pattern) => fits(pattern.parts))?.cast;
}

function report(node: StringNode, result: Substitution, problems: ProblemList): void {
  const { origin } = node;
  const { error, forgotten, swallowed } = result;
  if (error?.reason === "format") {
    const message = `has a $ that starts no variable${got(node)}; write $$ for a plain $`;
    problems.add("interpolation/format", origin, message);
  }
  if (error?.reason === "required") {
    const why = error.message === "" ? "" : `: ${error.message}`;
    problems.add("interpolation/required", origin, `needs the variable ${error.name}${why}`);
  }
  if (forgotten) {
    const what = forgotten.reason === "format" ? "a $ that starts no variable" : forgotten.name;
    const message = `leaves out ${what}, as Docker does when a good variable follows in the text`;
    problems.warn("surprise/forgotten-error", origin, message);
  }
  if (swallowed) {
    const { name, rest } = swallowed;
    const text = isPrivate(origin) ? "the rest" : quote(rest);
    const message = `takes ${text} for the default of $${name}, as Docker does; write \${${name}}`;
    problems.warn("surprise/swallowed-text", origin, message);
  }
}
