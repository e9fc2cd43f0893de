import { createInterface } from "node:readline/promises";
import { Writable } from "node:stream";
import { PASSWORD_VARIABLE, type AskPassword } from "./connection";

/** Whether there is somebody to ask. */
export function hasTerminal(): boolean {
  return process.stdin.isTTY && process.stdout.isTTY;
}

/** Asks for a value; the proposal where the answer is empty, or where nobody is to be asked. */
export async function ask(question: string, proposal: string, silent: boolean): Promise<string> {
  if (silent || !hasTerminal()) return proposal;
  const answer = await readAnswer(`${question} [${proposal}] `);
  return answer === "" ? proposal : answer;
}

/** Asks whether to do something; `otherwise` where nobody can be asked. */
export async function agree(question: string, otherwise: boolean): Promise<boolean> {
  if (otherwise || !hasTerminal()) return otherwise;
  return /^y(es)?$/i.test(await readAnswer(`${question} [y/N] `));
}

async function readAnswer(question: string): Promise<string> {
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  const answer = await terminal.question(question).finally(() => {
    terminal.close();
  });
  return answer.trim();
}

/** Takes the password from the environment, or asks for it on the terminal without showing it, once. */
export function passwordAsker(question: string): AskPassword {
  let password = process.env[PASSWORD_VARIABLE];
  // No other program that is started from here gets it.
  delete process.env[PASSWORD_VARIABLE];
  return async () => {
    if (password === undefined && hasTerminal()) password = await readSilently(question);
    return password;
  };
}

async function readSilently(question: string): Promise<string> {
  const nothing = new Writable({ write: (_chunk, _encoding, done) => done() });
  const terminal = createInterface({ input: process.stdin, output: nothing, terminal: true });
  // Only now does the terminal show nothing of what is typed.
  process.stdout.write(question);
  const answer = await terminal.question("").finally(() => {
    terminal.close();
  });
  process.stdout.write("\n");
  return answer;
}
