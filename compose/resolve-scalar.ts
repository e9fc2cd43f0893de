import { parseFloat64 } from "./parse-number";
import { parseTimestamp } from "./parse-timestamp";

/** What Go's YAML decoder makes of a scalar: its type and value. */
export type Scalar =
  | { kind: "string"; value: string }
  | { kind: "integer"; value: bigint }
  | { kind: "float"; value: number }
  | { kind: "boolean"; value: boolean }
  | { kind: "time"; value: string }
  | { kind: "null" };

const named = new Map<string, Scalar>([
  ...["true", "True", "TRUE"].map((text): [string, Scalar] => [
    text,
    { kind: "boolean", value: true },
  ]),
  ...["false", "False", "FALSE"].map((text): [string, Scalar] => [
    text,
    { kind: "boolean", value: false },
  ]),
  ...["", "~", "null", "Null", "NULL"].map((text): [string, Scalar] => [text, { kind: "null" }]),
  ...[".nan", ".NaN", ".NAN"].map((text): [string, Scalar] => [
    text,
    { kind: "float", value: NaN },
  ]),
  ...[".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"].map((text): [string, Scalar] => [
    text,
    { kind: "float", value: Infinity },
  ]),
  ...["-.inf", "-.Inf", "-.INF"].map((text): [string, Scalar] => [
    text,
    { kind: "float", value: -Infinity },
  ]),
]);

const decimalFloat = /^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$/;
const goInteger = /^([-+]?)(?:0[xX]([0-9a-fA-F]+)|0[oO]?([0-7]+)|0[bB]([01]+)|(0|[1-9][0-9]*))$/;

/**
 * Types a plain scalar as gopkg.in/yaml.v3 does: `0644` is octal, `1_000` a number, `yes` and
 * `12:30` strings, `2001-01-01` a time.
 */
export function resolveScalar(text: string): Scalar {
  const known = named.get(text);
  if (known) return known;
  const string: Scalar = { kind: "string", value: text };
  if (text.startsWith(".")) {
    const value = parseFloat64(text);
    return value === undefined ? string : { kind: "float", value };
  }
  if (!/^[-+0-9]/.test(text)) return string;
  const time = parseTimestamp(text);
  if (time !== undefined) return { kind: "time", value: time };
  const plain = text.replaceAll("_", "");
  return toInteger(plain) ?? toFloat(plain) ?? string;
}

function toFloat(text: string): Scalar | undefined {
  const value = decimalFloat.test(text) ? parseFloat64(text) : undefined;
  return value === undefined ? undefined : { kind: "float", value };
}

function toInteger(text: string): Scalar | undefined {
  const [matched, sign, hex, octal, binary, decimal] = goInteger.exec(text) ?? [];
  if (matched === undefined) return undefined;
  const digits =
    (hex && `0x${hex}`) ?? (octal && `0o${octal}`) ?? (binary && `0b${binary}`) ?? decimal;
  const size = BigInt(digits ?? "0");
  const value = sign === "-" ? -size : size;
  // Go reads "+" with its unsigned parser only up to the signed range.
  const most = sign === "+" ? 2n ** 63n : 2n ** 64n;
  return value >= -(2n ** 63n) && value < most ? { kind: "integer", value } : undefined;
}
