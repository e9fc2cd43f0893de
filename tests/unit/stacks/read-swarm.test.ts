import { existsSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fakeCommands, runScript, shells, syntaxErrors, type Shell } from "../../support/shells";

const script = readFileSync(resolve(__dirname, "../../../stacks/monitoring/read-swarm.sh"), "utf8");

/** What docker answers, as engines 20.10 and 28 do: for several nodes, tasks come again and again. */
const answers = {
  "node ls": "id1\nid2\nid3",
  "node inspect": `phone id1 pixel-1 manager active ready
phone id2 pixel-2 worker drain ready
phone id3 pixel-3 worker active down`,
  "service ls": `service aaaaaaaaaaaa shop_web replicated 2/2 (max 1 per node)
service bbbbbbbbbbbb shop_agent global 2/2
service cccccccccccc shop_job replicated job 0/1 (1/1 completed)
service dddddddddddd shop_idle replicated 0/0`,
  "node ps": `task t1 aaaaaaaaaaaaxyz.1 id1 Running 2 minutes ago
task t2 bbbbbbbbbbbbxyz.id1 id1 Running 2 minutes ago
task t1 aaaaaaaaaaaaxyz.1 id1 Running 2 minutes ago
task t2 bbbbbbbbbbbbxyz.id1 id1 Running 2 minutes ago
task t3 bbbbbbbbbbbbxyz.id2 id2 Running 2 minutes ago
task t4 aaaaaaaaaaaaxyz.2 id3 Running 2 minutes ago
task t5 aaaaaaaaaaaaxyz.3 id2 Starting 2 seconds ago`,
};

/** Runs one round; the wait after it ends the script, as Docker would. */
function readOnce(shell: Shell, said: Partial<typeof answers> = answers) {
  const directory = mkdtempSync(join(tmpdir(), "cloudlet-swarm-"));
  const file = join(directory, "swarm.prom");
  const cases = Object.entries(said).map(([words, text], index) => {
    writeFileSync(join(directory, `${index}`), `${text}\n`);
    return `"${words}") cat ${directory}/${index} ;;`;
  });
  const PATH = fakeCommands({
    docker: `echo "$*" >> ${directory}/calls\ncase "$1 $2" in\n${cases.join("\n")}\n*) exit 1 ;;\nesac`,
    sleep: "kill $PPID",
  });
  const options = { args: [file], env: { PATH: `${PATH}:${process.env.PATH ?? ""}` } };
  const { status, stderr } = runScript(shell, script, options);
  const text = existsSync(file) ? readFileSync(file, "utf8") : undefined;
  const calls = readFileSync(join(directory, "calls"), "utf8").trim().split("\n");
  return { status, stderr, text, calls };
}

describe.each(shells)("read-swarm.sh in %s", (_, shell) => {
  it("is well-formed", () => {
    expect(syntaxErrors(shell, script)).toBe("");
  });

  it("counts each task once, and none of a phone that is down", () => {
    const { status, stderr, text = "" } = readOnce(shell);
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    const lines = text.trim().split("\n");
    expect(lines.filter((line) => !line.startsWith("#")).sort()).toEqual([
      'cloudlet_phone_info{nodename="id1",phone="pixel-1",role="manager",availability="active"} 1',
      'cloudlet_phone_info{nodename="id2",phone="pixel-2",role="worker",availability="drain"} 1',
      'cloudlet_phone_info{nodename="id3",phone="pixel-3",role="worker",availability="active"} 1',
      'cloudlet_phone_ready{phone="pixel-1"} 1',
      'cloudlet_phone_ready{phone="pixel-2"} 1',
      'cloudlet_phone_ready{phone="pixel-3"} 0',
      'cloudlet_phone_tasks_running{phone="pixel-1"} 2',
      'cloudlet_phone_tasks_running{phone="pixel-2"} 1',
      'cloudlet_phone_tasks_running{phone="pixel-3"} 0',
      'cloudlet_service_tasks_running{service="shop_agent"} 2',
      'cloudlet_service_tasks_running{service="shop_idle"} 0',
      'cloudlet_service_tasks_running{service="shop_web"} 1',
      'cloudlet_service_tasks_wanted{service="shop_agent"} 2',
      'cloudlet_service_tasks_wanted{service="shop_idle"} 0',
      'cloudlet_service_tasks_wanted{service="shop_web"} 2',
    ]);
    // The exporter refuses a file in which the lines of one name are not together.
    const names = lines.map((line) => /^(?:# TYPE )?(\w+)/.exec(line)?.[1]);
    const changes = names.filter((name, index) => name !== names[index - 1]);
    expect(changes.length).toBe(new Set(names).size);
  });

  it.each(["node ls", "node inspect", "service ls", "node ps"])(
    "writes nothing where docker has no answer to %s, so that the alert notices",
    (words) => {
      const said = Object.fromEntries(Object.entries(answers).filter(([key]) => key !== words));
      expect(readOnce(shell, said)).toMatchObject({ status: 0, text: undefined });
    },
  );

  it("only asks", () => {
    const { calls } = readOnce(shell);
    const asked = calls.map((call) => call.split(" ").slice(0, 2).join(" "));
    expect(asked).toEqual(["node ls", "node inspect", "service ls", "node ps"]);
  });
});
