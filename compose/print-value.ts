import type { ComposeNode } from "./compose-node";

/** Prints a scalar as Go's fmt.Sprint does, for environments, labels and options; null gives none. */
export function printScalar(node: ComposeNode): string | undefined {
  switch (node.kind) {
    case "string":
    case "time":
      return node.value;
    case "integer":
      return node.value.toString();
    case "float":
      return printFloat(node.value);
    case "boolean":
      return String(node.value);
    default:
      return undefined;
  }
}

/** Prints a float64 as Go does: the shortest digits, with an exponent below 1e-4 and from 1e6. */
export function printFloat(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "+Inf" : "-Inf";
  if (value === 0) return Object.is(value, -0) ? "-0" : "0";
  const [digits = "", exponent = "0"] = value.toExponential().split("e");
  const power = Number(exponent);
  if (power >= -4 && power < 6) return value.toString();
  return `${digits}e${power < 0 ? "-" : "+"}${String(Math.abs(power)).padStart(2, "0")}`;
}

/** The shortest decimal number that a float32 keeps, as Go writes it into JSON. */
export function shortestFloat32(value: number): number {
  const wanted = Math.fround(value);
  for (let digits = 1; digits < 9; digits++) {
    const shorter = Number(wanted.toPrecision(digits));
    if (Math.fround(shorter) === wanted) return shorter;
  }
  return Number(wanted.toPrecision(9));
}
