import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { buildArguments } from "./build-tool";
import type { Tool } from "./tool";

/** Names what a build of the tool would give: the same for the same source, recipe and platform. */
export function fingerprint(tool: Tool): string {
  const hash = createHash("sha256");
  const add = (text: string | Buffer) => hash.update(`${text.length}:`).update(text);
  add(`${process.platform}/${process.arch}`);
  add(JSON.stringify(buildArguments(tool, "")));
  const folder = join(__dirname, tool.source);
  for (const file of filesIn(folder)) {
    add(file);
    add(readFileSync(join(folder, file)));
  }
  for (const file of tool.bundles ?? []) add(readFileSync(require.resolve(file)));
  return hash.digest("hex").slice(0, 32);
}

function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
}
