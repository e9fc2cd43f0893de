import {
  answers,
  computesOf,
  keysOf,
  mastersOf,
  sparesOf,
  without,
  workingPhones,
  type DeclaredNode,
  type Model,
  type Phone,
} from "./model";
import type { PHONE_CHANGES, Step } from "./step";

type PhoneChange = (typeof PHONE_CHANGES)[number];

const COMPUTE: DeclaredNode = { role: "compute", availability: "active", labels: {} };
const ROOMS = ["lab", "attic", "kitchen"];

/** Every change of the settings' phones that is legal now, by its kind. A phone that is silent is not needed by any of them. */
export function phoneChanges(model: Model): Readonly<Record<PhoneChange, readonly Step[]>> {
  const steps = (kind: PhoneChange, changes: readonly Changed[]) =>
    changes.map((change) => ({ kind, ...change }));
  // The other phones' firewalls change with these, and masters one by one.
  const whole = keysOf(model.silent).length === 0;
  const wholeOnly = (kind: PhoneChange, changes: readonly Changed[]) =>
    whole ? steps(kind, changes) : [];
  return {
    "add a phone": wholeOnly("add a phone", addPhone(model)),
    "take a phone out": wholeOnly("take a phone out", takeOut(model)),
    "swap a master and a compute": wholeOnly("swap a master and a compute", swap(model)),
    "more masters": wholeOnly("more masters", moreMasters(model)),
    "fewer masters": wholeOnly("fewer masters", fewerMasters(model)),
    "replace a master": wholeOnly(
      "replace a master",
      mastersOf(model).length > 1
        ? replaceMaster(model, mastersOf(model))
        : replaceOnlyMaster(model),
    ),
    "replace a silent master": steps("replace a silent master", replaceSilentMaster(model)),
    "take a silent phone out": steps("take a silent phone out", takeSilentOut(model)),
    "set a label": steps("set a label", setLabel(model)),
    "remove a label": steps("remove a label", removeLabel(model)),
    drain: steps("drain", drain(model)),
    activate: steps("activate", activate(model)),
    "declare a phone that is off": wholeOnly("declare a phone that is off", declareOff(model)),
  };
}

type Changed = Omit<Step, "kind">;

/** The model with another entry for a phone. */
export function withNode(model: Model, phone: Phone, change: Partial<DeclaredNode>): Model {
  const node = { ...COMPUTE, ...model.nodes[phone], ...change };
  return {
    ...model,
    nodes: { ...model.nodes, [phone]: node },
    unclean: model.unclean.filter((other) => other !== phone),
  };
}

function withoutNode(model: Model, phone: Phone): Model {
  return { ...model, nodes: without(model.nodes, phone) };
}

const addPhone = (model: Model): Changed[] =>
  sparesOf(model).map((phone) => ({ phone, after: withNode(model, phone, {}) }));

const takeOut = (model: Model): Changed[] =>
  computesOf(model)
    .map((phone) => ({ phone, after: withoutNode(model, phone) }))
    .filter(({ after }) => workingPhones(after).length > 0);

function swap(model: Model): Changed[] {
  return mastersOf(model).flatMap((master) =>
    computesOf(model).map((phone) => ({
      phone,
      after: withNode(withNode(model, master, { role: "compute" }), phone, { role: "master" }),
    })),
  );
}

function moreMasters(model: Model): Changed[] {
  if (mastersOf(model).length > 3) return [];
  const candidates = [...computesOf(model), ...sparesOf(model)];
  return pairs(candidates).map(([one, other]) => ({
    phone: one,
    after: withNode(withNode(model, one, { role: "master" }), other, { role: "master" }),
  }));
}

function fewerMasters(model: Model): Changed[] {
  const masters = mastersOf(model);
  if (masters.length < 3) return [];
  return pairs(masters).map(([one, other]) => ({
    phone: one,
    after: withNode(withNode(model, one, { role: "compute" }), other, { role: "compute" }),
  }));
}

// Another phone, from the drawer or a compute, takes its place.
function replaceMaster(model: Model, masters: readonly Phone[]): { phone: Phone; after: Model }[] {
  const candidates = [...computesOf(model), ...sparesOf(model)].filter((phone) =>
    answers(model, phone),
  );
  return masters.flatMap((phone) =>
    candidates.map((other) => ({
      phone,
      after: withNode(withoutNode(model, phone), other, { role: "master", availability: "active" }),
    })),
  );
}

// Nobody would be left who can let the others in.
function replaceOnlyMaster(model: Model): Changed[] {
  const words = "expected one of the phones that manage the swarm of";
  return replaceMaster(model, mastersOf(model))
    .filter(({ after }) => keysOf(after.nodes).length > 1)
    .map(({ phone, after }) => ({ phone, after: model, refused: { declared: after, words } }));
}

// All other phones answer: nothing needs the one that does not.
function replaceSilentMaster(model: Model): Changed[] {
  const masters = mastersOf(model).filter((phone) => !answers(model, phone));
  return replaceMaster(model, masters).map(withUnclean);
}

const takeSilentOut = (model: Model): Changed[] =>
  computesOf(model)
    .filter((phone) => !answers(model, phone))
    .map((phone) => withUnclean({ phone, after: withoutNode(model, phone) }));

function withUnclean({ phone, after }: { phone: Phone; after: Model }): Changed {
  return { phone, after: { ...after, unclean: [...after.unclean, phone] } };
}

const answering = (model: Model) => keysOf(model.nodes).filter((phone) => answers(model, phone));

function setLabel(model: Model): Changed[] {
  return answering(model).flatMap((phone) =>
    ROOMS.filter((room) => model.nodes[phone]?.labels.room !== room).map((room) => ({
      phone,
      after: withNode(model, phone, { labels: { room } }),
    })),
  );
}

const removeLabel = (model: Model): Changed[] =>
  answering(model)
    .filter((phone) => model.nodes[phone]?.labels.room !== undefined)
    .map((phone) => ({ phone, after: withNode(model, phone, { labels: {} }) }));

function drain(model: Model): Changed[] {
  const working = workingPhones(model);
  if (working.length < 2) return [];
  return working.map((phone) => ({
    phone,
    after: withNode(model, phone, { availability: "drain" }),
  }));
}

const activate = (model: Model): Changed[] =>
  answering(model)
    .filter((phone) => model.nodes[phone]?.availability === "drain")
    .map((phone) => ({ phone, after: withNode(model, phone, { availability: "active" }) }));

const declareOff = (model: Model): Changed[] =>
  sparesOf(model).map((phone) => ({
    phone,
    after: model,
    refused: {
      declared: withNode(model, phone, {}),
      words: `cloudlet:nodes.${phone}.address: expected a phone that answers`,
    },
  }));

function pairs<Item>(items: readonly Item[]): [Item, Item][] {
  return items.flatMap((one, index) =>
    items.slice(index + 1).map((other): [Item, Item] => [one, other]),
  );
}
