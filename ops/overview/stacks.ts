import { networkClass } from "./colours";
import type { Layout } from "./layout";
import type { OverviewService, OverviewStack } from "./model";
import { element, textLine } from "./svg";

const TITLE_ROW = 30;
const NETWORK_ROW = 20;
const SERVICE_ROW = 27;
const BAR = 20;
const PADDING = 6;

/** How high a stack's band is. */
export function stackHeight({ networks, services }: OverviewStack): number {
  return TITLE_ROW + networks.length * NETWORK_ROW + services.length * SERVICE_ROW + PADDING;
}

/** A stack as a band across all phones: its networks as lines, its services as bars where they may run. */
export function renderStack(stack: OverviewStack, top: number, layout: Layout): string[] {
  const { left, right } = layout;
  const servicesTop = top + TITLE_ROW + stack.networks.length * NETWORK_ROW;
  const band = {
    x: left.x - 10,
    y: top,
    width: right.x + right.width - left.x + 20,
    height: stackHeight(stack),
    rx: 8,
    class: "band",
  };
  const room = { x: left.x, y: top + 20, width: left.width - 12 };
  return [
    element("rect", band),
    textLine(`stack ${stack.name}`, room, { class: "ink", size: 14, weight: 700 }),
    ...stack.networks.flatMap((name, index) =>
      renderNetwork(name, index, { y: top + TITLE_ROW + index * NETWORK_ROW, layout }),
    ),
    ...stack.services.flatMap((service, index) =>
      renderService(service, servicesTop + index * SERVICE_ROW, layout),
    ),
  ];
}

function renderNetwork(
  name: string,
  index: number,
  { y, layout: { left, columns } }: { y: number; layout: Layout },
): string[] {
  const middle = y + NETWORK_ROW / 2 - 2;
  const centres = columns.map(({ x, width }) => x + width / 2);
  const start = (columns[0]?.x ?? 0) - 4;
  const end = columns.at(-1);
  return [
    textLine(
      `network ${name}`,
      { x: left.x, y: middle + 4, width: left.width - 12 },
      { class: networkClass(index), size: 12 },
    ),
    element("rect", {
      x: start,
      y: middle - 1,
      width: (end === undefined ? start : end.x + end.width + 4) - start,
      height: 2,
      class: networkClass(index),
    }),
    ...centres.map((cx) => element("circle", { cx, cy: middle, r: 4, class: networkClass(index) })),
  ];
}

function renderService(service: OverviewService, y: number, layout: Layout): string[] {
  const { left, right } = layout;
  const baseline = y + 14;
  const ports = { x: right.x + 10, y: baseline, width: right.width - 10 };
  const lacks = lacksTasks(service);
  return [
    textLine(
      amountOf(service),
      { x: left.x + left.width - 12, y: baseline, width: left.width - 12 },
      { class: lacks ? "bad" : "soft", size: 12, anchor: "end", ...(lacks && { weight: 700 }) },
    ),
    ...barsOf(service, layout).flatMap((bar) => renderBar(service, bar, y)),
    ...(service.ports === ""
      ? []
      : [textLine(service.ports, ports, { class: "ink", size: 11, font: "mono" })]),
  ];
}

/** Whether a service is known to run fewer tasks than it should. */
export function lacksTasks({ living }: OverviewService): boolean {
  return living !== undefined && living.running < living.wanted;
}

function amountOf(service: OverviewService): string {
  const { amount, living } = service;
  if (living === undefined) return amount;
  const { running, wanted, isJob } = living;
  const few = lacksTasks(service) ? "only " : "";
  return `${few}${running} of ${wanted} ${isJob ? "done or running" : "running"}`;
}

interface Bar {
  readonly x: number;
  readonly width: number;
  readonly class: "task" | "free" | "nowhere";
  /** Empty where another bar of the service says it. */
  readonly text: string;
}

function barsOf(service: OverviewService, layout: Layout): Bar[] {
  const { name, living } = service;
  const declared = declaredBars(service, layout);
  if (living === undefined) return declared;
  const tasks = living.on.flatMap((count, index): Bar[] =>
    count === 0
      ? []
      : [
          barOver(index, index, layout, {
            class: "task",
            text: count === 1 ? name : `${count}x ${name}`,
          }),
        ],
  );
  if (tasks.length > 0) {
    // One for each phone has none to go elsewhere.
    const free = service.everywhere
      ? living.mayGoTo.map((may, index) => may && living.on[index] === 0)
      : living.mayGoTo;
    return [...runsOf(free, layout, { class: "free", text: "" }), ...tasks];
  }
  if (!service.phones.includes(true)) return declared;
  // None is wanted, or a job is done.
  if (!lacksTasks(service)) return runsOf(service.phones, layout, { class: "free", text: name });
  return runsOf(service.phones, layout, { class: "nowhere", text: `no ${name}` });
}

function declaredBars({ name, phones, everywhere }: OverviewService, layout: Layout): Bar[] {
  const fitting = phones.flatMap((fits, index) => (fits ? [index] : []));
  const last = layout.columns.length - 1;
  if (fitting.length === 0)
    return [barOver(0, last, layout, { class: "nowhere", text: `${name}: fits no phone` })];
  if (everywhere || fitting.length === 1)
    return fitting.map((index) => barOver(index, index, layout, { class: "task", text: name }));
  return runsOf(phones, layout, { class: "free", text: name });
}

/** A bar over each row of neighbours that fit. */
function runsOf(
  fits: readonly boolean[],
  layout: Layout,
  style: Pick<Bar, "class" | "text">,
): Bar[] {
  const fitting = fits.flatMap((one, index) => (one ? [index] : []));
  const starts = fitting.filter((index) => fits[index - 1] !== true);
  const ends = fitting.filter((index) => fits[index + 1] !== true);
  return starts.map((start, index) => barOver(start, ends[index] ?? start, layout, style));
}

function barOver(
  first: number,
  last: number,
  { columns }: Layout,
  style: Pick<Bar, "class" | "text">,
): Bar {
  const [from, to] = [columns[first], columns[last]];
  if (from === undefined || to === undefined) return { x: 0, width: 0, ...style };
  return { x: from.x + 6, width: to.x + to.width - from.x - 12, ...style };
}

function renderBar(service: OverviewService, bar: Bar, y: number): string[] {
  const { x, width } = bar;
  const body = element("rect", { x, y, width, height: BAR, rx: BAR / 2, class: bar.class });
  if (bar.text === "") return [body];
  const dots = service.networks.map((network, index) =>
    element("circle", {
      cx: x + 12 + index * 10,
      cy: y + BAR / 2,
      r: 3,
      class: networkClass(network),
    }),
  );
  const textX = x + 10 + dots.length * 10;
  return [
    body,
    ...dots,
    textLine(
      bar.text,
      { x: textX, y: y + 14, width: x + width - 8 - textX },
      { class: bar.class === "nowhere" ? "bad" : "ink", size: 11, font: "mono" },
    ),
  ];
}
