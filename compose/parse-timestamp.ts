const shape =
  /^(\d{4})-(\d{1,2})-(\d{1,2})(?:([Tt ])(\d{1,2}):(\d{1,2}):(\d{1,2})(?:[.,](\d+))?(Z|[-+]\d{2}:\d{2})?)?$/;

/**
 * Reads the dates and times that gopkg.in/yaml.v3 takes for timestamps, and gives Go's own
 * printing of them (`2001-01-01 00:00:00 +0000 UTC`), which is what ends up in an environment.
 */
export function parseTimestamp(text: string): string | undefined {
  const match = shape.exec(text);
  if (!match) return undefined;
  const [, year = "", month = "", day = "", separator, hour, minute, second, fraction, zone] =
    match;
  // With a T a zone must follow; after a blank none may.
  if (separator !== undefined && (separator === " ") === (zone !== undefined)) return undefined;
  const clock = [hour ?? "0", minute ?? "0", second ?? "0"].map(Number);
  if (!isDay(Number(year), Number(month), Number(day)) || !isClock(clock)) return undefined;
  if (zone !== undefined && zone !== "Z" && !isZone(zone)) return undefined;
  const date = [year, month.padStart(2, "0"), day.padStart(2, "0")].join("-");
  const time = clock.map((part) => String(part).padStart(2, "0")).join(":");
  const parts = (fraction ?? "").slice(0, 9).replace(/0+$/, "");
  return `${date} ${time}${parts === "" ? "" : `.${parts}`} ${printZone(zone)}`;
}

function isDay(year: number, month: number, day: number): boolean {
  if (month < 1 || month > 12 || day < 1) return false;
  const leap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  const days = [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
  return day <= (days[month - 1] ?? 0);
}

function isClock([hour = 0, minute = 0, second = 0]: number[]): boolean {
  return hour < 24 && minute < 60 && second < 60;
}

function isZone(zone: string): boolean {
  return Number(zone.slice(1, 3)) <= 24 && Number(zone.slice(4)) < 60;
}

// Go looks the offset up in the machine's own zone; here that zone is always taken to be UTC.
function printZone(zone: string | undefined): string {
  if (zone === undefined || zone === "Z" || zone.slice(1) === "00:00") return "+0000 UTC";
  const offset = zone.replace(":", "");
  return `${offset} ${offset}`;
}
