import { parseConfig } from "../../../config/parse-config";
import { describeModel, describeStep } from "../../chaos/describe";
import { answers, keepsMajority, keysOf, mastersOf, type Model } from "../../chaos/model";
import { CONTAINERS } from "../../chaos/phone-kinds";
import { settingsOf } from "../../chaos/settings";
import {
  FAULTS,
  INTERRUPTIONS,
  OWN_KERNEL_FAULTS,
  PHONE_CHANGES,
  STACK_CHANGES,
  type Step,
} from "../../chaos/step";
import { firstModel, stepsOf } from "../../chaos/steps";

const SEEDS = Array.from({ length: 60 }, (_, seed) => seed);
const STEPS = 40;
const HOST_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPZtExXbTyyrcJ9Yr9DTAn0vfP1BSPP2nn6k4Z4qIBkW";

const TAKES_SILENT_OUT: readonly Step["kind"][] = [
  "replace a silent master",
  "take a silent phone out",
];

/** The steps of a run, each with the model before it. */
function runOf(seed: number, count = STEPS, ownKernels = false): { before: Model; step: Step }[] {
  let before = firstModel(seed);
  const run: { before: Model; step: Step }[] = [];
  for (const step of stepsOf(seed, ownKernels)) {
    if (run.length === count) break;
    run.push({ before, step });
    before = step.after;
  }
  return run;
}

const everyStep = SEEDS.flatMap((seed) => runOf(seed));

/** All that the settings say in a step. */
function declaredIn({ after, refused }: Step): Model[] {
  return refused === undefined ? [after] : [after, refused.declared];
}

describe("the steps of a seed", () => {
  it("are the same each time", () => {
    for (const seed of SEEDS) expect(runOf(seed)).toEqual(runOf(seed));
  });

  it("differ from those of other seeds", () => {
    const described = SEEDS.map((seed) =>
      runOf(seed, 5)
        .map(({ step, before }) => describeStep(step, before))
        .join(),
    );
    expect(new Set(described).size).toBe(SEEDS.length);
  });

  it("hold every kind of change, fault and interruption sooner or later", () => {
    const seen = new Set(everyStep.map(({ step }) => step.kind));
    expect(
      [...PHONE_CHANGES, ...STACK_CHANGES, ...FAULTS].filter((kind) => !seen.has(kind)),
    ).toEqual([]);
    const interruptions = new Set(everyStep.map(({ step }) => step.interruption?.kind));
    expect(INTERRUPTIONS.filter((kind) => !interruptions.has(kind))).toEqual([]);
  });

  it("hold what only kernels of their own can suffer where phones have them, and no disk is full without a majority besides", () => {
    const steps = SEEDS.flatMap((seed) => runOf(seed, STEPS, true));
    const ofOwnKernels = (kind: string) => OWN_KERNEL_FAULTS.some((fault) => fault === kind);
    const kinds = new Set(steps.map(({ step }) => step.kind).filter(ofOwnKernels));
    expect([...kinds].sort()).toEqual([...OWN_KERNEL_FAULTS].sort());
    expect(everyStep.filter(({ step }) => ofOwnKernels(step.kind))).toEqual([]);
    for (const { before, step } of steps.filter(({ step: { kind } }) => /disk/.test(kind)))
      expect(keepsMajority(before, step.phone)).toBe(true);
  });
});

