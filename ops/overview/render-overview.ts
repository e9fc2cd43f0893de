import { networkClass, styleSheet, type ColourScheme } from "./colours";
import type { Overview } from "./model";
import { renderHeader, renderPhones } from "./phones";
import { renderStack, stackHeight } from "./stacks";
import { element, textLine } from "./svg";
import { layOut, MARGIN, type Layout } from "./layout";

const GAP_BETWEEN_STACKS = 14;
const LEGEND_LINE = 20;

/** Draws a cloudlet: phones as columns, stacks as bands across them. The same model gives the same text. */
export function renderOverview(overview: Overview, scheme: ColourScheme): string {
  const heights = overview.stacks.map((stack) => stackHeight(stack) + GAP_BETWEEN_STACKS);
  const layout = layOut(
    overview,
    heights.reduce((sum, height) => sum + height, 0),
  );
  const tops = heights.map((_, index) =>
    heights.slice(0, index).reduce((sum, height) => sum + height, layout.bandsTop),
  );
  const { width, height } = layout;
  const children = [
    element("title", {}, [`cloudlet, as ${named(overview)}`]),
    element("style", {}, [`\n${styleSheet(scheme)}\n`]),
    element("rect", { width, height, class: "page" }),
    ...renderHeader(overview, layout),
    ...renderPhones(overview, layout),
    ...overview.stacks.flatMap((stack, index) => renderStack(stack, tops[index] ?? 0, layout)),
    ...renderLegend(overview, layout),
  ];
  const root = {
    xmlns: "http://www.w3.org/2000/svg",
    viewBox: `0 0 ${width} ${height}`,
    width,
    height,
    role: "img",
  };
  return `${element("svg", root, [`\n${children.join("\n")}\n`])}\n`;
}

const named = ({ declaredIn, look }: Overview): string =>
  look === undefined ? `${declaredIn} declares it` : `it is, ${look.at}`;

function renderLegend({ look }: Overview, { legendTop, width }: Layout): string[] {
  const bar = { width: 30, height: 12, rx: 6, dy: -10 };
  const line = { width: 30, height: 2, rx: 0, dy: -5 };
  const network = {
    ...line,
    class: networkClass(0),
    text: "a network, and a dot in everything that is on it",
  };
  const runs = look === undefined ? "runs" : "should run";
  const asDeclared = [
    { ...bar, class: "task", text: `${runs} here: pinned to this phone, or on every phone` },
    { ...bar, class: "free", text: `${runs} on one or more of these phones: Swarm chooses` },
  ];
  const asItIs = [
    { ...bar, class: "task", text: "runs here; 2x: two tasks of it" },
    { ...bar, class: "free", text: "may run here, too" },
    { ...bar, class: "nowhere", text: "should run here, and does not" },
  ];
  const isKnown = look !== undefined && !look.blind;
  const marks = [...(isKnown ? asItIs : asDeclared), network];
  const undeclared = look?.undeclared ?? [];
  const y = legendTop + marks.length * LEGEND_LINE;
  const text = `also running, in no stack file: ${undeclared.join(", ")}`;
  const room = { x: MARGIN, y, width: width - 2 * MARGIN };
  return [
    ...renderMarks(marks, { legendTop, width }),
    ...(undeclared.length === 0 ? [] : [textLine(text, room, { class: "bad", size: 12 })]),
  ];
}

interface Mark {
  readonly width: number;
  readonly height: number;
  readonly rx: number;
  readonly dy: number;
  readonly class: string;
  readonly text: string;
}

function renderMarks(
  marks: readonly Mark[],
  { legendTop, width }: Pick<Layout, "legendTop" | "width">,
): string[] {
  return marks.flatMap(({ text, dy, ...mark }, index) => {
    const y = legendTop + index * LEGEND_LINE;
    const room = { x: MARGIN + 40, y, width: width - 2 * MARGIN - 40 };
    return [
      element("rect", { x: MARGIN, y: y + dy, ...mark }),
      textLine(text, room, { class: "soft", size: 12 }),
    ];
  });
}
