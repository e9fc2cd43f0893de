import { randomInt } from "node:crypto";
import { connect, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { CommandResult, ExecOptions } from "../lab";

interface Status {
  readonly exited: boolean;
  readonly exitcode?: number;
  readonly signal?: number;
  readonly "out-data"?: string;
  readonly "err-data"?: string;
}

/** The agent in an emulated phone answers within a second or two; one that is frozen or still boots never does. */
const ANSWER_SECONDS = 60;
const COMMAND_SECONDS = 600;
const POLL_MILLISECONDS = 150;
/** Precedes the answer to `guest-sync-delimited`: what comes before was meant for somebody else. */
const SENTINEL = 0xff;

/** Runs a command as root in the machine whose QEMU guest agent is behind that socket: past its network. */
export async function execInGuest(
  socketPath: string,
  [program = "", ...args]: readonly string[],
  { input, allowFailure }: ExecOptions = {},
): Promise<CommandResult> {
  const { pid } = await ask<{ pid: number }>(socketPath, "guest-exec", {
    ...{ path: program, arg: args, "capture-output": true },
    ...(input === undefined ? {} : { "input-data": encode(input) }),
  });
  const name = [program, ...args.slice(0, 1)].join(" ");
  const status = await untilExited(socketPath, pid, name);
  const result = {
    stdout: decode(status["out-data"]).replace(/\n$/, ""),
    stderr: decode(status["err-data"]).replace(/\n$/, ""),
    exitCode: status.exitcode ?? 128 + (status.signal ?? 0),
  };
  if (result.exitCode === 0 || allowFailure === true) return result;
  const words = (result.stderr.trim() === "" ? result.stdout : result.stderr).trim();
  throw new Error(`${name}: ended with ${result.exitCode}, got ${words}`);
}

async function untilExited(socketPath: string, pid: number, name: string): Promise<Status> {
  const deadline = Date.now() + COMMAND_SECONDS * 1000;
  for (;;) {
    const status = await ask<Status>(socketPath, "guest-exec-status", { pid });
    if (status.exited) return status;
    if (Date.now() > deadline) throw new Error(`${name}: did not end within ${COMMAND_SECONDS} s`);
    await sleep(POLL_MILLISECONDS);
  }
}

// A connection for each question: QEMU serves one at a time, and lets others, also of other processes, wait.
async function ask<T>(socketPath: string, execute: string, args: object): Promise<T> {
  const socket = connect(socketPath);
  try {
    const id = randomInt(2 ** 31);
    socket.write(request("guest-sync-delimited", { id }));
    socket.write(request(execute, args));
    return await answerTo(socket, id);
  } finally {
    socket.destroy();
  }
}

function request(execute: string, args: object): string {
  return `${JSON.stringify({ execute, arguments: args })}\n`;
}

function answerTo<T>(socket: Socket, id: number): Promise<T> {
  return new Promise((resolve, reject) => {
    let received = Buffer.alloc(0);
    socket.setTimeout(ANSWER_SECONDS * 1000, () => {
      reject(new Error(`guest agent: no answer within ${ANSWER_SECONDS} s`));
    });
    socket.once("error", reject);
    socket.once("close", () => {
      reject(new Error("guest agent: the machine went off"));
    });
    socket.on("data", (data) => {
      received = Buffer.concat([received, data]);
      const lines = linesAfter(received, id);
      if (lines?.[0] === undefined) return;
      const answer = JSON.parse(lines[0]) as { return?: T; error?: { desc: string } };
      if (answer.return !== undefined) resolve(answer.return);
      else reject(new Error(`guest agent: ${answer.error?.desc ?? lines[0]}`));
    });
  });
}

/** The complete lines behind the answer to the synchronisation of that number, once it is there. */
export function linesAfter(received: Buffer, id: number): string[] | undefined {
  let start = received.indexOf(SENTINEL);
  while (start !== -1) {
    const lines = received
      .subarray(start + 1)
      .toString()
      .split("\n");
    const [first = "", ...others] = lines;
    if (others.length > 0 && (JSON.parse(first) as { return?: number }).return === id) {
      return others.slice(0, -1);
    }
    start = received.indexOf(SENTINEL, start + 1);
  }
  return undefined;
}

function encode(text: string): string {
  return Buffer.from(text).toString("base64");
}

function decode(text = ""): string {
  return Buffer.from(text, "base64").toString();
}
