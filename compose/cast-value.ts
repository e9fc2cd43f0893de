import type { ComposeNode, StringNode } from "./compose-node";

/** What a substituted text can be turned into. */
export type Cast = "integer" | "number" | "boolean";

const booleans = new Map([
  ...["y", "yes", "true", "on"].map((text): [string, boolean] => [text, true]),
  ...["n", "no", "false", "off"].map((text): [string, boolean] => [text, false]),
]);

/** Casts a substituted text as the docker CLI does (Go's strconv); undefined where it does not fit. */
export function castValue({ value, origin }: StringNode, cast: Cast): ComposeNode | undefined {
  if (cast === "boolean") {
    const boolean = booleans.get(value.toLowerCase());
    return boolean === undefined ? undefined : { kind: "boolean", value: boolean, origin };
  }
  if (cast === "integer") {
    const integer = parseInteger(value);
    return integer === undefined ? undefined : { kind: "integer", value: integer, origin };
  }
  const number = parseFloat64(value);
  return number === undefined ? undefined : { kind: "float", value: number, origin };
}

/** Go's strconv.Atoi: decimal digits with an optional sign, in 64 bits. */
export function parseInteger(text: string): bigint | undefined {
  if (!/^[-+]?[0-9]+$/.test(text)) return undefined;
  const value = BigInt(text.replace(/^\+/, ""));
  return value >= -(2n ** 63n) && value < 2n ** 63n ? value : undefined;
}

/** Go's strconv.ParseFloat, without the hexadecimal forms and infinities that make no sense here. */
export function parseFloat64(text: string): number | undefined {
  if (!/^[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?$/.test(text)) return undefined;
  const value = Number(text);
  return Number.isFinite(value) ? value : undefined;
}
