import { setTimeout as pause } from "node:timers/promises";
import type { Lab } from "../../sim/lab";
import type { PhoneKind } from "./phone-kinds";

/** What was seen while something went on. */
export interface Seen {
  /** The longest time, in seconds, in which no phone's engine answered as a manager of a swarm with a majority. */
  readonly longestGapSeconds: number;
  /** Every command line that ran on a phone. */
  readonly commands: ReadonlySet<string>;
}

// Ten looks at the processes for each question to the engine, which costs more.
const look = (
  answerSeconds: number,
) => `timeout ${answerSeconds} docker node ls -q >/dev/null 2>&1 && echo A-MANAGER-ANSWERS
for look in 1 2 3 4 5 6 7 8 9 10; do
  cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\\0' ' '; echo
  sleep 0.1
done`;

/** Asks the phones themselves, past their network, again and again: who manages the swarm, and what runs. */
export class SwarmWatch {
  private readonly commands = new Set<string>();
  private readonly answers = [Date.now()];
  private stopped = false;

  constructor(
    private readonly lab: Lab,
    private readonly kind: PhoneKind,
    phones: readonly string[],
  ) {
    for (const phone of phones) void this.watch(phone);
  }

  /** Does not wait for looks that are under way: a frozen phone's would not end. */
  stop(): Seen {
    this.stopped = true;
    const moments = [...this.answers, Date.now()];
    const gaps = moments.slice(1).map((moment, index) => moment - (moments[index] ?? moment));
    return { longestGapSeconds: Math.max(...gaps) / 1000, commands: this.commands };
  }

  private async watch(phone: string): Promise<void> {
    const { answerSeconds, restSeconds } = this.kind;
    const command = ["sh", "-c", look(answerSeconds)];
    while (!this.stopped) {
      try {
        const { stdout } = await this.lab.exec(phone, command, { allowFailure: true });
        // The text comes when the looks have ended, the answer was a second before.
        if (stdout.includes("A-MANAGER-ANSWERS")) this.answers.push(Date.now());
        for (const line of stdout.split("\n")) this.commands.add(line);
      } catch {
        // A phone that is made anew is not there for a moment.
      }
      await pause(restSeconds * 1000);
    }
  }
}
