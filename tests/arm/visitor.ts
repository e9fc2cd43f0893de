const PATIENCE_MILLISECONDS = 10_000;
const PAUSE_MILLISECONDS = 250;

/** Somebody who asks for a page again and again, at one phone after the other, and at the next one when a phone does not answer. */
export class Visitor {
  /** Pages asked for. */
  asked = 0;
  /** When no phone answered, and what each said. */
  readonly unanswered: string[] = [];
  /** How often each address did not answer. */
  readonly refusals = new Map<string, number>();
  private readonly going: Promise<void>;
  private gone = false;

  constructor(private readonly urls: readonly string[]) {
    this.going = this.go();
  }

  /** Asks no more. */
  async leave(): Promise<void> {
    this.gone = true;
    await this.going;
  }

  private async go(): Promise<void> {
    while (!this.gone) {
      await this.ask();
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MILLISECONDS));
    }
  }

  private async ask(): Promise<void> {
    const first = this.asked++ % this.urls.length;
    const said: string[] = [];
    for (const url of [...this.urls.slice(first), ...this.urls.slice(0, first)]) {
      const problem = await problemOf(url);
      if (problem === undefined) return;
      said.push(`${url}: ${problem}`);
      this.refusals.set(url, (this.refusals.get(url) ?? 0) + 1);
    }
    this.unanswered.push(`${new Date().toISOString()} ${said.join(", ")}`);
  }
}

async function problemOf(url: string): Promise<string | undefined> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(PATIENCE_MILLISECONDS) });
    await response.text();
    return response.ok ? undefined : `status ${response.status}`;
  } catch (error) {
    const { message, cause } = error as Error;
    return cause instanceof Error ? cause.message : message;
  }
}
