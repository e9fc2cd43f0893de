/** Leaves out what Go's `omitempty` leaves out of JSON: nothing, "", 0, false and empty lists. */
export function omitEmpty<T extends object>(fields: T): T {
  return omit(fields, (value) => {
    const isEmptyList = Array.isArray(value) && value.length === 0;
    return value === undefined || value === "" || value === 0 || value === false || isEmptyList;
  });
}

/** Leaves out only what is not there, where an explicit 0 means something. */
export function omitUndefined<T extends object>(fields: T): T {
  return omit(fields, (value) => value === undefined);
}

function omit<T extends object>(fields: T, isLeftOut: (value: unknown) => boolean): T {
  const kept = { ...fields };
  for (const key of Object.keys(kept)) {
    if (isLeftOut(Reflect.get(kept, key))) Reflect.deleteProperty(kept, key);
  }
  return kept;
}

/** Pairs as an object; as own keys, so that a name such as `__proto__` is like any other. */
export function toRecord<T>(pairs: Iterable<readonly [string, T]>): Record<string, T> {
  return Object.fromEntries(pairs);
}

/** Compares as Go sorts strings: by their UTF-8 bytes. */
export function byBytes(left: string, right: string): number {
  return Buffer.compare(Buffer.from(left), Buffer.from(right));
}
