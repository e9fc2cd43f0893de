import Table from "cli-table3";

/** A table for the terminal, without colours. */
export function table(head: string[]) {
  return new Table({ head, style: { head: [], border: [] } });
}

/** How many times as long. */
export function ratio(value = 0, base = 0): string {
  return (value / base).toFixed(2);
}

/** The one in the middle, of an odd number. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? NaN;
}
