import { readFileSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { ComposeError } from "../../compose/compose-error";
import type { StackSource } from "../../compose/convert-stack";
import type { Problem } from "../../compose/problem";

/** What is read from the machine: the files as the user names them, and what surrounds them. */
export interface StackPlace {
  stack: string;
  /** `-` is standard input. */
  paths: readonly string[];
  environment: Readonly<Record<string, string | undefined>>;
  currentDirectory: string;
}

/** Reads a stack's files as `docker stack deploy -c` does. Throws a ComposeError for files it cannot read. */
export function readStack(place: StackPlace): StackSource {
  const { stack, paths, currentDirectory } = place;
  const problems: Problem[] = [];
  const files = paths.flatMap((path) => {
    const text = readText(path === "-" ? 0 : resolve(currentDirectory, path));
    if (typeof text === "string") return [{ path, text }];
    problems.push({ where: path, message: `cannot be read, ${text.reason}`, kind: "load/file" });
    return [];
  });
  if (problems.length > 0) throw new ComposeError(problems);
  const [first = "-"] = paths;
  return {
    stack,
    files,
    environment: definedOnly(place.environment),
    workingDirectory: first === "-" ? currentDirectory : dirname(resolve(currentDirectory, first)),
    homeDirectory: place.environment.HOME ?? "",
    readFile,
  };
}

function readText(file: string | number): string | { reason: string } {
  if (typeof file === "string") {
    const found = statSync(file, { throwIfNoEntry: false });
    if (!found) return { reason: "there is no such file" };
    if (found.isDirectory()) return { reason: "it is a directory" };
  }
  const bytes = readFileSync(file);
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return { reason: "it is not UTF-8 text" };
  }
}

// Only plain files: a directory or a device is as good as nothing.
function readFile(path: string): Uint8Array | undefined {
  const found = statSync(path, { throwIfNoEntry: false });
  return found?.isFile() ? readFileSync(path) : undefined;
}

function definedOnly(
  environment: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(environment).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, value] as const],
    ),
  );
}
