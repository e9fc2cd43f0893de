import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { execInGuest, linesAfter } from "../../../sim/arm/guest-agent";

interface Request {
  readonly execute: string;
  readonly arguments: { readonly id?: number } & Record<string, unknown>;
}

const directory = mkdtempSync(join(tmpdir(), "cloudlet-agent-"));
const socketPath = join(directory, "agent");
const base64 = (text: string) => Buffer.from(text).toString("base64");
let server: Server;
let asked: Request[];

/** An agent that speaks as QEMU's does, with leftovers of somebody else's conversation before its answers. */
function serve(statuses: readonly object[]): Promise<void> {
  asked = [];
  const left = [...statuses];
  server = createServer((socket) => {
    socket.write('{"return": {"pid": 99}}\n\xff{"return": 1}\n', "latin1");
    createInterface({ input: socket }).on("line", (line) => {
      const request = JSON.parse(line) as Request;
      if (request.execute === "guest-sync-delimited") {
        socket.write(`\xff{"return": ${request.arguments.id ?? 0}}\n`, "latin1");
        return;
      }
      asked.push(request);
      const answer = request.execute === "guest-exec" ? { pid: 7 } : left.shift();
      socket.write(`${JSON.stringify({ return: answer })}\n`);
    });
  });
  return new Promise((resolve) => {
    server.listen(socketPath, resolve);
  });
}

afterEach(() => {
  server.close();
});
afterAll(() => {
  rmSync(directory, { recursive: true });
});

describe("a command in a machine, through its guest agent", () => {
  it("is given its input, waited for, and its output told", async () => {
    const ended = { exited: true, exitcode: 0, "out-data": base64("out\n") };
    await serve([{ exited: false }, ended]);
    const result = await execInGuest(socketPath, ["sh", "-c", "cat"], { input: "in" });
    expect(result).toEqual({ stdout: "out", stderr: "", exitCode: 0 });
    expect(asked.map((request) => request.execute)).toEqual([
      ...["guest-exec", "guest-exec-status", "guest-exec-status"],
    ]);
    expect(asked[0]?.arguments).toEqual({
      ...{ path: "sh", arg: ["-c", "cat"], "capture-output": true, "input-data": base64("in") },
    });
  });

  it("that fails throws its last words, unless its failure is allowed", async () => {
    const failed = { exited: true, exitcode: 3, "err-data": base64("no\n") };
    await serve([failed, failed]);
    await expect(execInGuest(socketPath, ["sh", "-c", "exit 3"])).rejects.toThrow(
      "sh -c: ended with 3, got no",
    );
    const allowed = await execInGuest(socketPath, ["false"], { allowFailure: true });
    expect(allowed).toEqual({ stdout: "", stderr: "no", exitCode: 3 });
  });

  it("that a signal ended has the exit code that a shell would tell", async () => {
    await serve([{ exited: true, signal: 9 }]);
    const killed = await execInGuest(socketPath, ["sleep", "9"], { allowFailure: true });
    expect(killed.exitCode).toBe(137);
  });
});

describe("the lines after a synchronisation", () => {
  it.each([
    ["none before the sentinel", '{"return": 5}\n', undefined],
    ["none while the sentinel's own line is incomplete", '\xff{"return": 5}', undefined],
    ["none behind another's synchronisation", '\xff{"return": 4}\n{"return": {}}\n', undefined],
    ["the complete ones only", '\xff{"return": 5}\n{"return": 1}\n{"ret', ['{"return": 1}']],
    ["those behind ours", '\xff{"return": 4}\n\xff{"return": 5}\nours\n', ["ours"]],
  ])("are %s", (_, received, expected) => {
    expect(linesAfter(Buffer.from(received, "latin1"), 5)).toEqual(expected);
  });
});
