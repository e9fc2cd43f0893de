/** The deployer's environment, asked for one variable; undefined where it is not set. */
export type Lookup = (name: string) => string | undefined;

/** What came of substituting the variables in a text. */
export interface Substitution {
  text: string;
  /** The variables that were used. */
  names: string[];
  /** `$NAME-rest` without braces, where the rest was taken for a default. */
  swallowed?: { name: string; rest: string };
  /** Set when the text cannot be used. */
  error?: SubstitutionError;
  /** An error that the CLI forgets, because a good variable follows in the same text. */
  forgotten?: SubstitutionError;
}

/** Why a text cannot be used: a `$` that starts no variable, or a variable that must be set. */
export type SubstitutionError =
  { reason: "format" } | { reason: "required"; name: string; message: string };

// The two odd letters are what Go's case-insensitive [a-z] matches besides the plain ones.
const letter = "a-zA-Z\\u017f\\u212a";
const name = `[_${letter}][_${letter}0-9]*`;
const bare = `(${name}(?::?[-?][^}]*)?)`;
const variable = new RegExp(`\\$(?:(\\$)|${bare}|\\{${bare}\\}|)`, "g");
// For what follows the last brace: looking for another there would take a long text very long.
const bareVariable = new RegExp(`\\$(?:(\\$)|${bare}|)`, "g");

/**
 * Substitutes `$NAME`, `${NAME}`, `${NAME:-default}` and their like exactly as the docker CLI
 * does, accidents included: a default may follow a name without braces too.
 */
export function substitute(template: string, lookup: Lookup): Substitution {
  const result: Substitution = { text: template, names: [] };
  if (!template.includes("$")) return result;
  const replace = (_all: string, escaped?: string, plain?: string, braced?: string) =>
    escaped ?? replaceVariable(plain, braced, { result, lookup });
  const end = template.lastIndexOf("}") + 1;
  const head = template.slice(0, end).replace(variable, replace);
  const tail = template
    .slice(end)
    .replace(bareVariable, (all: string, escaped?: string, plain?: string) =>
      replace(all, escaped, plain),
    );
  result.text = head + tail;
  return result;
}

function replaceVariable(
  plain: string | undefined,
  braced: string | undefined,
  { result, lookup }: { result: Substitution; lookup: Lookup },
): string {
  const inner = plain ?? braced;
  if (inner === undefined) {
    result.error = { reason: "format" };
    return "";
  }
  const { name: used, value, message } = evaluate(inner, lookup);
  result.names.push(used);
  if (value === undefined) {
    result.error = { reason: "required", name: used, message };
    return "";
  }
  if (result.error) result.forgotten = result.error;
  delete result.error;
  if (plain !== undefined && plain !== used) {
    result.swallowed = { name: used, rest: plain.slice(used.length) };
  }
  return value;
}

interface Evaluated {
  name: string;
  /** Undefined when a required variable is missing. */
  value: string | undefined;
  message: string;
}

// The operators are looked for in this order anywhere in the text, so `${U-a:-b}` asks for `U-a`.
function evaluate(inner: string, lookup: Lookup): Evaluated {
  for (const operator of [":-", "-", ":?", "?"]) {
    const at = inner.indexOf(operator);
    if (at === -1) continue;
    const [used, rest] = [inner.slice(0, at), inner.slice(at + operator.length)];
    const found = lookup(used);
    const isGood = found !== undefined && !(operator.startsWith(":") && found === "");
    if (isGood) return { name: used, value: found, message: "" };
    return operator.endsWith("-")
      ? { name: used, value: rest, message: "" }
      : { name: used, value: undefined, message: rest };
  }
  return { name: inner, value: lookup(inner) ?? "", message: "" };
}
