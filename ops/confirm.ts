import { createInterface } from "node:readline/promises";
import { Refusal } from "./recovery/swarm-phones";

/** Asks on a terminal whether to go on. Throws where the answer is not yes, or where nobody can be asked and `--yes` is missing. */
export async function confirm(question: string, yes: boolean): Promise<void> {
  if (yes) return;
  if (!process.stdin.isTTY) {
    throw new Refusal("expected --yes, as there is no terminal to ask on; nothing was changed");
  }
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  const answer = await terminal.question(`${question} [y/N] `).finally(() => {
    terminal.close();
  });
  if (!/^y(es)?$/i.test(answer.trim())) throw new Refusal("nothing was changed");
}
