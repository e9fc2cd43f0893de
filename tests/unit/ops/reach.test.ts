import { execCommand } from "../../../ops/reach/exec";
import { requireService } from "../../../ops/reach/find-swarm";
import { findTask } from "../../../ops/reach/find-task";
import { logsCommand } from "../../../ops/reach/logs";
import { askEngineScript } from "../../../ops/status/ask-engine";
import type { ServiceView, TaskView } from "../../../ops/status/swarm-view";
import { parseEngineAnswers } from "../../../observe/engine-api";
import { fakeCommands, runScript, shells, syntaxErrors } from "../../support/shells";

const task = (slot: number, phone: string, more: Partial<TaskView> = {}): TaskView => ({
  ...{ slot, phone, phoneIsReady: true, wanted: "running", state: "running" },
  ...{ since: "2026-11-22T10:00:00Z", error: "", containerId: `c${slot}-${phone}` },
  ...more,
});
const service = (...tasks: TaskView[]): ServiceView => ({
  ...{ name: "shop_web", stack: "shop", mode: "replicated", replicas: 2, image: "web:1" },
  ...{ changedAt: "", update: undefined, constraints: [], tasks },
});

describe("findTask", () => {
  it.each<[string, TaskView[], string | undefined, string]>([
    ["the first by number", [task(2, "a"), task(1, "b")], undefined, "c1-b"],
    ["of a global service by phone", [task(0, "p-10"), task(0, "p-9")], undefined, "c0-p-9"],
    ["the one on the phone that is named", [task(1, "a"), task(2, "b")], "b", "c2-b"],
    ["none that ended", [task(1, "a", { wanted: "shutdown" }), task(2, "b")], undefined, "c2-b"],
    ["none that starts", [task(1, "a", { state: "starting" }), task(2, "b")], undefined, "c2-b"],
    [
      "none of a phone that is gone",
      [task(1, "a", { phoneIsReady: false }), task(2, "b")],
      undefined,
      "c2-b",
    ],
    [
      "none without a container",
      [task(1, "a", { containerId: "" }), task(2, "b")],
      undefined,
      "c2-b",
    ],
  ])("takes %s", (_, tasks, phone, containerId) => {
    expect(findTask(service(...tasks), phone).containerId).toBe(containerId);
  });

  it.each<[string, TaskView[], string]>([
    ["none at all", [], "shop_web: expected a running task, got none"],
    [
      "none that runs, with the last error",
      [task(1, "a", { state: "rejected", error: "No such image: web:1" })],
      "shop_web: expected a running task, got none; its last error: No such image: web:1",
    ],
    [
      "none there",
      [task(1, "a"), task(2, "b")],
      "shop_web: expected a task on c, which has none, got those on a, b",
    ],
  ])("refuses where there is %s", (_, tasks, message) => {
    expect(() => findTask(service(...tasks), "c")).toThrow(message);
  });
});

it("requireService names the services that there are", () => {
  const found = { master: "pixel-1", view: { services: [service()] } };
  expect(requireService(found, "shop_web").name).toBe("shop_web");
  expect(() => requireService(found, "web")).toThrow(
    'expected a service, got "web"; there are shop_web',
  );
  expect(() => requireService({ ...found, view: { services: [] } }, "web")).toThrow(
    "there are none",
  );
});

describe("the commands for a phone's shell", () => {
  it("hand each word of the user on as it is", () => {
    const task = { phone: "a", containerId: "c1" };
    expect(execCommand(task, ["sh", "-c", "echo $HOME; ls"], false)).toBe(
      "docker exec -i c1 sh -c 'echo $HOME; ls'",
    );
    expect(execCommand(task, ["sh"], true)).toBe("docker exec -it c1 sh");
    expect(logsCommand("a;reboot", {})).toBe("docker service logs 'a;reboot'");
    expect(
      logsCommand("shop_web", { follow: true, timestamps: true, tail: "5", since: "10m" }),
    ).toBe("docker service logs --follow --timestamps --tail 5 --since 10m shop_web");
  });
});

describe.each(shells)("askEngineScript in %s", (_, shell) => {
  const script = askEngineScript(["/tasks"]);
  const docker = (allowed: string) => `${allowed} || exit 1
while IFS= read -r line; do case $line in *"Connection: close"*) break ;; esac; done
printf 'HTTP/1.1 200 OK\\r\\nContent-Length: 2\\r\\n\\r\\n[]'`;
  const ask = (commands: Record<string, string>) => {
    const bin = fakeCommands({ id: "echo 10000", sudo: "exit 1", ...commands });
    const { stdout } = runScript(shell, script, { env: { PATH: `${bin}:${process.env.PATH}` } });
    return parseEngineAnswers(stdout);
  };

  it("is well-formed", () => expect(syntaxErrors(shell, script)).toBe(""));

  it("asks as the user, or as root where the user may not", () => {
    const answer = [{ status: 200, body: [] }];
    expect(ask({ docker: docker("true"), doas: "exit 1" })).toEqual(answer);
    const doas = 'shift; ROOT=1 exec "$@"';
    expect(ask({ docker: docker('[ -n "$ROOT" ]'), doas })).toEqual(answer);
  });

  it("says nothing where nobody may", () => {
    expect(ask({ docker: "exit 1", doas: "exit 1" })).toEqual([]);
  });
});
