import { MARGIN, type Layout } from "./layout";
import { count } from "../status/text";
import type { LivingPhone } from "./living";
import type { Overview, OverviewPhone } from "./model";
import { lacksTasks } from "./stacks";
import { element, textLine } from "./svg";

const BUS_ABOVE_PHONES = 18;

/** Between two lines of what a phone is. */
const LINE = 15;

/** The title, and the operator's machine with its SSH connections. */
export function renderHeader(overview: Overview, layout: Layout): string[] {
  const room = { x: MARGIN, width: layout.width - 2 * MARGIN };
  const title = overview.simulated ? "cloudlet of SIMULATED phones" : "cloudlet";
  return [
    textLine(title, { ...room, y: 36 }, { class: "ink", size: 18, weight: 700 }),
    textLine(describe(overview), { ...room, y: 58 }, { class: "soft", size: 12 }),
    ...renderLook(overview, layout),
    ...renderOperator(layout),
    ...renderConnections(overview, layout),
  ];
}

function renderLook({ look, phones, stacks }: Overview, { width }: Layout): string[] {
  if (look === undefined) return [];
  const down = phones.filter(({ living }) => living?.isDown).length;
  const strangers = phones.filter(({ declared }) => !declared).length;
  const services = stacks.flatMap((stack) => stack.services);
  const lacking = services.filter((service) => lacksTasks(service)).length;
  const troubles = [
    down > 0 ? `${down} of ${count(phones.length, "phone")} down` : [],
    lacking > 0 ? `${count(lacking, "service")} with too few tasks` : [],
    strangers > 0 ? `${strangers} not declared` : [],
    look.blind ? "no master answers, so where services run is not known" : [],
  ].flat();
  const said = troubles.length > 0 ? troubles.join(", ") : "no phone is down, every service runs";
  const style = { class: troubles.length > 0 ? "bad" : "soft", size: 12 };
  const room = { x: MARGIN, y: 76, width: width - 2 * MARGIN };
  return [textLine(`as it is, ${look.at}: ${said}`, room, style)];
}

function describe({ phones: all, declaredIn }: Overview): string {
  const phones = all.filter(({ declared }) => declared);
  const masters = phones.filter(({ role }) => role === "master").length;
  const may = Math.ceil(masters / 2) - 1;
  const survives = may === 0 ? "it must not fail" : `${may} may fail`;
  const computes = phones.length - masters;
  const parts = [
    `${count(masters, "master")} (${survives})`,
    ...(computes === 0 ? [] : [count(computes, "compute")]),
  ];
  return `one Docker Swarm: ${parts.join(" and ")}, as ${declaredIn} declares it`;
}

function renderOperator({ left, phonesTop }: Layout): string[] {
  const { x } = left;
  const y = phonesTop + 6;
  const width = left.width - 40;
  const room = { x: x + 12, width: width - 24 };
  return [
    element("rect", { x, y, width, height: 54, rx: 6, class: "machine" }),
    element("rect", { x: x - 6, y: y + 54, width: width + 12, height: 7, rx: 3, class: "machine" }),
    textLine("your machine", { ...room, y: y + 22 }, { class: "ink", size: 13, weight: 700 }),
    textLine("pulumi up", { ...room, y: y + 42 }, { class: "soft", size: 12, font: "mono" }),
  ];
}

