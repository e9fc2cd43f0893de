import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { percentile, putLoad } from "../../bench/put-load";

describe("percentile", () => {
  it.each([
    [50, 5],
    [95, 10],
    [100, 10],
    [1, 1],
  ])("%i of a hundred of ten times", (percent, time) => {
    expect(percentile([1, 2, 3, 4, 5, 6, 7, 8, 9, 10], percent)).toBe(time);
  });

  it("of nothing is no number", () => {
    expect(percentile([], 50)).toBeNaN();
  });
});

describe("putLoad", () => {
  let server: Server;
  let asked = 0;
  let connections = 0;

  beforeAll(async () => {
    server = createServer((_, response) => {
      response.statusCode = ++asked % 3 === 0 ? 503 : 200;
      response.end("coffee");
    });
    server.on("connection", () => connections++);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  });

  afterAll(() => server.close());

  it("gives each user a connection and a question a second, and tells answers from failures", async () => {
    const { port } = server.address() as AddressInfo;
    const { times, failures, users, seconds } = await putLoad([`http://127.0.0.1:${port}/`], 6, 2);
    expect({ users, connections }).toEqual({ users: 6, connections: 6 });
    const failed = Math.floor(asked / 3);
    // Each user's last question may have been open at the end.
    expect(failures).toBeGreaterThanOrEqual(failed - users);
    expect(failures).toBeLessThanOrEqual(failed);
    expect(times.length + failures).toBeGreaterThanOrEqual(asked - users);
    expect(times.length + failures).toBeLessThanOrEqual(asked);
    expect(asked).toBeGreaterThanOrEqual(2 * users);
    // On a machine that does much else the end comes late.
    expect(asked).toBeLessThanOrEqual((Math.ceil(seconds) + 1) * users);
    expect(times).toEqual([...times].sort((a, b) => a - b));
  });

  it("does not ask a closed port for ever", async () => {
    const { failures, seconds, times } = await putLoad(["http://127.0.0.1:1/"], 2, 60);
    expect({ failures, times }).toEqual({ failures: expect.any(Number) as number, times: [] });
    expect(failures).toBeGreaterThanOrEqual(2 * 60);
    expect(seconds).toBeLessThan(60);
  });
});
