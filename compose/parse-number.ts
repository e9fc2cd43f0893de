const decimal = /^[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?$/;
const hexadecimal = /^([-+]?)0[xX]([0-9a-fA-F]*)\.?([0-9a-fA-F]*)[pP]([-+]?[0-9]+)$/;

// An underscore must stand between digits.
const decimalUnderscores = /^(?:[^_]|(?<=[0-9])_(?=[0-9]))*$/s;
const hexadecimalUnderscores = /^(?:[^_]|(?<=[0-9a-fx])_(?=[0-9a-f]))*$/is;

/** Go's strconv.Atoi: decimal digits with an optional sign, in 64 bits. */
export function parseInteger(text: string): bigint | undefined {
  if (!/^[-+]?[0-9]+$/.test(text)) return undefined;
  const value = BigInt(text.replace(/^\+/, ""));
  return value >= -(2n ** 63n) && value < 2n ** 63n ? value : undefined;
}

/**
 * Go's strconv.ParseFloat for finite numbers: `1_000`, `.5`, `1e3` and `0x1p-2` too. What Go reads
 * as an infinity is refused, because JSON cannot carry it.
 */
export function parseFloat64(text: string): number | undefined {
  const isHexadecimal = /^[-+]?0x/i.test(text);
  if (!(isHexadecimal ? hexadecimalUnderscores : decimalUnderscores).test(text)) return undefined;
  const plain = text.replaceAll("_", "");
  const value = decimal.test(plain) ? Number(plain) : parseHexadecimal(plain);
  return value !== undefined && Number.isFinite(value) ? value : undefined;
}

function parseHexadecimal(text: string): number | undefined {
  const [matched, sign, whole = "", fraction = "", power] = hexadecimal.exec(text) ?? [];
  if (matched === undefined || whole + fraction === "") return undefined;
  const size = Number(`0x${whole}${fraction}`) * 2 ** (Number(power) - 4 * fraction.length);
  return sign === "-" ? -size : size;
}
