import { networkClass } from "./overview-colours";
import type { Layout } from "./overview-layout";
import type { OverviewService, OverviewStack } from "./overview-model";
import { element, textLine } from "./overview-svg";

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
  return [
    textLine(
      service.amount,
      { x: left.x + left.width - 12, y: baseline, width: left.width - 12 },
      { class: "soft", size: 12, anchor: "end" },
    ),
    ...barsOf(service, layout).flatMap((bar) => renderBar(service, bar, y)),
    ...(service.ports === ""
      ? []
      : [textLine(service.ports, ports, { class: "ink", size: 11, font: "mono" })]),
  ];
}

interface Bar {
  readonly x: number;
  readonly width: number;
  readonly class: "task" | "free" | "nowhere";
}

function barsOf({ phones, everywhere }: OverviewService, { columns }: Layout): Bar[] {
  const over = (first: number, last: number): { x: number; width: number } => {
    const [from, to] = [columns[first], columns[last]];
    if (from === undefined || to === undefined) return { x: 0, width: 0 };
    return { x: from.x + 6, width: to.x + to.width - from.x - 12 };
  };
  const fitting = phones.flatMap((fits, index) => (fits ? [index] : []));
  if (fitting.length === 0) return [{ ...over(0, columns.length - 1), class: "nowhere" }];
  if (everywhere || fitting.length === 1)
    return fitting.map((index) => ({ ...over(index, index), class: "task" }));
  const starts = fitting.filter((index) => phones[index - 1] !== true);
  const ends = fitting.filter((index) => phones[index + 1] !== true);
  return starts.map((start, index) => ({ ...over(start, ends[index] ?? start), class: "free" }));
}

function renderBar(service: OverviewService, bar: Bar, y: number): string[] {
  const { x, width } = bar;
  const dots = service.networks.map((network, index) =>
    element("circle", {
      cx: x + 12 + index * 10,
      cy: y + BAR / 2,
      r: 3,
      class: networkClass(network),
    }),
  );
  const textX = x + 10 + dots.length * 10;
  const name = bar.class === "nowhere" ? `${service.name}: fits no phone` : service.name;
  return [
    element("rect", { x, y, width, height: BAR, rx: BAR / 2, class: bar.class }),
    ...dots,
    textLine(
      name,
      { x: textX, y: y + 14, width: x + width - 8 - textX },
      { class: bar.class === "nowhere" ? "bad" : "ink", size: 11, font: "mono" },
    ),
  ];
}
