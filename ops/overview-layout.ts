import type { Overview } from "./overview-model";

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
export function layOut({ phones, simulated }: Overview, bandsHeight: number): Layout {
  const phonesLeft = MARGIN + LEFT;
  const extraLines = [simulated, phones.some(({ leader }) => leader)].filter(Boolean).length;
  const bandsTop = PHONES_TOP + HEADER + extraLines * HEADER_LINE;
  const phonesBottom = bandsTop + bandsHeight + 26;
  const rightEdge = phonesLeft + phones.length * (PHONE + GAP);
  return {
    width: Math.max(rightEdge + RIGHT + MARGIN, LEAST_WIDTH),
    height: phonesBottom + 86,
    left: { x: MARGIN, width: LEFT },
    right: { x: rightEdge, width: RIGHT },
    columns: phones.map((_, index) => ({
      x: phonesLeft + index * (PHONE + GAP) + GAP / 2,
      width: PHONE,
    })),
    phonesTop: PHONES_TOP,
    phonesBottom,
    bandsTop,
    legendTop: phonesBottom + 30,
  };
}
