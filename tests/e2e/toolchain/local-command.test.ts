import { readFileSync } from "node:fs";
import { diagnostics, PulumiProgram } from "./pulumi-program";

jest.setTimeout(120_000);

let program: PulumiProgram;

afterEach(() => program?.remove());

function command(args: object, options: object = {}): string {
  return `
    const { local } = require("@pulumi/command");
    exports.out = new local.Command("it", ${JSON.stringify(args)}, ${JSON.stringify(options)}).stdout;`;
}

test("create, update and delete run here, with stdin, environment, directory and interpreter", async () => {
  const args = {
    create: "cat; echo $VARIABLE; pwd; echo via $0",
    interpreter: ["/bin/sh", "-c"],
    stdin: "from stdin ",
    environment: { VARIABLE: "variable" },
    dir: "/",
    delete: "echo deleted here >&2",
  };
  program = await PulumiProgram.create(command(args));
  expect(await program.up({ INHERITED: "yes" })).toMatchObject({ exitCode: 0 });
  expect(await program.outputs()).toEqual({ out: "from stdin variable\n/\nvia /bin/sh" });
  expect(await program.preview("--expect-no-changes")).toMatchObject({ exitCode: 0 });

  program.write("index.js", command({ ...args, update: 'echo "was $PULUMI_COMMAND_STDOUT"' }));
  expect(await program.up()).toMatchObject({ output: expect.stringContaining("1 updated") });
  expect(await program.outputs()).toEqual({ out: "was from stdin variable\n/\nvia /bin/sh" });

  expect(await program.destroy()).toMatchObject({
    exitCode: 0,
    output: expect.stringContaining("deleted here"),
  });
});

test("delete sees the environment of the destroy, so that it can be steered from outside", async () => {
  program = await PulumiProgram.create(
    command({ create: "true", delete: 'echo "$STEER" > steered' }),
  );
  await program.up();
  await program.destroy({ STEER: "from outside" });
  expect(readFileSync(program.path("steered"), "utf8")).toBe("from outside\n");
});

test("a command that fails says its exit code, its text and what it printed", async () => {
  program = await PulumiProgram.create(command({ create: "echo out; exit 4" }));
  const result = await program.up();
  expect(result.exitCode).toBe(1);
  expect(diagnostics(result)).toContain('exit status 4: running "echo out; exit 4":\nout');
});

test("customTimeouts kill a command, even if a child of it holds its output open", async () => {
  const args = { create: "sleep 300 & echo $! > child; wait" };
  program = await PulumiProgram.create(command(args, { customTimeouts: { create: "1s" } }));
  const started = Date.now();
  const result = await program.up();
  process.kill(Number(readFileSync(program.path("child"), "utf8")), "SIGKILL");

  expect(result.exitCode).toBe(1);
  expect(result.output).toContain("signal: killed");
  expect(Date.now() - started).toBeLessThan(60_000);
});

test("logging: none and a secret stdin leave no trace of what a command prints", async () => {
  const source = command(
    { create: "cat", stdin: "STDIN", logging: "none" },
    { additionalSecretOutputs: ["stdout"] },
  );
  program = await PulumiProgram.create(
    source.replace('"STDIN"', 'require("@pulumi/pulumi").secret("hidden-words")'),
  );
  const result = await program.up();
  expect(result).toMatchObject({
    exitCode: 0,
    output: expect.not.stringContaining("hidden-words"),
  });
  expect(await program.exportState()).not.toContain("hidden-words");
  expect(await program.outputs()).toEqual({ out: "hidden-words" });
});
