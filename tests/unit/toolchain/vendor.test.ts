import { mkdirSync, mkdtempSync, rmSync, writeFileSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { cli, languageHost, tools } from "../../../toolchain/tool";
import { downloadFromVendor, vendorAnswers } from "../../../toolchain/vendor";

describe("asking", () => {
  const fetchBefore = global.fetch;
  afterEach(() => {
    global.fetch = fetchBefore;
  });

  test.each([
    ["an answer", () => Promise.resolve(new Response("", { status: 200 })), true],
    ["a refusal", () => Promise.resolve(new Response("", { status: 403 })), false],
    ["no answer", () => Promise.reject(new TypeError("fetch failed")), false],
  ])("%s", async (_, answer, expected) => {
    global.fetch = jest.fn(answer);
    expect(await vendorAnswers()).toBe(expected);
    const [, options] = jest.mocked(global.fetch).mock.calls[0]!;
    expect(options?.signal).toBeInstanceOf(AbortSignal);
  });
});

describe("downloading", () => {
  let home: string;

  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), "cloudlet-vendor-"));
  });

  afterEach(() => rmSync(home, { recursive: true, force: true }));

  /** Puts a CLI in place that notes how it is called, instead of downloading. */
  function noteCalls(): void {
    const file = join(home, cli.file);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, `#!/bin/sh\necho "$PULUMI_HOME $*" >> "$PULUMI_HOME/calls"\n`, {
      mode: 0o755,
    });
  }

  test("the npm package fetches the CLI, the CLI the providers, all into the home that was asked for", async () => {
    noteCalls();
    await downloadFromVendor(tools, home, () => {});
    expect(readFileSync(join(home, "calls"), "utf8").split("\n")).toEqual([
      `${home} version`,
      `${home} plugin install resource command 1.2.1`,
      `${home} plugin install resource docker 5.2.0`,
      "",
    ]);
  });

  test("a language host of ours makes way for the vendor's, which comes with the CLI", async () => {
    noteCalls();
    const host = join(home, languageHost.file);
    writeFileSync(host, "ours");
    writeFileSync(`${host}.built-by-cloudlet`, "source");
    await downloadFromVendor([cli], home, () => {});
    expect(() => readFileSync(host)).toThrow("ENOENT");
  });
});
