import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { tellMachine } from "../../../sim/arm/machine-monitor";

const directory = mkdtempSync(join(tmpdir(), "cloudlet-monitor-"));
const socketPath = join(directory, "monitor");
let server: Server | undefined;
const told: unknown[] = [];

function serve(answer: object): Promise<void> {
  told.length = 0;
  server = createServer((socket) => {
    socket.write('{"QMP": {"version": {}}}\n');
    createInterface({ input: socket }).on("line", (line) => {
      const command = JSON.parse(line) as { execute: string };
      told.push(command);
      const isOurs = command.execute !== "qmp_capabilities";
      if (isOurs) socket.write('{"event": "STOP", "timestamp": {}}\n');
      socket.write(`${JSON.stringify(isOurs ? answer : { return: {} })}\n`);
    });
  });
  return new Promise((resolve) => {
    server?.listen(socketPath, resolve);
  });
}

afterEach(() => server?.close());
afterAll(() => {
  rmSync(directory, { recursive: true });
});

describe("a QEMU process", () => {
  it("is told a command after the greeting, whatever events come in between", async () => {
    await serve({ return: {} });
    const command = { execute: "set_link", arguments: { name: "net", up: false } };
    await tellMachine(socketPath, command);
    expect(told).toEqual([{ execute: "qmp_capabilities" }, command]);
  });

  it("that refuses is quoted", async () => {
    await serve({ error: { class: "DeviceNotFound", desc: "Device 'net' not found" } });
    await expect(tellMachine(socketPath, { execute: "set_link" })).rejects.toThrow(
      `${socketPath}: set_link failed, got Device 'net' not found`,
    );
  });

  it("that is gone is an error, not a wait", async () => {
    await expect(tellMachine(join(directory, "none"), { execute: "stop" })).rejects.toThrow(
      "ENOENT",
    );
  });
});
