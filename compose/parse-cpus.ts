const decimal = /^([-+]?)([0-9]*)(?:\.([0-9]*))?(?:[eE]([-+]?[0-9]+))?$/;

/**
 * Reads a number of CPUs (`0.5`, `1/4`, `1e-3`), in billionths of one, as the docker CLI does. A
 * string instead says what is wrong.
 */
export function parseCpus(text: string): number | string {
  const [whole = "", divisor = "1", ...more] = text.split("/");
  const numerator = readRatio(whole);
  const denominator = /^[0-9]+$/.test(divisor) ? BigInt(divisor) : 0n;
  const isFraction = text.includes("/");
  if (!numerator || more.length > 0 || denominator === 0n) return "it is not a number";
  if (isFraction && !/^[-+]?[0-9]+$/.test(whole)) return "it is not a number";
  const nano = numerator.over * 1_000_000_000n;
  const under = numerator.under * denominator;
  if (nano % under !== 0n) return "it has more than nine digits after the point";
  return Number(BigInt.asIntN(64, nano / under));
}

function readRatio(text: string): { over: bigint; under: bigint } | undefined {
  const [matched, sign, whole = "", fraction = "", exponent = "0"] = decimal.exec(text) ?? [];
  if (matched === undefined || whole + fraction === "") return undefined;
  const power = Number(exponent) - fraction.length;
  // Far beyond any number of CPUs; big numbers would only make this slow.
  if (Math.abs(power) > 1000) return undefined;
  const size = BigInt(whole + fraction) * (sign === "-" ? -1n : 1n);
  const scale = 10n ** BigInt(Math.abs(power));
  return power < 0 ? { over: size, under: scale } : { over: size * scale, under: 1n };
}
