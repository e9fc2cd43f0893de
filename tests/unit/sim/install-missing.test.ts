import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { installMissing } from "../../../sim/host";

let directory: string;
const path = process.env["PATH"];

// A machine whose apt-get, like the real one, refuses to run beside another.
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "cloudlet-apt-"));
  const script = `#!/bin/sh
cd ${directory} || exit 1
mkdir lists 2>/dev/null || { echo "E: Could not get lock" >&2; exit 100; }
sleep 0.2
echo "$*" >>calls
for name; do :; done
: >"$name" && chmod +x "$name"
rmdir lists
`;
  writeFileSync(join(directory, "apt-get"), script, { mode: 0o755 });
  process.env["PATH"] = `${directory}${delimiter}${path ?? ""}`;
});

afterEach(() => {
  process.env["PATH"] = path;
  rmSync(directory, { recursive: true });
});

const install = (name: string): Promise<void> =>
  installMissing({ [name]: name, sh: "dash" }, () => undefined);

describe("packages that several steps need at once", () => {
  it("are installed one after the other, each once, and what is there never", async () => {
    const names = ["cloudlet-one", "cloudlet-two", "cloudlet-one"];
    await Promise.all(names.map(install));
    const calls = readFileSync(join(directory, "calls"), "utf8").trim().split("\n").sort();
    expect(calls).toEqual([
      "install -y -q --no-install-recommends cloudlet-one",
      "install -y -q --no-install-recommends cloudlet-two",
    ]);
  });
});
