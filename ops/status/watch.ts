import { setTimeout as pause } from "node:timers/promises";

const HIDE_CURSOR = "\x1b[?25l";
const SHOW_CURSOR = "\x1b[?25h";
const HOME = "\x1b[H";
const CLEAR = "\x1b[2J";
const CLEAR_LINE_END = "\x1b[K";
const CLEAR_BELOW = "\x1b[J";

/** A terminal that can be drawn on. */
export interface Screen {
  readonly rows: number;
  write(text: string): unknown;
}

/** Draws again and again until the signal comes, and leaves the last picture and the cursor as they should be. */
export async function watch(
  draw: () => Promise<string>,
  { screen, seconds, signal }: { screen: Screen; seconds: number; signal: AbortSignal },
): Promise<void> {
  screen.write(HIDE_CURSOR + CLEAR);
  try {
    while (!signal.aborted) {
      const text = await Promise.race([draw(), untilAborted(signal)]);
      if (text === undefined) return;
      screen.write(HOME + fit(text, screen.rows) + CLEAR_BELOW);
      await pause(seconds * 1000, undefined, { signal }).catch(() => undefined);
    }
  } finally {
    screen.write(`${SHOW_CURSOR}\n`);
  }
}

function untilAborted(signal: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => {
    signal.addEventListener("abort", () => {
      resolve(undefined);
    });
  });
}

// Overwritten line by line, as a cleared screen flickers; what does not fit would scroll the top away, where the problems are.
function fit(text: string, rows: number): string {
  const lines = text.trimEnd().split("\n");
  const most = Math.max(2, rows - 1);
  const rest = lines.length - most + 1;
  const shown =
    lines.length <= most
      ? lines
      : [...lines.slice(0, most - 1), `... ${rest} more lines: make the window higher`];
  return shown.map((line) => `${line}${CLEAR_LINE_END}\n`).join("");
}
