import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { jsonText } from "./json-field";

/** An npm package that is installed. */
export interface InstalledPackage {
  name: string;
  version: string;
  /** The text of its package.json: parsed by those who need more, as there are hundreds. */
  text: string;
}

/** Every npm package that a program in the directory can load, found as Node.js finds them: upwards. */
export function* installedPackages(directory: string): Generator<InstalledPackage> {
  for (let at = directory; ; at = dirname(at)) {
    yield* packagesIn(join(at, "node_modules"));
    if (at === dirname(at)) return;
  }
}

function* packagesIn(nodeModules: string): Generator<InstalledPackage> {
  for (const name of entries(nodeModules)) {
    const folder = join(nodeModules, name);
    if (name.startsWith("@")) {
      yield* packagesIn(folder);
    } else if (!name.startsWith(".")) {
      const found = readPackage(folder);
      if (found) yield found;
      yield* packagesIn(join(folder, "node_modules"));
    }
  }
}

function entries(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function readPackage(folder: string): InstalledPackage | undefined {
  try {
    const text = readFileSync(join(folder, "package.json"), "utf8");
    const parsed: unknown = JSON.parse(text);
    return { name: jsonText(parsed, "name"), version: jsonText(parsed, "version"), text };
  } catch {
    return undefined;
  }
}
