const NANOSECONDS = { h: 3_600_000_000_000n, m: 60_000_000_000n, s: 1_000_000_000n } as const;

/**
 * Writes nanoseconds as the docker provider reads them back: Go's `Duration.String()` without trailing zero units
 * (`60s` is `1m`, `90s` is `1m30s`, `1500ms` is `1.5s`). Any other spelling shows as a change on every preview.
 */
export function goDuration(nanoseconds: number): string {
  let rest = BigInt(Math.round(nanoseconds));
  if (rest === 0n) return "0s";
  if (rest < NANOSECONDS.s) return subSecond(rest);
  const hours = rest / NANOSECONDS.h;
  rest %= NANOSECONDS.h;
  const minutes = rest / NANOSECONDS.m;
  rest %= NANOSECONDS.m;
  const parts = [
    hours > 0n ? `${hours}h` : "",
    minutes > 0n ? `${minutes}m` : "",
    rest > 0n ? `${decimal(rest, 9)}s` : "",
  ];
  // Go writes 1h0m30s: a zero in the middle stays.
  if (hours > 0n && minutes === 0n && rest > 0n) parts[1] = "0m";
  return parts.join("");
}

function subSecond(nanoseconds: bigint): string {
  if (nanoseconds < 1_000n) return `${nanoseconds}ns`;
  return nanoseconds < 1_000_000n ? `${decimal(nanoseconds, 3)}µs` : `${decimal(nanoseconds, 6)}ms`;
}

function decimal(value: bigint, digits: number): string {
  const text = value.toString().padStart(digits + 1, "0");
  const fraction = text.slice(-digits).replace(/0+$/, "");
  return fraction === "" ? text.slice(0, -digits) : `${text.slice(0, -digits)}.${fraction}`;
}
