import { keysOf, type Model, type Phone, type Stack } from "./model";

/** What the settings take from the run. */
export interface RunValues {
  /** What does not depend on the model. */
  readonly common: Readonly<Record<string, unknown>>;
  /** The settings' entry for a phone, without what the model says. */
  readonly reach: (phone: Phone) => { readonly address: string; readonly hostKey: string };
  /** The value of a secret setting as the settings file holds it. */
  readonly password: (stack: Stack, version: number) => unknown;
}

/** The secret setting of each stack that has one, and how the stack gets it. */
export const PASSWORD_SETTINGS: Readonly<Partial<Record<Stack, string>>> = {
  plain: "plainPassword",
  engine: "enginePassword",
};

/** The settings that declare a model, by their names below `cloudlet:`. */
export function settingsOf({ nodes, stacks }: Model, values: RunValues): Record<string, unknown> {
  return {
    ...values.common,
    nodes: Object.fromEntries(
      keysOf(nodes).map((phone) => [phone, { ...values.reach(phone), ...nodes[phone] }]),
    ),
    stacks: Object.fromEntries(keysOf(stacks).map((name) => [name, stackEntry(name, stacks)])),
    ...Object.fromEntries(
      keysOf(stacks).flatMap((name) => {
        const setting = PASSWORD_SETTINGS[name];
        const version = stacks[name]?.password ?? 0;
        return setting === undefined ? [] : [[setting, values.password(name, version)]];
      }),
    ),
  };
}

function stackEntry(name: Stack, stacks: Model["stacks"]): object {
  const { replicas, setting, imageTag } = stacks[name] ?? {};
  const password = PASSWORD_SETTINGS[name];
  return {
    file: `stacks/${name}.yml`,
    environment: {
      REPLICAS: String(replicas),
      SETTING: setting,
      IMAGE_TAG: imageTag,
      ...(name === "engine" && { PASSWORD: { secret: password } }),
    },
    ...(name === "plain" && { secrets: { password } }),
  };
}
