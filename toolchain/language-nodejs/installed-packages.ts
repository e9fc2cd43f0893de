import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { jsonField, jsonText } from "./json-field";

/**
 * The texts of the package.json of every npm package that a program in the directory can load, found as Node.js
 * finds them: upwards. Texts, because there are hundreds and parsing is most of the time.
 */
export function* installedPackages(directory: string): Generator<string> {
  for (let at = directory; ; at = dirname(at)) {
    const nodeModules = join(at, "node_modules");
    if (existsSync(nodeModules)) yield* packagesIn(nodeModules);
    if (at === dirname(at)) return;
  }
}

function* packagesIn(nodeModules: string): Generator<string> {
  for (const name of readdirSync(nodeModules)) {
    const folder = join(nodeModules, name);
    if (name.startsWith("@")) {
      yield* packagesIn(folder);
    } else if (!name.startsWith(".")) {
      const text = readPackage(folder);
      if (text) yield text;
      const nested = join(folder, "node_modules");
      if (existsSync(nested)) yield* packagesIn(nested);
    }
  }
}

/** The text of the package.json in a folder, "" if there is none. */
function readPackage(folder: string): string {
  try {
    return readFileSync(join(folder, "package.json"), "utf8");
  } catch {
    return "";
  }
}

/** An npm package and its version. */
export interface Dependency {
  name: string;
  version: string;
}

/** The npm packages that are installed for a program: those it names itself, or all of them. */
export function programDependencies(directory: string, transitive: boolean): Dependency[] {
  const all = [...installedPackages(directory)].map((text) => {
    const parsed: unknown = JSON.parse(text);
    return { name: jsonText(parsed, "name"), version: jsonText(parsed, "version") };
  });
  if (transitive) return all;
  const program: unknown = JSON.parse(readPackage(directory) || "{}");
  const named = new Set(
    ["dependencies", "devDependencies"].flatMap((section) =>
      Object.keys(jsonField(program, section) ?? {}),
    ),
  );
  return all.filter(({ name }) => named.has(name));
}
