import * as fc from "fast-check";

/** Random choices that a seed decides. */
export interface Random {
  /** A whole number from 0 to `limit` - 1. */
  below(limit: number): number;
  /** One of several; there has to be one. */
  pick<Item>(items: readonly Item[]): Item;
  /** True once in `times`. */
  onceIn(times: number): boolean;
}

const LIMIT = 2 ** 31;

/** The same seed makes the same choices. */
export function randomOf(seed: number): Random {
  const numbers = fc.noBias(fc.infiniteStream(fc.nat({ max: LIMIT - 1 })));
  const [stream] = fc.sample(numbers, { seed, numRuns: 1 });
  const next = () => Number(stream?.next().value);
  const below = (limit: number) => Math.floor((next() / LIMIT) * limit);
  return {
    below,
    pick: (items) => {
      const [item] = items.slice(below(items.length));
      if (item === undefined) throw new Error("expected something to pick from, got nothing");
      return item;
    },
    onceIn: (times) => below(times) === 0,
  };
}
