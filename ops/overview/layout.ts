import type { Overview } from "./model";

/** All lengths are pixels. */
export const MARGIN = 24;
/** Stack and network names stand left of the phones, published ports right of them. */
const LEFT = 200;
const RIGHT = 190;
/** Fits an IPv4 address of fifteen letters. */
const PHONE = 118;
const GAP = 14;
const LEAST_WIDTH = 640;
const PHONES_TOP = 110;
/** What a look found has a line of its own above the phones, and these below them. */
const LOOK_LINE = 20;
const LEGEND = 86;
const HEADER = 96;
const HEADER_LINE = 15;

/** Where everything stands. */
export interface Layout {
  readonly width: number;
  readonly height: number;
  readonly left: { readonly x: number; readonly width: number };
  readonly right: { readonly x: number; readonly width: number };
  /** The phones' bodies, from left to right. */
  readonly columns: readonly { readonly x: number; readonly width: number }[];
  readonly phonesTop: number;
  readonly phonesBottom: number;
  readonly bandsTop: number;
  readonly legendTop: number;
}

/** Settles the columns for the phones and the rows for what is in them; `bandsHeight` is all stacks' together. */
export function layOut(overview: Overview, bandsHeight: number): Layout {
  const { phones, look } = overview;
  const phonesLeft = MARGIN + LEFT;
  const phonesTop = PHONES_TOP + (look === undefined ? 0 : LOOK_LINE);
  const extraLines = phoneLines(overview);
  const bandsTop = phonesTop + HEADER + extraLines * HEADER_LINE;
  const phonesBottom = bandsTop + bandsHeight + 26;
  const rightEdge = phonesLeft + phones.length * (PHONE + GAP);
  return {
    width: Math.max(rightEdge + RIGHT + MARGIN, LEAST_WIDTH),
    height: phonesBottom + LEGEND + extraLegend(overview) * LOOK_LINE,
    left: { x: MARGIN, width: LEFT },
    right: { x: rightEdge, width: RIGHT },
    columns: phones.map((_, index) => ({
      x: phonesLeft + index * (PHONE + GAP) + GAP / 2,
      width: PHONE,
    })),
    phonesTop,
    phonesBottom,
    bandsTop,
    legendTop: phonesBottom + 30,
  };
}

/** How many lines each phone has below its platform. */
function phoneLines({ phones, simulated, look }: Overview): number {
  const hasReasons = phones.some(({ living }) => (living?.reason ?? "") !== "");
  return [simulated, look !== undefined, hasReasons].filter(Boolean).length;
}

function extraLegend({ look }: Overview): number {
  if (look === undefined || look.blind) return 0;
  return look.undeclared.length > 0 ? 2 : 1;
}
