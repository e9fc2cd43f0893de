/** How a phone fares; what is absent could not be known. */
export interface Condition {
  /** What it is, by its device tree or its firmware: "LGE MSM 8974 HAMMERHEAD". */
  readonly model?: string;
  readonly processors?: number;
  /** Processes that ran or wanted to, on average over the last minute. */
  readonly load?: number;
  readonly uptimeSeconds?: number;
  readonly temperatures: readonly Temperature[];
  readonly battery?: Battery;
}

/** What one sensor says. */
export interface Temperature {
  readonly sensor: string;
  readonly celsius: number;
}

/** The battery; many a phone of a cloudlet has none, and is fed at its contacts. */
export interface Battery {
  readonly percent?: number;
  /** In the kernel's words: Charging, Discharging, Not charging or Full. */
  readonly status?: string;
  readonly celsius?: number;
  /** In the kernel's words: Good, Overheat, Dead... */
  readonly health?: string;
}

/** A battery whose contacts show less is not there, whatever its gauge says. */
const LEAST_MICROVOLTS = 2_000_000;
/** Sensors that are switched off show zero or what no phone survives. */
const LEAST_CELSIUS = -30;
const MOST_CELSIUS = 130;

/** Reads what the facts script said of it: the first line of each name, and all lines of a name. */
export function parseCondition(
  first: ReadonlyMap<string, string>,
  all: (name: string) => readonly string[],
): Condition {
  const batteries = all("battery").flatMap(parseBattery);
  return {
    model: first.get("model")?.trim() || undefined,
    processors: countRanges(first.get("processors")),
    load: numberOf(first.get("load")),
    uptimeSeconds: numberOf(first.get("uptime")),
    temperatures: all("heat").flatMap(parseTemperature),
    // Some phones have two gauges at one battery, of which one knows less.
    battery: batteries.find(({ percent }) => percent !== undefined) ?? batteries[0],
  };
}

function parseTemperature(text: string): Temperature[] {
  const [thousandths = "", ...sensor] = text.split(" ");
  const celsius = plausible(numberOf(thousandths), 1000);
  return celsius === undefined ? [] : [{ sensor: sensor.join(" "), celsius }];
}

function parseBattery(text: string): Battery[] {
  const [scope, present, microvolts, percent, status, tenths, health] = text.split(";");
  const isOfAnother = scope === "Device"; // a pen's or a keyboard's
  const isThere = present !== "0" && health !== "No battery";
  const volts = numberOf(microvolts);
  if (isOfAnother || !isThere || (volts !== undefined && volts < LEAST_MICROVOLTS)) return [];
  const share = numberOf(percent);
  const battery = {
    percent: share !== undefined && share >= 0 && share <= 100 ? share : undefined,
    status: known(status),
    celsius: plausible(numberOf(tenths), 10),
    health: known(health),
  };
  return battery.percent === undefined && battery.status === undefined ? [] : [battery];
}

function plausible(value: number | undefined, unit: number): number | undefined {
  if (value === undefined || value === 0) return undefined;
  const celsius = Math.round((value / unit) * 10) / 10;
  return celsius > LEAST_CELSIUS && celsius < MOST_CELSIUS ? celsius : undefined;
}

const known = (word: string | undefined) => (word === "Unknown" || !word ? undefined : word);

function numberOf(text: string | undefined): number | undefined {
  return text !== undefined && /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : undefined;
}

// As in "0-3,6".
function countRanges(text: string | undefined): number | undefined {
  if (text === undefined || !/^\d+(-\d+)?(,\d+(-\d+)?)*$/.test(text)) return undefined;
  return text.split(",").reduce((count, range) => {
    const [from = 0, to = from] = range.split("-").map(Number);
    return count + to - from + 1;
  }, 0);
}
