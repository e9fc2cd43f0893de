import { existsSync, readFileSync, unlinkSync } from "node:fs";
import { diagnostics, PulumiProgram, until } from "./pulumi-program";

jest.setTimeout(120_000);

let program: PulumiProgram;

/** Processes that a test expects to have ended by then. */
const recorded: number[] = [];

afterEach(() => {
  for (const pid of recorded.splice(0)) if (!hasEnded(pid)) process.kill(pid, "SIGKILL");
  program?.remove();
});

/**
 * Without it the SDK's report of an error takes Node 20 a minute: util.inspect never ends on the paths that
 * source-map-support makes of the SDK's frames, until its text is too long for a string.
 */
const plainStacks = "Error.prepareStackTrace = undefined;";

/** Puts into the file `pids` the processes of the program and of the host that started it. */
const recordPids = `require("fs").writeFileSync("pids", process.pid + " " + process.ppid);`;

async function recordedPids(): Promise<{ child: number; host: number }> {
  const file = program.path("pids");
  const text = () => (existsSync(file) ? readFileSync(file, "utf8") : "");
  await until("the program has started", () => text().includes(" "));
  const [child, host] = text().split(" ").map(Number);
  recorded.push(child!, host!);
  return { child: child!, host: host! };
}

function parentOf(pid: number): number {
  return Number(/^PPid:\s*(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]);
}

function hasEnded(pid: number): boolean {
  try {
    return /^State:\s*Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return true;
  }
}

function count(text: string, part: string): number {
  return text.split(part).length - 1;
}

describe("running a program", () => {
  test("it gets its settings, its secrets as secrets, and shows what it prints", async () => {
    program = await PulumiProgram.create(`
      const pulumi = require("@pulumi/pulumi");
      const config = new pulumi.Config();
      console.log("printed to stdout");
      console.error("printed to stderr");
      module.exports = {
        plain: config.require("plain"),
        hidden: config.requireSecret("hidden"),
        organization: pulumi.getOrganization(),
        project: pulumi.getProject(),
        stack: pulumi.getStack(),
        dryRun: pulumi.runtime.isDryRun(),
        directory: process.cwd(),
      };`);
    await program.succeed("config", "set", "plain", 'with "quotes" and $dollars');
    await program.succeed("config", "set", "--secret", "hidden", "hidden-words");

    const preview = await program.preview();
    expect(preview).toMatchObject({
      exitCode: 0,
      output: expect.stringContaining("dryRun      : true"),
    });
    for (const text of ["printed to stdout", "printed to stderr"]) {
      expect(preview.output).toContain(text);
    }
    expect(preview.output).not.toContain("hidden-words");
    await program.up();
    expect(await program.outputs()).toEqual({
      plain: 'with "quotes" and $dollars',
      hidden: "hidden-words",
      organization: "organization",
      project: "program",
      stack: "test",
      dryRun: false,
      directory: program.directory,
    });
    expect(await program.exportState()).not.toContain("hidden-words");
  });

  test("nodeargs reach Node.js, words in quotes as one", async () => {
    program = await PulumiProgram.create("exports.args = process.execArgv;", {
      typescript: false,
      nodeargs: `--max-old-space-size=512 --title "one word"`,
    });
    await program.up();
    expect(await program.outputs()).toEqual({
      args: ["--max-old-space-size=512", "--title", "one word"],
    });
  });

  test("an option of the wrong type is an error that names it", async () => {
    program = await PulumiProgram.create("", { typescript: false, nodeargs: 5 });
    const { exitCode, output } = await program.preview();
    expect(exitCode).toBe(1);
    expect(output).toContain("Pulumi.yaml: runtime.options.nodeargs: expected a text, got 5");
  });
});

describe("a program that fails", () => {
  test.each([
    ["throws", `throw new Error("thrown " + "here");`, "Error: thrown here"],
    ["rejects", `Promise.reject(new Error("rejected " + "here"));`, "Error: rejected here"],
    ["loads what is not there", `require("not-" + "there");`, "Cannot find module 'not-there'"],
    ["exits", "process.exit(7);", "Program exited with non-zero exit code: 7"],
    [
      "is killed",
      `process.kill(process.pid, "SIGKILL");`,
      "Program was ended by the signal SIGKILL",
    ],
  ])("%s: reported once", async (_, source, message) => {
    program = await PulumiProgram.create(plainStacks + source);
    const result = await program.preview();
    expect(result.exitCode).toBe(1);
    expect(count(diagnostics(result), message)).toBe(1);
  });

  test("without the SDK the error says what to install", async () => {
    program = await PulumiProgram.create("");
    unlinkSync(program.path("node_modules"));
    const { exitCode, output } = await program.preview();
    expect(exitCode).toBe(1);
    expect(output).toContain("the npm package @pulumi/pulumi is not installed here; run npm ci");
  });
});

describe("the end", () => {
  test("when the engine is killed, host and program end, even one that ignores signals", async () => {
    program = await PulumiProgram.create(`
      process.on("SIGTERM", () => {}).on("SIGINT", () => {});
      ${recordPids}
      setInterval(() => {}, 1000);`);
    const cli = program.start(["preview", "-s", "test"]);
    const { child, host } = await recordedPids();

    process.kill(parentOf(host), "SIGKILL");
    await cli;
    await until("host and program have ended", () => hasEnded(host) && hasEnded(child));
    expect([hasEnded(host), hasEnded(child)]).toEqual([true, true]);
  });

  test("when the user interrupts, the program ends, and so does the command", async () => {
    program = await PulumiProgram.create(`${recordPids} setInterval(() => {}, 1000);`);
    const cli = program.start(["preview", "-s", "test"]);
    const { child, host } = await recordedPids();

    process.kill(parentOf(host), "SIGINT");
    expect((await cli).exitCode).not.toBe(0);
    await until("host and program have ended", () => hasEnded(host) && hasEnded(child));
    expect([hasEnded(host), hasEnded(child)]).toEqual([true, true]);
  });
});
