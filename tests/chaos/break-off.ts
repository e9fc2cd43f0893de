import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { cutSshSessions } from "../../sim/faults";
import type { Fleet } from "../support/fleet";
import type { PulumiResult } from "../support/cloudlet-project";
import type { Interruption } from "./step";

interface Process {
  readonly id: number;
  readonly name: string;
  readonly group: number;
}

/** Starts an `up` and breaks it off after a while; how it ended, however that was. */
export async function brokenOffUp(
  { project, lab }: Fleet,
  { kind, afterSeconds }: Interruption,
  phones: readonly string[],
): Promise<PulumiResult> {
  const running = project.up();
  const ended = await Promise.race([running.then(() => true), pause(afterSeconds * 1000)]);
  if (ended === true) return running;
  const processes = processesIn(project.directory);
  switch (kind) {
    case "kill -9 of the engine":
      signal(
        "SIGKILL",
        processes.filter(({ name }) => name === "pulumi"),
      );
      break;
    case "kill -9 of all":
      // Not what is there for later commands too.
      signal(
        "SIGKILL",
        processes.filter(({ name }) => name !== "ssh-agent"),
      );
      break;
    case "Ctrl-C":
      // As a terminal does: the whole foreground group, and not what has a group of its own.
      signal(
        "SIGINT",
        processes.filter(({ group }) => group === groupOf(process.pid)),
      );
      break;
    case "SSH sessions cut":
      await Promise.all(phones.map((phone) => cutSshSessions(lab, phone)));
  }
  const result = await running;
  // A killed CLI leaves its stack locked; the user is told this command.
  if (kind.startsWith("kill")) await project.pulumi(["cancel", "-s", "e2e", "--yes"]);
  return result;
}

/** Ends the providers that a killed engine left waiting for it. */
export function endProviders({ project }: Fleet): void {
  const processes = processesIn(project.directory);
  signal(
    "SIGTERM",
    processes.filter(({ name }) => name.startsWith("pulumi-resource")),
  );
}

function signal(name: NodeJS.Signals, processes: readonly Process[]): void {
  for (const { id } of processes) {
    try {
      process.kill(id, name);
    } catch {
      // It has ended in the meantime.
    }
  }
}

// A command of ours runs in the project's folder, as do all that it starts.
function processesIn(directory: string): Process[] {
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
