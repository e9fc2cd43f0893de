import type { Lookup } from "./substitute";

/** The variables of an env_file in order, or what is wrong with it, by line. */
export interface EnvFile {
  variables: [name: string, value: string][];
  problems: { line: number; message: string }[];
}

const longestLine = 64 * 1024;

/**
 * Reads an env_file as the docker CLI does: `NAME=value` lines without quotes or substitution; a
 * bare `NAME` is taken from the environment. Values never appear in the problems.
 */
export function readEnvFile(data: Uint8Array, lookup: Lookup): EnvFile {
  const result: EnvFile = { variables: [], problems: [] };
  const refuse = (line: number, message: string) => result.problems.push({ line, message });
  const text = decode(data);
  if (text === undefined) {
    refuse(1, "is not UTF-8 text");
    return result;
  }
  for (const [index, row] of text.split("\n").entries()) {
    const line = index + 1;
    const entry = row.replace(/\r$/, "").replace(/^(?:[^\S\ufeff]|\u0085)+/, "");
    if (Buffer.byteLength(row) >= longestLine) refuse(line, `is longer than ${longestLine} bytes`);
    if (entry === "" || entry.startsWith("#")) continue;
    const equals = entry.indexOf("=");
    const name = equals === -1 ? entry : entry.slice(0, equals);
    if (name === "") refuse(line, "has no name before the =");
    else if (/[ \t]/.test(name)) refuse(line, `has a blank in the name${hint(name)}`);
    else {
      const value = equals === -1 ? lookup(name) : entry.slice(equals + 1);
      if (value !== undefined) result.variables.push([name, value]);
    }
  }
  return result;
}

function hint(name: string): string {
  return name.startsWith("export ") ? "; write NAME=value without export" : "";
}

function decode(data: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(data);
  } catch {
    return undefined;
  }
}
