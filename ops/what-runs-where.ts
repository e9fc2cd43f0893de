import Table from "cli-table3";
import execa from "execa";
import { shellQuote } from "../observe/shell-quote";
import { ON_MASTER } from "../observe/ssh-config";
import { NODE_LABEL } from "../plan/platform";
import { stackOutputs } from "./pulumi";

/** One running task: which service's, on which phone, and how it is. */
export interface RunningTask {
  readonly service: string;
  readonly phone: string;
  readonly state: string;
}

/** Asks a master for every task that should be running. */
export async function runningTasks(): Promise<RunningTask[]> {
  const nodeFormat = `{{.ID}} {{with index .Spec.Labels "${NODE_LABEL}"}}{{.}}{{end}}`;
  const script = `docker node ls -q | xargs docker node inspect --format ${shellQuote(nodeFormat)} | sed 's/^/node /'
docker service ls --format '{{.ID}} {{.Name}}' | sed 's/^/service /'
docker node ps --no-resolve --filter desired-state=running --format '{{.Name}} {{.Node}} {{.CurrentState}}' $(docker node ls -q) | sed 's/^/task /'`;
  const { stdout } = await execa("sh", [ON_MASTER, script]);
  const lines = stdout.split("\n").map((line) => line.split(" "));
  const named = (kind: string) =>
    new Map(lines.filter(([first]) => first === kind).map(([, id = "", name = ""]) => [id, name]));
  const services = named("service");
  const phones = named("node");
  return lines
    .filter(([first]) => first === "task")
    .map(([, task = "", node = "", state = ""]) => ({
      service: services.get(task.split(".")[0] ?? "") ?? task,
      phone: phones.get(node) ?? node,
      state: state.toLowerCase(),
    }))
    .sort((a, b) =>
      a.service < b.service ? -1 : a.service > b.service ? 1 : a.phone < b.phone ? -1 : 1,
    );
}

/** What runs where and where to look at it, as text for a terminal of 80 columns. */
export async function describeCloudlet(stack: string): Promise<string> {
  const [{ nodes, addresses }, tasks] = await Promise.all([stackOutputs(stack), runningTasks()]);
  const table = new Table({
    head: ["service", "phone", "state", "address"],
    style: { head: [], border: [] },
  });
  const services = [...new Set(tasks.map(({ service }) => service))];
  for (const service of services) {
    const own = tasks.filter((task) => task.service === service);
    table.push([
      service,
      own.map(({ phone }) => phone).join("\n"),
      own.map(({ state }) => state).join("\n"),
      (addresses[service] ?? []).join("\n"),
    ]);
  }
  const phones = Object.entries(nodes).map(
    ([key, { role, address }]) => `  ${key}  ${role}  ${address}`,
  );
  return ["phones", ...phones, "", table.toString()].join("\n");
}
