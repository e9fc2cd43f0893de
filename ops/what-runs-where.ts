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
  const label = `{{.ID}} {{with index .Spec.Labels "${NODE_LABEL}"}}{{.}}{{end}}`;
  // Node by node, as the CLI of engine 20.10 lists tasks several times over when it is given several nodes.
  const script = `for node in $(docker node ls -q); do
  phone=$(docker node inspect --format ${shellQuote(label)} "$node" | cut -d' ' -f2)
  docker node ps --filter desired-state=running --format "{{.Name}} $phone {{.CurrentState}}" "$node"
done`;
  const { stdout } = await execa("sh", [ON_MASTER, script], { stdin: "ignore" });
  const tasks = stdout.split("\n").flatMap((line): RunningTask[] => {
    const [task = "", phone = "", state = ""] = line.split(" ");
    return task === ""
      ? []
      : [{ service: task.replace(/\.[^.]*$/, ""), phone, state: state.toLowerCase() }];
  });
  const order = ({ service, phone }: RunningTask) => `${service} ${phone}`;
  return tasks.sort((a, b) => order(a).localeCompare(order(b)));
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
