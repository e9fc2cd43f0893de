import {
  answers,
  computesOf,
  keepsMajority,
  keysOf,
  mastersOf,
  without,
  workingPhones,
  type Model,
  type Phone,
  type Silence,
  type Stack,
} from "./model";
import type { FAULTS, OWN_KERNEL_FAULTS, Step } from "./step";

type Fault = Exclude<(typeof FAULTS | typeof OWN_KERNEL_FAULTS)[number], "bring back">;

/** Every fault that the majority of the masters survives now, by its kind; some happen only where each phone has a kernel of its own. */
export function faultChoices(
  model: Model,
  ownKernels: boolean,
): Readonly<Record<Fault, readonly Step[]>> {
  const { silent } = model;
  const there = keysOf(model.nodes).filter((phone) => answers(model, phone));
  const dispensable = there.filter((phone) => canLose(model, phone));
  const on = (kind: Fault, phones: readonly Phone[]): Step[] =>
    phones.map((phone) => ({ kind, phone, after: model }));
  const to = (kind: Fault, stacks: readonly Stack[]): Step[] =>
    stacks.map((stack) => ({ kind, stack, after: model }));
  // One at a time, and one other phone at least goes on with the work.
  const silenced = (kind: Fault, silence: Silence): Step[] =>
    (keysOf(silent).length > 0 ? [] : dispensable)
      .map((phone) => ({ kind, phone, after: { ...model, silent: { [phone]: silence } } }))
      .filter(({ after }) => workingPhones(after).length > 0);
  const replicated = keysOf(model.stacks).filter((stack) => stack !== "everywhere");
  return {
    "power off": silenced("power off", "off"),
    unplug: silenced("unplug", "unplugged"),
    freeze: silenced("freeze", "frozen"),
    reboot: on("reboot", dispensable),
    "stop Docker": on("stop Docker", dispensable),
    "disable Docker": on("disable Docker", there),
    "leave the swarm by hand": on("leave the swarm by hand", dispensable),
    wipe: on("wipe", dispensable),
    "reflash with Docker": on("reflash with Docker", dispensable),
    "close the firewall": on("close the firewall", dispensable),
    "label by hand": on("label by hand", there),
    "drain by hand": on("drain by hand", workingPhones(model)),
    "change the role by hand": on("change the role by hand", changeableRoles(model)),
    "remove a service by hand": to("remove a service by hand", keysOf(model.stacks)),
    "change a variable by hand": to("change a variable by hand", keysOf(model.stacks)),
    "scale by hand": to("scale by hand", replicated),
    "set the clock back": on("set the clock back", ownKernels ? there : []),
    "fill the disk for a while": on("fill the disk for a while", ownKernels ? dispensable : []),
  };
}

/** The phones that may answer again. */
export function returns(model: Model): Readonly<Record<"bring back", readonly Step[]>> {
  const { silent } = model;
  return {
    "bring back": keysOf(silent).map((phone) => ({
      kind: "bring back",
      phone,
      after: { ...model, silent: without(silent, phone) },
    })),
  };
}

/** Whether the swarm keeps its majority, and somebody a copy of the tasks' place, when a phone is gone for a while. */
export function canLose(model: Model, phone: Phone): boolean {
  return keepsMajority(model, phone) && mastersOf(model).some((master) => master !== phone);
}

// A master more or less in between has to leave a majority too.
function changeableRoles(model: Model): Phone[] {
  if (keysOf(model.silent).length > 0) return [];
  const masters = mastersOf(model);
  return [...computesOf(model), ...(masters.length >= 3 ? masters : [])];
}
