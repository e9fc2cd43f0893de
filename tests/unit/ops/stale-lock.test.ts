import { mkdtempSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { isLockStale, lockDirectory } from "../../../ops/stale-lock";

// Larger than any kernel gives out (PID_MAX_LIMIT is 2^22).
const NOBODY = 2 ** 22 + 1;

function locksOf(...owners: object[]): string {
  const directory = mkdtempSync(join(tmpdir(), "cloudlet-locks-"));
  owners.forEach((owner, index) =>
    writeFileSync(join(directory, `${index}.json`), JSON.stringify(owner)),
  );
  return directory;
}

describe("isLockStale", () => {
  const here = hostname();
  it.each<[string, object[], boolean]>([
    ["no lock", [], false],
    ["a process that is gone", [{ pid: NOBODY, hostname: here }], true],
    ["a process that runs", [{ pid: process.pid, hostname: here }], false],
    ["a process of another machine", [{ pid: NOBODY, hostname: `not-${here}` }], false],
    [
      "one that is gone and one that runs",
      [
        { pid: NOBODY, hostname: here },
        { pid: process.pid, hostname: here },
      ],
      false,
    ],
    ["something that is no lock of the CLI", [{ owner: "me" }], false],
  ])("%s", (_, owners, expected) => {
    expect(isLockStale(locksOf(...owners))).toBe(expected);
  });

  it("a stack that was never locked", () => {
    expect(isLockStale(lockDirectory("cloudlet", "no-such-stack"))).toBe(false);
  });
});
