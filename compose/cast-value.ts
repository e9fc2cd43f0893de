import type { ComposeNode, StringNode } from "./compose-node";
import { parseFloat64, parseInteger } from "./parse-number";

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
