import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { diagnostics, type Outcome, PulumiProgram } from "./pulumi-program";
import { freePort, SshAgent, SshServer } from "./ssh-server";

// What the vendor's provider does, held against ours: the program must not be able to tell them apart.

jest.setTimeout(120_000);

let server: SshServer;
let program: PulumiProgram;

beforeAll(async () => {
  server = await SshServer.start();
});

afterAll(() => server?.stop());

afterEach(() => program?.remove());

/** A program of remote commands: their arguments by name, those of the resource options beside them. */
function commands(
  resources: Record<string, [args: Record<string, unknown>, options?: object]>,
): string {
  const lines = Object.entries(resources).map(([name, [args, options = {}]]) => {
    const all = JSON.stringify({ connection: connection(), ...args });
    return `out[${JSON.stringify(name)}] = new remote.Command(${JSON.stringify(name)}, ${all}, ${JSON.stringify(options)}).stdout;`;
  });
  return `
    const { remote } = require("@pulumi/command");
    const out = (exports.out = {});
    ${lines.join("\n")}`;
}

function connection(changes: object = {}): object {
  const { host, port, user, privateKey, hostKey } = server;
  return { host, port, user, privateKey, hostKey, ...changes };
}

async function upWith(source: string): Promise<Outcome> {
  program = await PulumiProgram.create(source);
  return program.up();
}

async function stdout(): Promise<Record<string, string>> {
  return (await program.outputs()).out as Record<string, string>;
}

describe("running commands", () => {
  test("create runs with stdin and an accepted environment; the next preview has nothing to do", async () => {
    const args = {
      create: 'cat; echo "$ACCEPTED"; echo shown >&2',
      stdin: "from stdin ",
      environment: { ACCEPTED: "variable" },
    };
    const created = await upWith(commands({ all: [args] }));

    expect(created).toMatchObject({ exitCode: 0, output: expect.stringContaining("shown") });
    expect(await stdout()).toEqual({ all: "from stdin variable" });
    const again = await program.preview("--expect-no-changes");
    expect(again).toMatchObject({ exitCode: 0, output: expect.stringContaining("2 unchanged") });
  });

  test("update runs the update command, or create again, and sees what the last one printed", async () => {
    const both = (version: string, more: object = {}) =>
      commands({
        again: [{ create: `echo ${version} "after $PULUMI_COMMAND_STDOUT"`, ...more }],
        own: [{ create: "echo created", update: `echo ${version} "after $PULUMI_COMMAND_STDOUT"` }],
        without: [
          {
            create: `echo "${version} after $PULUMI_COMMAND_STDOUT"`,
            addPreviousOutputInEnv: false,
          },
        ],
      });
    await upWith(both("one"));
    expect(await stdout()).toEqual({ again: "one after ", own: "created", without: "one after " });

    program.write("index.js", both("two"));
    expect(await program.up()).toMatchObject({ output: expect.stringContaining("3 updated") });
    expect(await stdout()).toEqual({
      again: "two after one after ",
      own: "two after created",
      without: "two after ",
    });
  });

  test("triggers replace: the new create runs before the old delete", async () => {
    const log = join(server.directory, "triggers");
    const source = (trigger: string) =>
      commands({
        it: [
          {
            create: `echo +${trigger} >> ${log}`,
            delete: `echo -${trigger} >> ${log}`,
            triggers: [trigger],
          },
        ],
      });
    await upWith(source("a"));
    program.write("index.js", source("b"));

    expect(await program.up()).toMatchObject({ output: expect.stringContaining("1 replaced") });
    expect(readFileSync(log, "utf8").split("\n")).toEqual(["+a", "+b", "-a", ""]);
  });

  test("delete runs with the connection of the state, whatever the program says by then", async () => {
    const file = join(server.directory, "created");
    await upWith(commands({ it: [{ create: `touch ${file}`, delete: `rm ${file}` }] }));
    expect(existsSync(file)).toBe(true);

    program.write("index.js", "");
    expect(await program.up()).toMatchObject({ output: expect.stringContaining("1 deleted") });
    expect(existsSync(file)).toBe(false);
  });

  test("without a command nothing is dialled", async () => {
    const nowhere = connection({ port: await freePort(), dialErrorLimit: 0 });
    expect(await upWith(commands({ none: [{ connection: nowhere }] }))).toMatchObject({
      exitCode: 0,
    });
    expect(await stdout()).toEqual({ none: "" });
  });

  test("a preview dials nobody", async () => {
    const nowhere = connection({ port: await freePort(), dialErrorLimit: 0 });
    program = await PulumiProgram.create(
      commands({ it: [{ connection: nowhere, create: "true", delete: "true" }] }),
    );
    expect(await program.preview()).toMatchObject({ exitCode: 0 });
  });

  test("an input that changes under ignoreChanges changes nothing", async () => {
    const source = (stdin: string) =>
      commands({ it: [{ create: "cat", stdin }, { ignoreChanges: ["stdin"] }] });
    await upWith(source("1"));
    program.write("index.js", source("2"));
    expect(await program.preview("--expect-no-changes")).toMatchObject({ exitCode: 0 });
  });
});