function renderConnections({ phones }: Overview, { left, columns, phonesTop }: Layout): string[] {
  const busY = phonesTop - BUS_ABOVE_PHONES;
  const from = left.x + (left.width - 40) / 2;
  // No arrow ends at a phone that is off, or that the settings do not say how to reach.
  const centres = columns
    .filter((_, index) => phones[index]?.declared && phones[index].living?.isDown !== true)
    .map(({ x, width }) => x + width / 2);
  const to = centres.at(-1) ?? from;
  const path = [`M ${from} ${phonesTop + 6} V ${busY} H ${to}`];
  const tip = phonesTop - 1;
  return [
    textLine(
      "SSH, host keys pinned",
      { x: from + 8, y: busY - 7, width: 200 },
      { class: "soft", size: 12 },
    ),
    element("path", {
      d: [...path, ...centres.map((x) => `M ${x} ${busY} V ${tip}`)].join(" "),
      class: "line",
    }),
    ...centres.map((x) =>
      element("path", { d: `M ${x - 4} ${tip - 7} H ${x + 4} L ${x} ${tip} Z`, class: "arrow" }),
    ),
  ];
}

/** Every phone, from its loudspeaker to its button, with what it is; the stacks are drawn over it. */
export function renderPhones({ phones, simulated }: Overview, layout: Layout): string[] {
  return phones.flatMap((phone, index) => {
    const column = layout.columns[index];
    const notes = simulated ? [phone.declared ? "simulated" : ""] : [];
    return column === undefined ? [] : renderPhone(phone, notes, { ...column, layout });
  });
}

interface PhonePlace {
  readonly x: number;
  readonly width: number;
  readonly layout: Layout;
}

function renderPhone(
  phone: OverviewPhone,
  notes: readonly string[],
  { x, width, layout: { phonesTop: top, phonesBottom: bottom } }: PhonePlace,
): string[] {
  const centre = x + width / 2;
  const isMaster = phone.role === "master";
  const room = { x: centre, width: width - 12 };
  const small = { class: "soft", size: 11, anchor: "middle" } as const;
  const lines = [phone.address, phone.platform, ...notes];
  const isDown = phone.living?.isDown === true;
  const linesTop = top + 72;
  const pill = { x: x + 6, y: top + 38, width: width - 12, height: 18, rx: 9 };
  return [
    element("rect", {
      x,
      y: top,
      width,
      height: bottom - top,
      rx: 14,
      class: isDown ? "phone gone" : "phone",
    }),
    element("path", { d: `M ${centre - 12} ${top + 9} H ${centre + 12}`, class: "line" }),
    textLine(
      phone.key,
      { ...room, y: top + 30 },
      { class: "ink", size: 13, weight: 700, anchor: "middle" },
    ),
    element("rect", { ...pill, class: phone.role }),
    textLine(
      phone.job,
      { ...room, width: pill.width - 6, y: top + 51 },
      { ...small, class: isMaster ? "on-master" : "ink" },
    ),
    ...lines
      .map((text, index) => ({ text, y: linesTop + LINE * index }))
      .filter(({ text }) => text !== "")
      .map(({ text, y }) => textLine(text, { ...room, y }, { ...small, font: "mono" })),
    ...renderState(phone.living, { x: centre, y: linesTop + LINE * lines.length, width }),
    element("circle", { cx: centre, cy: bottom - 13, r: 6, class: "line" }),
  ];
}

const HARMLESS: readonly string[] = ["ready", "leader now", "drained", "paused"];

/** How a phone is, and below it why; a phone that is down shows it without any colour too. */
function renderState(
  living: LivingPhone | undefined,
  { x, y, width }: { x: number; y: number; width: number },
): string[] {
  if (living === undefined) return [];
  const { word, reason, isDown } = living;
  const room = { x, y, width: width - 8 };
  const style = { class: "ink", size: 11, anchor: "middle", font: "mono" } as const;
  const pill = { x: x - 26, y: y - 11, width: 52, height: 15, rx: 3, class: "down" };
  return [
    ...(isDown ? [element("rect", pill)] : []),
    textLine(word, room, {
      ...style,
      class: isDown ? "on-down" : HARMLESS.includes(word) ? "ink" : "bad",
      ...(word === "ready" ? {} : { weight: 700 }),
    }),
    ...(reason === ""
      ? []
      : [textLine(reason, { ...room, y: y + LINE }, { ...style, class: "bad" })]),
  ];
}
