import { faultChoices, returns } from "./fault-choices";
import { PHONES, STACKS, type Model } from "./model";
import { randomOf, type Random } from "./random";
import { phoneChanges, withNode } from "./phone-changes";
import { stackChanges } from "./stack-changes";
import { INTERRUPTIONS, needsRefresh, type Step } from "./step";

/** One step in so many is interrupted. */
const INTERRUPTED_ONE_IN = 6;
const LATEST_INTERRUPTION_SECONDS = 8;

/** What a run begins with: three phones or four, with one master or three. */
export function firstModel(seed: number): Model {
  const random = randomOf(seed);
  const masters = random.pick([1, 3]);
  const phones = PHONES.slice(0, random.pick([3, 4]));
  const empty: Model = { nodes: {}, stacks: {}, silent: {}, unclean: [] };
  const withNodes = phones.reduce(
    (model, phone, index) =>
      withNode(model, phone, { role: index < masters ? "master" : "compute" }),
    empty,
  );
  const declared = { replicas: 2, setting: "a", imageTag: "1", password: 0 } as const;
  return { ...withNodes, stacks: Object.fromEntries(STACKS.map((name) => [name, declared])) };
}

/**
 * The steps that follow, without end: all are legal where the one before has been done, and the same for the same seed and the same
 * kind of phones.
 */
export function* stepsOf(seed: number, ownKernels = false): Generator<Step, never, undefined> {
  const random = randomOf(seed + 1);
  let model = firstModel(seed);
  for (;;) {
    const step = nextStep(model, random, ownKernels);
    yield step;
    model = step.after;
  }
}

type Choices = readonly (readonly Step[])[];

function nextStep(model: Model, random: Random, ownKernels: boolean): Step {
  const legal = (choices: Readonly<Record<string, readonly Step[]>>): Choices =>
    Object.values(choices).filter((steps) => steps.length > 0);
  const groups = [
    legal(phoneChanges(model)),
    legal(stackChanges(model)),
    legal(faultChoices(model, ownKernels)),
    legal(returns(model)),
  ].filter((group) => group.length > 0);
  // Each group is as likely as the others, and of each group each kind.
  return interrupted(random.pick(random.pick(random.pick(groups))), random);
}

function interrupted(step: Step, random: Random): Step {
  if (!random.onceIn(INTERRUPTED_ONE_IN) || step.refused !== undefined || needsRefresh(step))
    return step;
  const afterSeconds = 0.5 + random.below(LATEST_INTERRUPTION_SECONDS * 10) / 10;
  return { ...step, interruption: { kind: random.pick(INTERRUPTIONS), afterSeconds } };
}
