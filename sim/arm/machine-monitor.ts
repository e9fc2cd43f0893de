import { connect, type Socket } from "node:net";
import { createInterface } from "node:readline";

/** One command of QEMU's machine protocol, as it is sent. */
export interface MonitorCommand {
  readonly execute: string;
  readonly arguments?: object;
}

interface Answer {
  readonly return?: unknown;
  readonly error?: { readonly desc: string };
}

const ANSWER_SECONDS = 30;

/** Gives a command to the QEMU process whose monitor listens at that socket; throws what it answers if it refuses. */
export async function tellMachine(socketPath: string, command: MonitorCommand): Promise<void> {
  const socket = connect(socketPath);
  try {
    const answers = answersOf(socket);
    for (const each of [{ execute: "qmp_capabilities" }, command]) {
      socket.write(`${JSON.stringify(each)}\n`);
      const { value } = (await answers.next()) as { value: Answer | undefined };
      if (value?.return !== undefined) continue;
      const reason = value?.error?.desc ?? "no answer";
      throw new Error(`${socketPath}: ${each.execute} failed, got ${reason}`);
    }
  } finally {
    socket.destroy();
  }
}

// A greeting and events come in between.
async function* answersOf(socket: Socket): AsyncGenerator<Answer> {
  socket.setTimeout(ANSWER_SECONDS * 1000, () => {
    socket.destroy(new Error(`machine: its monitor did not answer within ${ANSWER_SECONDS} s`));
  });
  const lines = createInterface({ input: socket });
  const failed = new Promise<never>((_, reject) => {
    socket.once("error", reject);
  });
  const iterator = lines[Symbol.asyncIterator]();
  for (;;) {
    const line: IteratorResult<string, undefined> = await Promise.race([iterator.next(), failed]);
    if (line.done === true) return;
    const message = JSON.parse(line.value) as Answer;
    if (message.return !== undefined || message.error !== undefined) yield message;
  }
}