describe("secrets", () => {
  test("logging: none prints nothing, and neither a secret output nor the key is readable in the state", async () => {
    const args = { create: "printf %s-%s hidden words", logging: "none" };
    const result = await upWith(commands({ it: [args, { additionalSecretOutputs: ["stdout"] }] }));
    const state = await program.exportState();

    expect(result).toMatchObject({
      exitCode: 0,
      output: expect.not.stringContaining("hidden-words"),
    });
    expect(await stdout()).toEqual({ it: "hidden-words" });
    for (const secret of ["hidden-words", "PRIVATE KEY"]) expect(state).not.toContain(secret);
  });

  test("a secret input stays one in the state; stdout, being another property, does not", async () => {
    const source = commands({ it: [{ create: "cat > /dev/null; echo open", stdin: "STDIN" }] });
    await upWith(source.replace('"STDIN"', 'require("@pulumi/pulumi").secret("hidden-words")'));
    const state = await program.exportState();

    expect(state).not.toContain("hidden-words");
    expect(state).toContain('"stdout": "open"');
  });
});

describe("connections", () => {
  test("a server with another host key is refused", async () => {
    const other = readFileSync(join(server.directory, "user.pub"), "utf8").trim();
    const result = await upWith(
      commands({
        it: [{ connection: connection({ hostKey: other, dialErrorLimit: 0 }), create: "true" }],
      }),
    );
    expect(result).toMatchObject({
      exitCode: 1,
      output: expect.stringContaining("ssh: host key mismatch"),
    });
  });

  test("a server that does not answer is given up after the allowed failures", async () => {
    const port = await freePort();
    const result = await upWith(
      commands({ it: [{ connection: connection({ port, dialErrorLimit: 2 }), create: "true" }] }),
    );
    expect(result.exitCode).toBe(1);
    expect(result.output).toContain("after 3 failed attempts: dial tcp");
    expect(result.output).toContain("connection refused");
  });

  test("customTimeouts end the attempts to connect", async () => {
    const port = await freePort();
    const args = { connection: connection({ port, dialErrorLimit: -1 }), create: "true" };
    const result = await upWith(commands({ it: [args, { customTimeouts: { create: "1s" } }] }));
    expect(result).toMatchObject({
      exitCode: 1,
      output: expect.stringContaining("context deadline exceeded"),
    });
  });

  test("a wrong key is an authentication error", async () => {
    const privateKey = readFileSync(join(server.directory, "host"), "utf8");
    const result = await upWith(
      commands({
        it: [{ connection: connection({ privateKey, dialErrorLimit: 0 }), create: "true" }],
      }),
    );
    expect(result).toMatchObject({
      exitCode: 1,
      output: expect.stringContaining("unable to authenticate"),
    });
  });

  test("an agent at a path relative to the project will do instead of a key", async () => {
    const { host, port, user, hostKey } = server;
    const viaAgent = { host, port, user, hostKey, agentSocketPath: "agent.sock" };
    program = await PulumiProgram.create(
      commands({ it: [{ connection: viaAgent, create: "echo through the agent" }] }),
    );
    const agent = await SshAgent.start(program.path("agent.sock"), join(server.directory, "user"));
    try {
      expect(await program.up()).toMatchObject({ exitCode: 0 });
      expect(await stdout()).toEqual({ it: "through the agent" });
      expect(await program.exportState()).not.toContain("PRIVATE KEY");
    } finally {
      await agent.stop();
    }
  });

  test("a proxy is on the way", async () => {
    const args = {
      connection: connection({ proxy: connection() }),
      create: 'echo "$SSH_CONNECTION"',
    };
    const result = await upWith(commands({ it: [args] }));
    expect(result).toMatchObject({ exitCode: 0 });
    expect((await stdout()).it).toMatch(/^127\.0\.0\.1 \d+ 127\.0\.0\.1 \d+$/);
  });
});

describe("failures", () => {
  test("a command that fails says its exit code, its text and what it printed, and is not recorded", async () => {
    const result = await upWith(commands({ it: [{ create: "echo out; echo err >&2; exit 3" }] }));
    expect(result.exitCode).toBe(1);
    // Two streams of one connection: which comes first is up to the network.
    expect(diagnostics(result)).toMatch(
      /Process exited with status 3: running "echo out; echo err >&2; exit 3":\n(out\nerr|err\nout)\n/,
    );
    expect(await program.exportState()).not.toContain("command:remote:Command");
  });

  test("a failed update keeps the old outputs, and the next up runs again", async () => {
    const flag = join(server.directory, "flag");
    await upWith(commands({ it: [{ create: "echo old" }] }));
    program.write("index.js", commands({ it: [{ create: `test -e ${flag} && echo new` }] }));

    expect(await program.up()).toMatchObject({ exitCode: 1 });
    expect(await program.exportState()).toContain('"stdout": "old"');
    writeFileSync(flag, "");
    expect(await program.up()).toMatchObject({ exitCode: 0 });
    expect(await stdout()).toEqual({ it: "new" });
  });

  test("a variable that sshd does not accept is an error that says so", async () => {
    const result = await upWith(
      commands({ it: [{ create: "true", environment: { REFUSED: "x" } }] }),
    );
    expect(result.exitCode).toBe(1);
    expect(result.output).toContain('could not set environment variable "REFUSED"');
    expect(result.output).toContain("AcceptEnv");
  });

  test("a delete that cannot reach its host fails and keeps the resource", async () => {
    const gone = await SshServer.start();
    const { port, hostKey, privateKey } = gone;
    const there = connection({ port, hostKey, privateKey, dialErrorLimit: 1 });
    try {
      await upWith(commands({ it: [{ connection: there, create: "true", delete: "true" }] }));
    } finally {
      await gone.stop();
    }
    expect(await program.destroy()).toMatchObject({
      exitCode: 1,
      output: expect.stringContaining("after 2 failed attempts"),
    });
    expect(await program.exportState()).toContain("command:remote:Command");
  });
});
