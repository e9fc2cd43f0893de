import { parseFloat64 } from "./parse-number";

const powers = ["k", "m", "g", "t", "p"];

/** Reads an amount of memory such as `1.5g` or `64 MiB`, in bytes; undefined where Docker refuses it. */
export function parseSize(text: string): number | undefined {
  const [, digits = "", suffix = ""] = /^(.*[0-9. ])([^0-9. ]*)$/s.exec(text) ?? [];
  // One blank may stand before the unit, and only there.
  const size = parseFloat64(digits.endsWith(" ") ? digits.slice(0, -1) : digits);
  if (size === undefined || size < 0) return undefined;
  const unit = suffix.toLowerCase();
  if (unit === "" || unit === "b") return toBytes(size);
  const power = powers.indexOf(unit.charAt(0)) + 1;
  if (power === 0 || !["", "b", "ib"].includes(unit.slice(1))) return undefined;
  return toBytes(size * 1024 ** power);
}

// Beyond 64 bits the docker CLI would send a negative number.
function toBytes(size: number): number | undefined {
  return size < 2 ** 63 ? Math.abs(Math.trunc(size)) : undefined;
}
