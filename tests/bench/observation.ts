import { loadavg } from "node:os";
import type { BenchCloudlet } from "./bench-cloudlet";
import { median, ratio, table } from "./figures";
import { seconds } from "./measure";

/** As many as a lab can have. */
const MANY = 12;
const FEW = 4;
/** A compute: the swarm keeps its majority. */
const SWITCHED_OFF = "pixel-4";

/** Seconds of unchanged `up`s, without a look at the phones and with one; no connection is open at their beginning. */
interface Looks {
  readonly never: readonly number[];
  readonly always: readonly number[];
}

/** What looking at the phones costs an `up` that has nothing to do. */
export interface Observation {
  readonly few: Looks;
  /** Of those few, one is switched off. */
  readonly oneOff: Looks;
  readonly many: Looks;
}

/** Takes turns with and without a look: on four phones, with one of them off, and on twelve. Leaves twelve phones behind. */
export async function measureObservation(
  cloudlet: BenchCloudlet,
  { rounds, log }: { rounds: number; log: (line: string) => void },
): Promise<Observation> {
  const { lab } = cloudlet.fleet;
  log(`bench: looks at ${FEW} phones`);
  const few = await takeTurns(cloudlet, rounds, {});
  await lab.powerOff(SWITCHED_OFF);
  log(`bench: looks at ${FEW} phones, of which ${SWITCHED_OFF} is off`);
  const oneOff = await takeTurns(cloudlet, rounds, {});
  await lab.powerOn(SWITCHED_OFF);
  log(`bench: ${MANY - FEW} more phones join`);
  const more = Array.from({ length: MANY - FEW }, (_, index) => `pixel-${FEW + 1 + index}`);
  for (const name of more) await lab.addPhone({ name, docker: "running" });
  const nodes = cloudlet.nodes(MANY);
  cloudlet.changeSettings({}, { nodes });
  await cloudlet.up();
  await cloudlet.settle();
  log(`bench: looks at ${MANY} phones, load ${loadavg()[0]?.toFixed(1)}`);
  return { few, oneOff, many: await takeTurns(cloudlet, rounds, { nodes }) };
}

async function takeTurns(cloudlet: BenchCloudlet, rounds: number, changes: object): Promise<Looks> {
  const run = async (observe: "never" | "always") => {
    cloudlet.changeSettings({}, { ...changes, observe });
    await cloudlet.disconnect();
    return seconds(() => cloudlet.up());
  };
  await run("always"); // not counted: what the phones have to be set right for is done here
  const never: number[] = [];
  const always: number[] = [];
  for (let round = 0; round < rounds; round++) {
    never.push(await run("never"));
    always.push(await run("always"));
  }
  return { never, always };
}

/** The figures, and what they come to. */
export function describeObservation({ few, oneOff, many }: Observation): string {
  const head = [
    "an unchanged pulumi up",
    "observe: never",
    "observe: always",
    "more",
    "all rounds",
  ];
  const rows = table(head);
  for (const [title, { never, always }] of [
    [`${FEW} phones`, few],
    [`${FEW} phones, one of them off`, oneOff],
    [`${MANY} phones`, many],
  ] as const) {
    const all = [never, always].map((times) => times.map((time) => time.toFixed(1)).join(", "));
    rows.push([
      title,
      `${median(never).toFixed(2)} s`,
      `${median(always).toFixed(2)} s`,
      `${cost({ never, always }).toFixed(2)} s`,
      all.join(" / "),
    ]);
  }
  return `${rows.toString()}
A look at ${MANY} phones: ${more(many, few)} s more than one at ${FEW}; the whole up: ${ratio(median(many.always), median(few.always))} times as long
A look with one phone off: ${more(oneOff, few)} s more than one with all of them`;
}

/** The middle of each look's difference to the run just before it: the machine's load changes slower than that. */
function cost({ never, always }: Looks): number {
  return median(always.map((time, round) => time - (never[round] ?? NaN)));
}

const more = (look: Looks, base: Looks): string => (cost(look) - cost(base)).toFixed(2);
