import { z } from "zod";
import type { Fleet } from "../support/fleet";

/** When a deployment got how far, in seconds after it was begun. */
export interface Moments {
  /** Every service has a task whose container was started, if only once. */
  readonly started: number;
  /** The last of the tasks that stayed began to run (or, with a health check, was found healthy). */
  readonly running: number;
}

const tasks = z.array(
  z.object({
    ServiceID: z.string(),
    DesiredState: z.string(),
    Status: z.object({ State: z.string(), Timestamp: z.string() }),
  }),
);

/** Reads the moments from the engines' own records afterwards, so that nothing is asked of the phones while they work. */
export async function readMoments(fleet: Fleet, begun: number): Promise<Moments> {
  const phones = fleet.lab.phoneNames();
  const events = await Promise.all(phones.map((phone) => containerStarts(fleet, phone, begun)));
  const first = new Map<string, number>();
  for (const [service, time] of events.flat()) {
    first.set(service, Math.min(time, first.get(service) ?? Infinity));
  }
  const ids = (await fleet.docker("pixel-1", "service", "ls", "-q")).split("\n");
  const names = await fleet.docker(
    "pixel-1",
    "service",
    "inspect",
    "--format={{.Spec.Name}}",
    ...ids,
  );
  const missing = names.split("\n").filter((name) => !first.has(name));
  if (missing.length > 0) throw new Error(`no start of these was recorded: ${missing.join(", ")}`);
  const times = (await currentTasks(fleet)).map(({ Status }) => Date.parse(Status.Timestamp));
  const seconds = (all: readonly number[]) => (Math.max(...all) - begun) / 1000;
  return { started: seconds([...first.values()]), running: seconds(times) };
}

/** The tasks that should run. */
export async function currentTasks(fleet: Fleet): Promise<z.output<typeof tasks>> {
  const ids = (await fleet.docker("pixel-1", "service", "ls", "-q")).split("\n");
  const wanted = ["service", "ps", "-q", "--no-trunc", "--filter=desired-state=running"];
  const found = (await fleet.docker("pixel-1", ...wanted, ...ids)).split("\n");
  return tasks.parse(JSON.parse(await fleet.docker("pixel-1", "inspect", "--type=task", ...found)));
}

async function containerStarts(
  fleet: Fleet,
  phone: string,
  begun: number,
): Promise<[string, number][]> {
  const format = '{{.TimeNano}} {{index .Actor.Attributes "com.docker.swarm.service.name"}}';
  const range = [`--since=${begun / 1000}`, `--until=${Date.now() / 1000}`];
  const filters = ["--filter=type=container", "--filter=event=start", `--format=${format}`];
  const lines = await fleet.docker(phone, "events", ...range, ...filters);
  return lines
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => {
      const [nanoseconds = "", service = ""] = line.split(" ");
      return [service, Number(nanoseconds) / 1e6];
    });
}
