import { MARGIN, type Layout } from "./overview-layout";
import type { Overview, OverviewPhone } from "./overview-model";
import { element, textLine } from "./overview-svg";

const BUS_Y = 92;

/** The title, and the operator's machine with its SSH connections. */
export function renderHeader(overview: Overview, layout: Layout): string[] {
  const room = { x: MARGIN, width: layout.width - 2 * MARGIN };
  const title = overview.simulated ? "cloudlet of SIMULATED phones" : "cloudlet";
  return [
    textLine(title, { ...room, y: 36 }, { class: "ink", size: 18, weight: 700 }),
    textLine(describe(overview), { ...room, y: 58 }, { class: "soft", size: 12 }),
    ...renderOperator(layout),
    ...renderConnections(layout),
  ];
}

function describe({ phones, declaredIn }: Overview): string {
  const masters = phones.filter(({ role }) => role === "master").length;
  const may = Math.ceil(masters / 2) - 1;
  const survives = may === 0 ? "it must not fail" : `${may} may fail`;
  const computes = phones.length - masters;
  const parts = [
    `${masters} ${masters === 1 ? "master" : "masters"} (${survives})`,
    ...(computes === 0 ? [] : [`${computes} ${computes === 1 ? "compute" : "computes"}`]),
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

function renderConnections({ left, columns, phonesTop }: Layout): string[] {
  const from = left.x + (left.width - 40) / 2;
  const centres = columns.map(({ x, width }) => x + width / 2);
  const to = centres.at(-1) ?? from;
  const path = [`M ${from} ${phonesTop + 6} V ${BUS_Y} H ${to}`];
  const tip = phonesTop - 1;
  return [
    textLine(
      "SSH, host keys pinned",
      { x: from + 8, y: BUS_Y - 7, width: 200 },
      { class: "soft", size: 12 },
    ),
    element("path", {
      d: [...path, ...centres.map((x) => `M ${x} ${BUS_Y} V ${tip}`)].join(" "),
      class: "line",
    }),
    ...centres.map((x) =>
      element("path", { d: `M ${x - 4} ${tip - 7} H ${x + 4} L ${x} ${tip} Z`, class: "arrow" }),
    ),
  ];
}

/** Every phone, from its loudspeaker to its button, with what it is; the stacks are drawn over it. */
export function renderPhones({ phones, simulated }: Overview, layout: Layout): string[] {
  const someoneLeads = phones.some(({ leader }) => leader);
  return phones.flatMap((phone, index) => {
    const column = layout.columns[index];
    if (column === undefined) return [];
    const notes = [
      simulated ? ["simulated"] : [],
      someoneLeads ? [phone.leader ? "leader now" : ""] : [],
    ].flat();
    return renderPhone(phone, notes, { ...column, layout });
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
  const pill = { x: x + 6, y: top + 38, width: width - 12, height: 18, rx: 9 };
  return [
    element("rect", { x, y: top, width, height: bottom - top, rx: 14, class: "phone" }),
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
      .map((text, index) => ({ text, y: top + 72 + 15 * index }))
      .filter(({ text }) => text !== "")
      .map(({ text, y }) => textLine(text, { ...room, y }, { ...small, font: "mono" })),
    element("circle", { cx: centre, cy: bottom - 13, r: 6, class: "line" }),
  ];
}
