import {
  keysOf,
  PASSWORDS,
  STACKS,
  without,
  type DeclaredStack,
  type Model,
  type Stack,
} from "./model";
import type { STACK_CHANGES, Step } from "./step";

type StackChange = (typeof STACK_CHANGES)[number];

const MOST_REPLICAS = 3;

/** Every change of the settings' stacks, by its kind; all are legal at any time. */
export function stackChanges(model: Model): Readonly<Record<StackChange, readonly Step[]>> {
  const steps = (kind: StackChange, changes: readonly Changed[]) =>
    changes.map((change) => ({ kind, ...change }));
  return {
    "no change": steps("no change", [{ after: model }]),
    "add a stack": steps("add a stack", addStack(model)),
    "remove a stack": steps("remove a stack", removeStack(model)),
    "change a variable": steps("change a variable", changeVariable(model)),
    "change replicas": steps("change replicas", changeReplicas(model)),
    "change an image": steps("change an image", changeImage(model)),
    "change a password": steps("change a password", changePassword(model)),
  };
}

type Changed = Omit<Step, "kind">;

function withStack(model: Model, stack: Stack, change: Partial<DeclaredStack>): Model {
  const fresh: DeclaredStack = { replicas: 1, setting: "a", imageTag: "1", password: 0 };
  return {
    ...model,
    stacks: { ...model.stacks, [stack]: { ...fresh, ...model.stacks[stack], ...change } },
  };
}

const addStack = (model: Model): Changed[] =>
  STACKS.filter((stack) => model.stacks[stack] === undefined).map((stack) => ({
    stack,
    after: withStack(model, stack, {}),
  }));

const removeStack = (model: Model): Changed[] =>
  keysOf(model.stacks).map((stack) => ({
    stack,
    after: { ...model, stacks: without(model.stacks, stack) },
  }));

function changeStacks(
  model: Model,
  names: readonly Stack[],
  change: (stack: DeclaredStack) => Partial<DeclaredStack>[],
): Changed[] {
  return names.flatMap((stack) => {
    const declared = model.stacks[stack];
    if (declared === undefined) return [];
    return change(declared).map((changed) => ({ stack, after: withStack(model, stack, changed) }));
  });
}

const changeVariable = (model: Model): Changed[] =>
  changeStacks(model, STACKS, ({ setting }) =>
    ["a", "b", "c"].filter((other) => other !== setting).map((other) => ({ setting: other })),
  );

const changeReplicas = (model: Model): Changed[] =>
  changeStacks(model, ["plain", "engine"], ({ replicas }) =>
    Array.from({ length: MOST_REPLICAS }, (_, index) => ({ replicas: index + 1 })).filter(
      (other) => other.replicas !== replicas,
    ),
  );

const changeImage = (model: Model): Changed[] =>
  changeStacks(model, STACKS, ({ imageTag }) => [{ imageTag: imageTag === "1" ? "2" : "1" }]);

const changePassword = (model: Model): Changed[] =>
  changeStacks(model, ["plain", "engine"], ({ password }) => [
    { password: (password + 1) % PASSWORDS },
  ]);