describe("the settings that steps declare", () => {
  const reach = (phone: string) => ({ address: `10.97.0.1${phone.at(-1)}`, hostKey: HOST_KEY });
  const common = CONTAINERS.settings;
  const isSecret = (value: unknown) => typeof value === "symbol";
  const parse = (model: Model) => {
    const settings = Object.entries(settingsOf(model, { common, reach, password: () => Symbol() }));
    return parseConfig({
      values: Object.fromEntries(settings.filter(([, value]) => !isSecret(value))),
      secretNames: settings.filter(([, value]) => isSecret(value)).map(([name]) => name),
    });
  };

  it("are accepted by the program, with the phones' roles as the model has them", () => {
    for (const model of everyStep.flatMap(({ step }) => declaredIn(step))) {
      const masters = parse(model).nodes.filter(({ role }) => role === "master");
      expect(masters.map(({ key }) => key)).toEqual(mastersOf(model));
    }
  });

  it("say each phone's labels and availability, and each stack's variables and password", () => {
    const node = { role: "master", availability: "drain", labels: { room: "attic" } } as const;
    const stack = { replicas: 2, setting: "b", imageTag: "2", password: 1 } as const;
    const model: Model = {
      nodes: { "pixel-3": node },
      stacks: { plain: stack, engine: stack, everywhere: stack },
      silent: {},
      unclean: [],
    };
    const { nodes, stacks, secretSettings } = parse(model);
    expect(nodes).toMatchObject([{ key: "pixel-3", address: "10.97.0.13", ...node }]);
    const variables = { REPLICAS: "2", SETTING: "b", IMAGE_TAG: "2" };
    expect(stacks).toEqual([
      {
        name: "engine",
        files: ["stacks/engine.yml"],
        environment: { ...variables, PASSWORD: { secret: "enginePassword" } },
        secrets: {},
      },
      { name: "everywhere", files: ["stacks/everywhere.yml"], environment: variables, secrets: {} },
      {
        name: "plain",
        files: ["stacks/plain.yml"],
        environment: variables,
        secrets: { password: "plainPassword" },
      },
    ]);
    expect([...secretSettings].sort()).toEqual(["enginePassword", "plainPassword"]);
    expect(describeModel(model)).toContain("pixel-3 master drained attic");
  });
});

describe("the faults of a run", () => {
  it("never take the majority of the masters", () => {
    for (const { step } of everyStep)
      expect([step, keepsMajority(step.after)]).toEqual([step, true]);
  });

  it("take a master for a moment only where the others are a majority", () => {
    const taking: readonly Step["kind"][] = [
      ...[
        "reboot",
        "stop Docker",
        "leave the swarm by hand",
        "wipe",
        "reflash with Docker",
        "close the firewall",
      ],
    ] as const;
    const taken = everyStep.filter(({ step }) => taking.includes(step.kind));
    expect(taken.length).toBeGreaterThan(100);
    for (const { step, before } of taken)
      expect([step, keepsMajority(before, step.phone)]).toEqual([step, true]);
  });

  it("change no role by hand where one master less would be no majority", () => {
    const demoted = everyStep.filter(
      ({ step, before }) =>
        step.kind === "change the role by hand" &&
        before.nodes[step.phone ?? "pixel-1"]?.role === "master",
    );
    expect(demoted.length).toBeGreaterThan(0);
    for (const { before } of demoted) {
      expect(mastersOf(before).length).toBeGreaterThanOrEqual(3);
      expect(keysOf(before.silent)).toEqual([]);
    }
  });

  it("silence one phone at a time, and never ask anything of it before it answers again", () => {
    for (const { step, before } of everyStep) {
      expect(keysOf(step.after.silent).length).toBeLessThanOrEqual(1);
      if (step.phone === undefined || answers(before, step.phone)) continue;
      expect(["bring back", ...TAKES_SILENT_OUT]).toContain(step.kind);
    }
  });

  it("take a silent phone out of the settings once", () => {
    const taken = everyStep.filter(({ step }) => TAKES_SILENT_OUT.includes(step.kind));
    expect(taken.length).toBeGreaterThan(0);
    for (const { step, before } of taken) {
      expect(keysOf(before.nodes)).toContain(step.phone);
      expect(keysOf(step.after.nodes)).not.toContain(step.phone);
    }
  });

  it("add or take no other phone, and change no role, while one is silent", () => {
    for (const { step, before } of everyStep) {
      if (keysOf(before.silent).length === 0 || TAKES_SILENT_OUT.includes(step.kind)) continue;
      expect(keysOf(step.after.nodes)).toEqual(keysOf(before.nodes));
      expect(mastersOf(step.after)).toEqual(mastersOf(before));
    }
  });
});
