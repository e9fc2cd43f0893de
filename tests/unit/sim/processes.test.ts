import { withMachineLock } from "../../../sim/machine-lock";
import { runProgram } from "../../../sim/run-program";
import { waitUntil } from "../../../sim/wait-until";

describe("runProgram", () => {
  it("gives what the program said", async () => {
    const result = await runProgram("sh", ["-c", "cat; echo no >&2; exit 3"], {
      input: "yes",
      allowFailure: true,
    });
    expect(result).toEqual({ stdout: "yes", stderr: "no", exitCode: 3 });
  });

  it.each([
    [
      ["-c", "echo first; echo last >&2; exit 3"],
      "sh -c echo first; echo last >&2; exit 3: ended with 3, got last",
    ],
    [["-c", "kill -9 $$"], "sh -c kill -9 $$: ended by SIGKILL, got "],
  ])("throws the last words of one that fails: %j", async (args, message) => {
    await expect(runProgram("sh", args)).rejects.toThrow(message);
  });

  it("says which program cannot be run", async () => {
    await expect(runProgram("no-such-program", ["x"])).rejects.toThrow(
      "no-such-program x: cannot be run, got spawn no-such-program ENOENT",
    );
  });

  it("ends one that takes too long", async () => {
    const slow = runProgram("sleep", ["60"], { timeoutSeconds: 0.2, allowFailure: true });
    await expect(slow).rejects.toThrow("sleep 60: did not end in time");
  });
});

describe("waitUntil", () => {
  it("asks until the answer is yes", async () => {
    let asked = 0;
    await waitUntil("third time", 10, () => Promise.resolve(++asked === 3));
    expect(asked).toBe(3);
  });

  it("gives up at the deadline with the reason it heard last", async () => {
    const never = waitUntil("phone: does not answer", 0.2, () =>
      Promise.reject(new Error("refused")),
    );
    await expect(never).rejects.toThrow("phone: does not answer: not within 0.2 s, got refused");
  });
});

describe("withMachineLock", () => {
  it("lets one task in at a time, in this process and others", async () => {
    const events: string[] = [];
    const task = (name: string) => async () => {
      events.push(`${name} in`);
      await new Promise((resolve) => setTimeout(resolve, 50));
      events.push(`${name} out`);
      return name;
    };
    const name = `test-${process.pid}`;
    const results = await Promise.all([
      withMachineLock(name, task("a")),
      withMachineLock(name, task("b")),
    ]);
    expect(results).toEqual(["a", "b"]);
    expect([events[0]?.[0], events[2]?.[0]]).toEqual([events[1]?.[0], events[3]?.[0]]);
  });

  it("is free again after a task that failed", async () => {
    const name = `test-failed-${process.pid}`;
    const failing = withMachineLock(name, () => Promise.reject(new Error("broken")));
    await expect(failing).rejects.toThrow("broken");
    await expect(withMachineLock(name, () => Promise.resolve("in"))).resolves.toBe("in");
  });
});
