import { accessSync, constants, readFileSync, statSync } from "node:fs";
import { chmod, copyFile, mkdir, rename, rm, rmdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fingerprint } from "./fingerprint";
import type { Tool } from "./tool";

/** Who put a tool where it is: the vendor (or the user), or we, from the source that is here or from another. */
export type State = "missing" | "vendor's" | "ours" | "ours, outdated";

/** What is where the engine expects the tool. */
export function stateOf(tool: Tool, home: string): State {
  const file = join(home, tool.file);
  if (!isExecutable(file)) return "missing";
  const builtFrom = readMarker(file);
  if (builtFrom === undefined) return "vendor's";
  return builtFrom === fingerprint(tool) ? "ours" : "ours, outdated";
}

/**
 * Puts a built tool where the engine expects it. At no moment is there half a file, or one of ours unmarked: the mark
 * comes first, and names the source last.
 */
export async function place(tool: Tool, built: string, home: string): Promise<void> {
  const file = join(home, tool.file);
  const temporary = `${file}.${process.pid}`;
  await mkdir(dirname(file), { recursive: true });
  try {
    await copyFile(built, temporary, constants.COPYFILE_FICLONE);
    await chmod(temporary, 0o755);
    await writeFile(markerOf(file), "");
    await rename(temporary, file);
    await writeFile(markerOf(file), fingerprint(tool));
  } finally {
    await rm(temporary, { force: true });
  }
}

/** Removes a tool that we put there, and the folders that are then empty. Says whether it did. */
export async function removeIfOurs(tool: Tool, home: string): Promise<boolean> {
  const file = join(home, tool.file);
  if (readMarker(file) === undefined) return false;
  await rm(file, { force: true });
  await rm(markerOf(file), { force: true });
  for (let folder = dirname(file); folder.length > home.length; folder = dirname(folder)) {
    if (!(await removeIfEmpty(folder))) break;
  }
  return true;
}

/** The file beside one of ours that says so, and from which source it was built. */
function markerOf(file: string): string {
  return `${file}.built-by-cloudlet`;
}

function readMarker(file: string): string | undefined {
  try {
    return readFileSync(markerOf(file), "utf8");
  } catch {
    return undefined;
  }
}

/** As the npm package `pulumi` decides whether to download. */
function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).size > 0;
  } catch {
    return false;
  }
}

async function removeIfEmpty(folder: string): Promise<boolean> {
  try {
    await rmdir(folder);
    return true;
  } catch {
    return false;
  }
}
