const number =
  /^([-+]?)(?:(0[xX])([0-9a-fA-F_]*)(?:\.([0-9a-fA-F_]*))?|(0[oO])([0-7_]*)(?:\.([0-7_]*))?|(0[bB])([01_]*)(?:\.([01_]*))?|([0-9_]*)(?:\.([0-9_]*))?)(?:([eEpP])([-+]?[0-9_]+))?$/;
const prefixes: Readonly<Record<string, bigint>> = { "0x": 16n, "0o": 8n, "0b": 2n };
// Far beyond any number of CPUs; larger ones would only take time.
const largestPower = 1000;

interface Ratio {
  over: bigint;
  under: bigint;
}

/**
 * Reads a number of CPUs (`0.5`, `1/4`, `1e-3`), in billionths of one, as the docker CLI does with
 * Go's big.Rat. A string instead says what is wrong.
 */
export function parseCpus(text: string): number | string {
  const ratio = text.includes("/") ? readFraction(text) : readNumber(text);
  if (!ratio || ratio.under === 0n) return "it is not a number";
  const nano = ratio.over * 1_000_000_000n;
  if (nano % ratio.under !== 0n) return "it has more than nine digits after the point";
  return Number(BigInt.asIntN(64, nano / ratio.under));
}

function readFraction(text: string): Ratio | undefined {
  const at = text.indexOf("/");
  const [, sign, whole = ""] = /^([-+]?)(.*)$/s.exec(text.slice(0, at)) ?? [];
  const [over, under] = [readInteger(whole), readInteger(text.slice(at + 1))];
  if (over === undefined || under === undefined) return undefined;
  return { over: sign === "-" ? -over : over, under };
}

// With a leading 0, a whole number of a fraction is octal.
function readInteger(text: string): bigint | undefined {
  if (!hasGoodUnderscores(text)) return undefined;
  const plain = text
    .replaceAll("_", "")
    .toLowerCase()
    .replace(/^0(?=[0-7]+$)/, "0o");
  const isInteger = /^(?:0x[0-9a-f]+|0o[0-7]+|0b[01]+|0|[1-9][0-9]*)$/.test(plain);
  return isInteger ? BigInt(plain) : undefined;
}

function readNumber(text: string): Ratio | undefined {
  const match = number.exec(text);
  if (!match || !hasGoodUnderscores(text)) return undefined;
  const [, sign, ...groups] = match;
  const [prefix = "", whole = "", fraction = ""] = firstForm(groups);
  const [mark = "", exponent = "0"] = groups.slice(-2);
  const base = prefixes[prefix.toLowerCase()] ?? 10n;
  const digits = (whole + fraction).replaceAll("_", "");
  const power = Number(exponent.replaceAll("_", ""));
  if (digits === "" || Math.abs(power) > largestPower) return undefined;
  if (fraction.length > largestPower) return undefined;
  const size = readDigits(digits, prefix);
  const scale = (mark.toLowerCase() === "p" ? 2n : 10n) ** BigInt(Math.abs(power));
  const under = base ** BigInt(fraction.replaceAll("_", "").length);
  const over = sign === "-" ? -size : size;
  return power < 0 ? { over, under: under * scale } : { over: over * scale, under };
}

function readDigits(digits: string, prefix: string): bigint {
  return BigInt(prefix === "" ? digits : prefix.toLowerCase() + digits);
}

// The prefix, whole part and fraction of whichever of the four forms matched.
function firstForm(groups: (string | undefined)[]): (string | undefined)[] {
  for (const at of [0, 3, 6]) if (groups[at] !== undefined) return groups.slice(at, at + 3);
  return ["", groups[9], groups[10]];
}

function hasGoodUnderscores(text: string): boolean {
  return !/(?<![0-9a-fA-FxXoObB])_|_(?![0-9a-fA-F])/.test(text);
}
