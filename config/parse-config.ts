import type { z } from "zod";
import type { Config, NodeConfig, StackConfig } from "./config";
import { ConfigError, showValue, type Problem } from "./problem";
import { settingsSchema, type Settings } from "./settings-schema";

/** The settings as Pulumi hands them over: plain values by key, and the names (never the values) of the secret ones. */
export interface RawSettings {
  readonly values: Readonly<Record<string, unknown>>;
  readonly secretNames: readonly string[];
}

const SSH_PRIVATE_KEY = "sshPrivateKey";

/**
 * Turns raw settings into a complete {@link Config}.
 * Throws a {@link ConfigError} with all problems of shape, or, where the shape is right, with all that contradict each other.
 */
export function parseConfig({ values, secretNames }: RawSettings): Config {
  const parsed = settingsSchema.safeParse(values);
  const misshapen = [
    ...checkNames(values),
    ...(parsed.error?.issues ?? []).flatMap((issue) => describeIssue(issue, values)),
  ];
  if (!parsed.success || misshapen.length > 0) throw new ConfigError(misshapen);
  const config = toConfig(parsed.data, secretNames);
  const problems = [
    ...checkMasters(config.nodes),
    ...checkAddresses(config.nodes),
    ...checkSecretSettings(config, secretNames),
  ];
  if (problems.length > 0) throw new ConfigError(problems);
  return config;
}

// zod leaves this one name out of what it returns, and says nothing where any name may stand.
function checkNames(value: unknown, path: readonly string[] = []): Problem[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, below]: [string, unknown]) => [
    ...(key === "__proto__"
      ? [{ where: settingPath([...path, key]), message: "expected another name, got __proto__" }]
      : []),
    ...checkNames(below, [...path, key]),
  ]);
}

function toConfig(settings: Settings, secretNames: readonly string[]): Config {
  const { user, identityFile, jumpHost, connectTimeoutSeconds } = settings.ssh;
  const nodes = inOrder(settings.nodes).map(([key, node]): NodeConfig => ({
    ...node,
    key,
    user: node.user ?? user,
    platform: node.platform ?? settings.platform,
    hostKey: node.hostKey.split(" ").slice(0, 2).join(" "),
  }));
  const stacks = inOrder(settings.stacks).map(([name, stack]): StackConfig => ({
    name,
    files: stack.files ?? (stack.file === undefined ? [] : [stack.file]),
    environment: stack.environment,
    secrets: stack.secrets,
  }));
  return {
    ...settings,
    nodes,
    stacks,
    ssh: { identityFile, jumpHost, connectTimeoutSeconds },
    secretSettings: secretNames.filter((name) => name !== SSH_PRIVATE_KEY),
  };
}

// The engine hands the settings over sorted, a file has them as they were written: the first master must be the same for both.
function inOrder<Value>(record: Readonly<Record<string, Value>>): [string, Value][] {
  return Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1));
}

function checkMasters(nodes: readonly NodeConfig[]): Problem[] {
  const masters = nodes.filter(({ role }) => role === "master");
  if ([1, 3, 5, 7].includes(masters.length)) return [];
  const got = masters.length === 0 ? "none" : `${masters.length} (${keys(masters)})`;
  return [{ where: "cloudlet:nodes", message: `${explainMasters(masters.length)}, got ${got}` }];
}

function explainMasters(count: number): string {
  if (count === 0) return "expected 1, 3, 5 or 7 masters; a swarm needs one to exist";
  if (count > 7)
    return "expected 1, 3, 5 or 7 masters; every change waits for more than half of them";
  const majority = Math.floor(count / 2) + 1;
  const survives = count - majority;
  const losses = survives === 0 ? "the loss of either" : `the loss of more than ${survives}`;
  return (
    `expected 1, 3, 5 or 7 masters; ${count} cannot survive ${losses} (a majority is ${majority}), ` +
    `so they are no safer than ${count - 1}`
  );
}

function checkAddresses(nodes: readonly NodeConfig[]): Problem[] {
  return nodes.flatMap((node, index) => {
    const twin = nodes.slice(0, index).find(({ address }) => address === node.address);
    if (twin === undefined) return [];
    const message = `expected an address of its own, got ${showValue(node.address)}, which ${twin.key} has`;
    return [{ where: `cloudlet:nodes.${node.key}.address`, message }];
  });
}

function checkSecretSettings(config: Config, secretNames: readonly string[]): Problem[] {
  return config.stacks.flatMap(({ name, environment, secrets }) => {
    const uses = [
      ...Object.entries(environment).flatMap(([variable, value]) =>
        typeof value === "string" ? [] : [{ at: `environment.${variable}`, setting: value.secret }],
      ),
      ...Object.entries(secrets).map(([key, setting]) => ({ at: `secrets.${key}`, setting })),
    ];
    return uses
      .filter(({ setting }) => !secretNames.includes(setting))
      .map(({ at, setting }) => ({
        where: `cloudlet:stacks.${name}.${at}`,
        message:
          `expected the name of a secret setting, got ${showValue(setting)}; ` +
          `set it with \`pulumi config set --secret cloudlet:${setting}\``,
      }));
  });
}

function keys(nodes: readonly NodeConfig[]): string {
  return nodes.map(({ key }) => key).join(", ");
}

type Issue = z.core.$ZodIssue;

function describeIssue(issue: Issue, root: unknown): Problem[] {
  const where = settingPath(issue.path);
  if (issue.code === "unrecognized_keys") {
    return issue.keys
      .filter((key) => key !== "__proto__")
      .map((key) => ({
        where: settingPath([...issue.path, key]),
        message: "unknown setting; see Pulumi.example.yaml for the known ones",
      }));
  }
  if (issue.code === "invalid_key") {
    const reason = issue.issues[0]?.message ?? "expected another name";
    return [{ where, message: `${reason}, got ${showValue(issue.path.at(-1))}` }];
  }
  return [{ where, message: insertGot(describeExpectation(issue), valueAt(root, issue.path)) }];
}

// "expected X; do Y" becomes "expected X, got V; do Y".
function insertGot(expectation: string, value: unknown): string {
  const [expected = "", ...advice] = expectation.split("; ");
  return [`${expected}, got ${showValue(value)}`, ...advice].join("; ");
}

function describeExpectation(issue: Issue): string {
  switch (issue.code) {
    case "invalid_type":
      return `expected ${withArticle(issue.expected)}`;
    case "invalid_value":
      return `expected ${issue.values.map(String).join(" or ")}`;
    case "too_small":
      return issue.message.startsWith("expected")
        ? issue.message
        : `expected at least ${issue.minimum}`;
    case "too_big":
      return `expected at most ${issue.maximum}`;
    case "invalid_union":
      return "expected text or { secret: NAME }";
    default:
      return issue.message;
  }
}

function withArticle(type: string): string {
  const names: Record<string, string> = {
    string: "text",
    int: "a whole number",
    number: "a whole number",
    boolean: "true or false",
    record: "a map",
    object: "a map",
    array: "a list",
  };
  return names[type] ?? `a ${type}`;
}

function settingPath(path: readonly PropertyKey[]): string {
  return `cloudlet:${path.map(String).join(".")}`;
}

function valueAt(root: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, key) =>
      typeof value === "object" && value !== null ? Reflect.get(value, key) : undefined,
    root,
  );
}
