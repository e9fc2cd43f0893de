import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import type { CloudletProject, PulumiResult } from "./cloudlet-project";

/** How an `up` is broken off on the operator's machine. */
export type Break = "Ctrl-C" | "kill -9 of the CLI" | "kill -9 of all";

/** Starts an `up` and does something in the moment in which it says something; fails where it never says that. */
export async function upUntil(
  project: CloudletProject,
  moment: RegExp,
  act: () => Promise<void> | void,
): Promise<PulumiResult> {
  let said = "";
  let acting: Promise<void> | undefined;
  const args = ["up", "-s", "e2e", "--yes", "--skip-preview", "--non-interactive"];
  const result = await project.pulumi(args, "", (text) => {
    said += text;
    if (acting === undefined && moment.test(said)) acting = Promise.resolve(act());
  });
  if (acting === undefined)
    throw new Error(`expected an up that says ${String(moment)}, got:\n${result.output}`);
  await acting;
  return result;
}

/** Ends the processes of an `up` as a terminal, an impatient user or an operator's machine without memory does. */
export function breakOff({ directory }: CloudletProject, kind: Break): void {
  const ours = groupOf(process.pid);
  for (const { id, name, group } of processesIn(directory)) {
    // What has a group of its own is not in the terminal's foreground; the agent serves later commands too.
    if (kind === "Ctrl-C" && group === ours) signal(id, "SIGINT");
    if (kind === "kill -9 of the CLI" && name === "pulumi") signal(id, "SIGKILL");
    if (kind === "kill -9 of all" && name !== "ssh-agent") signal(id, "SIGKILL");
  }
}

function signal(id: number, name: NodeJS.Signals): void {
  try {
    process.kill(id, name);
  } catch {
    // It has ended in the meantime.
  }
}

// Pulumi and all that it starts run in the project's folder.
function processesIn(directory: string): { id: number; name: string; group: number }[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((id) => {
      try {
        if (readlinkSync(`/proc/${id}/cwd`) !== directory) return [];
        const name = readFileSync(`/proc/${id}/comm`, "utf8").trim();
        return [{ id: Number(id), name, group: groupOf(Number(id)) }];
      } catch {
        return []; // it has ended
      }
    });
}

function groupOf(id: number): number {
  const stat = readFileSync(`/proc/${id}/stat`, "utf8");
  // Behind the name, which may hold blanks: state, parent, group.
  return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[2]);
}
