import fc from "fast-check";
import { goDuration } from "../../../stacks/go-duration";

const UNITS: Readonly<Record<string, bigint>> = {
  h: 3_600_000_000_000n,
  m: 60_000_000_000n,
  s: 1_000_000_000n,
  ms: 1_000_000n,
  µs: 1_000n,
  ns: 1n,
};

/** Nanoseconds of a Go duration, by its grammar and not by our way of writing one. */
function parseGoDuration(text: string): number {
  const parts = [...text.matchAll(/(\d+)(?:\.(\d+))?(h|ms|m|s|µs|ns)/g)];
  expect(parts.map(([part]) => part).join("")).toBe(text);
  return Number(
    parts.reduce((sum, [, whole = "", fraction = "", unit = ""]) => {
      const size = UNITS[unit] ?? 0n;
      return (
        sum +
        BigInt(whole) * size +
        (BigInt(fraction || "0") * size) / 10n ** BigInt(fraction.length)
      );
    }, 0n),
  );
}

describe("goDuration", () => {
  it.each([
    [0, "0s"],
    [1, "1ns"],
    [1_500, "1.5µs"],
    [999_999, "999.999µs"],
    [1_000_000, "1ms"],
    [500_000_000, "500ms"],
    [1_500_000_000, "1.5s"],
    [10_000_000_000, "10s"],
    [59_999_999_999, "59.999999999s"],
    [60_000_000_000, "1m"],
    [90_000_000_000, "1m30s"],
    [60_500_000_000, "1m0.5s"],
    [3_600_000_000_000, "1h"],
    [3_630_000_000_000, "1h0m30s"],
    [5_400_000_000_000, "1h30m"],
    [5_400_000_000_001, "1h30m0.000000001s"],
    [90_061_000_000_000, "25h1m1s"],
  ])("writes %i ns as %s", (nanoseconds, text) => {
    expect(goDuration(nanoseconds)).toBe(text);
  });

  it("writes what Go reads back as the same time", () => {
    const anyTime = fc.oneof(
      fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }),
      fc.integer({ min: 0, max: 100_000 }).map((seconds) => seconds * 1_000_000_000),
    );
    fc.assert(
      fc.property(anyTime, (time) => {
        const text = goDuration(time);
        if (time > 0) expect(parseGoDuration(text)).toBe(time);
        // Go spells a time with a suffix of zeroes; the provider takes that off.
        expect(text).not.toMatch(/[hm]0[ms]?s?$/);
      }),
      { numRuns: 500 },
    );
  });
});
