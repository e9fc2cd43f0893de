import { watch } from "../../../ops/status/watch";

const screenOf = (rows: number) => {
  const written: string[] = [];
  return { rows, written, write: (text: string) => written.push(text) };
};

describe("watch", () => {
  it("draws again and again until it is stopped, and then gives the cursor back", async () => {
    const screen = screenOf(10);
    const stop = new AbortController();
    let draws = 0;
    await watch(
      () => {
        draws += 1;
        if (draws === 3) stop.abort();
        return Promise.resolve(`picture ${draws}\n`);
      },
      { screen, seconds: 0.001, signal: stop.signal },
    );
    expect(screen.written[0]).toBe("\x1b[?25l\x1b[2J");
    expect(screen.written.slice(1, 3)).toEqual([
      "\x1b[Hpicture 1\x1b[K\n\x1b[J",
      "\x1b[Hpicture 2\x1b[K\n\x1b[J",
    ]);
    expect(screen.written.at(-1)).toBe("\x1b[?25h\n");
  });

  it("does not wait for a look that is under way when it is stopped", async () => {
    const screen = screenOf(10);
    const stop = new AbortController();
    const watching = watch(() => new Promise<string>(() => undefined), {
      screen,
      seconds: 5,
      signal: stop.signal,
    });
    stop.abort();
    await watching;
    expect(screen.written).toEqual(["\x1b[?25l\x1b[2J", "\x1b[?25h\n"]);
  });

  it("cuts what would scroll the problems away, and says so", async () => {
    const screen = screenOf(4);
    const stop = new AbortController();
    const draw = () => {
      setImmediate(() => {
        stop.abort();
      });
      return Promise.resolve("a\nb\nc\nd\n");
    };
    await watch(draw, { screen, seconds: 60, signal: stop.signal });
    expect(screen.written[1]).toBe(
      "\x1b[Ha\x1b[K\nb\x1b[K\n... 2 more lines: make the window higher\x1b[K\n\x1b[J",
    );
  });

  it("gives the cursor back when a look fails", async () => {
    const screen = screenOf(4);
    const signal = new AbortController().signal;
    const failing = watch(() => Promise.reject(new Error("no settings")), {
      screen,
      seconds: 1,
      signal,
    });
    await expect(failing).rejects.toThrow("no settings");
    expect(screen.written.at(-1)).toBe("\x1b[?25h\n");
  });
});
