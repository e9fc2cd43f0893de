const units: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1_000n,
  µs: 1_000n,
  μs: 1_000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
};
const part = /([0-9]*)(?:\.([0-9]*))?(ns|us|µs|μs|ms|s|m|h)/y;
const longest = 2n ** 63n - 1n;

/** Reads a Go duration such as `1m30s`, in nanoseconds; undefined where Go refuses it. */
export function parseDuration(text: string): number | undefined {
  const [, sign = "", body = ""] = /^([-+]?)(.*)$/s.exec(text) ?? [];
  if (body === "0") return 0;
  if (body === "") return undefined;
  let total = 0n;
  part.lastIndex = 0;
  while (part.lastIndex < body.length) {
    const [matched, whole = "", fraction, unit = ""] = part.exec(body) ?? [];
    const scale = units[unit];
    if (matched === undefined || scale === undefined) return undefined;
    if (whole === "" && (fraction ?? "") === "") return undefined;
    total += BigInt(whole || "0") * scale + fractionOf(fraction ?? "", scale);
    if (total > longest) return undefined;
  }
  return Number(sign === "-" ? -total : total);
}

// Go multiplies with a float64 here, so that 0.3s is exact to the nanosecond and no further.
function fractionOf(digits: string, scale: bigint): bigint {
  if (digits === "") return 0n;
  const kept = digits.slice(0, 18);
  return BigInt(Math.trunc(Number(kept) * (Number(scale) / 10 ** kept.length)));
}
