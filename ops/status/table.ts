import Table from "cli-table3";

/** What stands between two columns. */
const GAP = 2;
const noBorders = {
  ...{ top: "", "top-mid": "", "top-left": "", "top-right": "" },
  ...{ bottom: "", "bottom-mid": "", "bottom-left": "", "bottom-right": "" },
  ...{ left: "", "left-mid": "", mid: "", "mid-mid": "", right: "", "right-mid": "" },
  middle: " ".repeat(GAP),
};

/** A column: its name, and what stands in it for each row. */
export interface Column {
  readonly head: string;
  readonly cells: readonly string[];
  /** Gives way where there is too little room: it is wrapped, down to so many characters. */
  readonly atLeast?: number;
}

/**
 * Columns as lines without borders. Those for which there is no room go into further blocks below, which repeat the first column;
 * columns without any content are left out, and rows where a further block has none.
 */
export function tableLines(columns: readonly Column[], width: number): string[] {
  const [key, ...others] = columns.filter(({ cells }) => cells.some((cell) => cell !== ""));
  if (key === undefined) return [];
  const blocks: Column[][] = [];
  for (const column of others) {
    const block = blocks.at(-1);
    if (block !== undefined && hasRoom(block, column, width)) block.push(column);
    else blocks.push([key, column]);
  }
  const [first = [key], ...further] = blocks;
  return [first, ...further.map(withoutEmptyRows)].flatMap((block, index) => [
    ...(index === 0 ? [] : [""]),
    ...blockLines(block, width),
  ]);
}

function hasRoom(block: readonly Column[], column: Column, width: number): boolean {
  const all = [...block, column];
  if (sum(all.map(ownWidth)) + gaps(all) <= width) return true;
  return column.atLeast !== undefined && sum(all.map(leastWidth)) + gaps(all) <= width;
}

function withoutEmptyRows(columns: readonly Column[]): Column[] {
  const isFull = (row: number) => columns.slice(1).some(({ cells }) => (cells[row] ?? "") !== "");
  return columns.map((column) => ({
    ...column,
    cells: column.cells.filter((_, row) => isFull(row)),
  }));
}

function blockLines(columns: readonly Column[], width: number): string[] {
  const table = new Table({
    head: columns.map(({ head }) => head),
    colWidths: widthsWithin(columns, width),
    wordWrap: true,
    chars: noBorders,
    style: { head: [], border: [], "padding-left": 0, "padding-right": 0 },
  });
  for (const row of columns[0]?.cells.keys() ?? [])
    table.push(columns.map(({ cells }) => cells[row] ?? ""));
  const lines = table.toString().split("\n");
  return lines.map((line) => line.trimEnd());
}

// The last columns give way first: what tells rows apart stands before them.
function widthsWithin(columns: readonly Column[], width: number): number[] {
  let excess = sum(columns.map(ownWidth)) + gaps(columns) - width;
  const widths = [...columns].reverse().map((column) => {
    const cut = Math.max(0, Math.min(excess, ownWidth(column) - leastWidth(column)));
    excess -= cut;
    return ownWidth(column) - cut;
  });
  return widths.reverse();
}

const ownWidth = ({ head, cells }: Column) =>
  Math.max(...[head, ...cells].map(({ length }) => length));
const leastWidth = (column: Column) =>
  Math.min(ownWidth(column), Math.max(column.atLeast ?? Infinity, column.head.length));
const gaps = (columns: readonly Column[]) => (columns.length - 1) * GAP;
const sum = (numbers: readonly number[]) => numbers.reduce((total, each) => total + each, 0);
