import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { withLock } from "../../../toolchain/lock";

let folder: string;
let file: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "cloudlet-lock-"));
  file = join(folder, "below", "lock");
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

const silent = () => {};

test("work is done one at a time, and the lock is gone afterwards, also after a failure", async () => {
  const events: string[] = [];
  const work = (name: string, fails: boolean) => async () => {
    events.push(`+${name}`);
    await new Promise((resolve) => setImmediate(resolve));
    events.push(`-${name}`);
    if (fails) throw new Error(`${name} failed`);
  };
  const results = await Promise.allSettled([
    withLock(file, 10_000, silent, work("a", true)),
    withLock(file, 10_000, silent, work("b", false)),
  ]);
  expect(results.map(({ status }) => status)).toEqual(["rejected", "fulfilled"]);
  expect(events).toEqual(["+a", "-a", "+b", "-b"]);
  expect(existsSync(file)).toBe(false);
});

test.each(["999999999", "", "not a number"])(
  "a holder that is no process is passed over: %j",
  async (holder) => {
    await withLock(file, 0, silent, () => Promise.resolve());
    writeFileSync(file, holder);
    expect(await withLock(file, 0, silent, () => Promise.resolve("done"))).toBe("done");
  },
);

test("a live holder is named while one waits, and in the error when the time is up", async () => {
  const waiting: number[] = [];
  await withLock(file, 0, silent, async () => {
    const second = withLock(
      file,
      0,
      (pid) => waiting.push(pid),
      () => Promise.resolve(),
    );
    await expect(second).rejects.toThrow(
      `${file}: expected to be released, got held by process ${process.pid}; end it`,
    );
  });
  const third = await withLock(file, 0, silent, () => Promise.resolve("free again"));
  expect(third).toBe("free again");
});
