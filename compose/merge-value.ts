import type { Pairs } from "./compose-config";

/** The later value unless it is empty, or the earlier one is not there at all. */
export function mergeValue<T>(base: T | undefined, over: T | undefined): T | undefined {
  return base === undefined ? over : over || base;
}

/** Lists are appended to each other. */
export function append<T>(base: T[] | undefined, over: T[] | undefined): T[] | undefined {
  return base && over ? [...base, ...over] : (base ?? over);
}

/** Labels and options are merged by name. */
export function mergePairs(base: Pairs | undefined, over: Pairs | undefined): Pairs | undefined {
  return base && over ? new Map([...base, ...over]) : (base ?? over);
}
