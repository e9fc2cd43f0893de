import { fillDisk, freeDisk, shiftClock } from "./faults";
import type { Lab } from "./lab";

/** What `npm run sim` does to one phone. */
export interface FaultCommand {
  readonly name: string;
  readonly description: string;
  readonly run: (lab: Lab, phone: string) => Promise<void>;
}

/** The faults that need no value beside the phone's name. */
export const FAULT_COMMANDS: readonly FaultCommand[] = [
  { name: "power-off", description: "a power cut", run: (lab, phone) => lab.powerOff(phone) },
  { name: "power-on", description: "boot it", run: (lab, phone) => lab.powerOn(phone) },
  { name: "reset", description: "boot it anew", run: (lab, phone) => lab.reset(phone) },
  {
    name: "freeze",
    description: "stop all that runs on it",
    run: (lab, phone) => lab.freeze(phone),
  },
  { name: "thaw", description: "let it go on", run: (lab, phone) => lab.thaw(phone) },
  {
    name: "unplug",
    description: "take it off the network",
    run: (lab, phone) => lab.unplug(phone),
  },
  { name: "plug", description: "put it back on the network", run: (lab, phone) => lab.plug(phone) },
  { name: "fill-disk", description: "leave no room on its disk; with --arm", run: fillDisk },
  { name: "free-disk", description: "take that back", run: freeDisk },
];

/** Sets the clock of a phone wrong by so many seconds, as the command line has them. */
export async function setClockWrong(lab: Lab, phone: string, text: string): Promise<void> {
  if (!/^[+-]?\d{1,9}$/.test(text))
    throw new Error(`clock: expected seconds such as 3600 or -3600, got ${JSON.stringify(text)}`);
  await shiftClock(lab, phone, Number(text));
}
