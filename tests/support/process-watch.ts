import { readdirSync, readFileSync } from "node:fs";
import type { Lab } from "../../sim/lab";

/** What was seen on the phones: how often they were looked at, and every command line that ran then. */
export interface SeenProcesses {
  readonly samples: number;
  readonly commands: readonly string[];
}

/** Looks at the phones' process lists again and again, as any user on a phone could. */
export class ProcessWatch {
  private stopped = false;
  private readonly done: Promise<SeenProcesses[]>;

  constructor(lab: Lab, phones: readonly string[]) {
    this.done = Promise.all(phones.map((phone) => this.watch(lab, phone)));
  }

  private async watch(lab: Lab, phone: string): Promise<SeenProcesses> {
    const commands = new Set<string>();
    let samples = 0;
    while (!this.stopped) {
      // Twenty looks for each round trip, so that short-lived processes are seen too.
      const look =
        "for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\\0' ' '; echo; sleep 0.05; done";
      const { stdout } = await lab.exec(phone, ["sh", "-c", look], { allowFailure: true });
      for (const line of stdout.split("\n")) commands.add(line);
      samples += 20;
    }
    return { samples, commands: [...commands] };
  }

  async stop(): Promise<SeenProcesses> {
    this.stopped = true;
    const seen = await this.done;
    return {
      samples: Math.min(...seen.map(({ samples }) => samples)),
      commands: seen.flatMap(({ commands }) => commands),
    };
  }
}

/**
 * Looks at this machine's process list again and again: the operator's commands, and those of the simulated phones, whose kernel
 * this is. Each process is looked at for its first second, as its command line changes when it starts another program.
 */
export class MachineWatch {
  readonly #firstSeen = new Map<string, number>();
  readonly #commands = new Set<string>();
  readonly #timer = setInterval(() => {
    this.#look();
  }, 25);

  /** Every command line that ran since the watch began. */
  stop(): readonly string[] {
    clearInterval(this.#timer);
    return [...this.#commands];
  }

  #look(): void {
    const now = Date.now();
    for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
      const since = this.#firstSeen.get(pid) ?? now;
      this.#firstSeen.set(pid, since);
      if (now - since > 1000) continue;
      try {
        this.#commands.add(readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " "));
      } catch {
        // It has ended.
      }
    }
  }
}
