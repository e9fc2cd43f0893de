import { ComposeError } from "../../compose/compose-error";
import { convertStack, type StackConversion, type StackSource } from "../../compose/convert-stack";
import type { Problem } from "../../compose/problem";
import type { ServiceSpec } from "../../compose/swarm-spec";

interface Surroundings {
  environment?: Record<string, string>;
  /** Files beside the stack's, by absolute path below /work. */
  files?: Record<string, string>;
}

/** Converts stack files (the first is called a.yml, the next b.yml) as the stack `st` in /work. */
export function convert(
  texts: string | string[],
  surroundings: Surroundings = {},
): StackConversion {
  return convertStack(sourceOf(texts, surroundings));
}

/** The problems of stack files; none when they convert. */
export function problemsOf(texts: string | string[], surroundings: Surroundings = {}): Problem[] {
  try {
    convert(texts, surroundings);
    return [];
  } catch (error) {
    if (error instanceof ComposeError) return error.problems;
    throw error;
  }
}

/** The service `web` of a file that has only this under `services.web`, besides an image. */
export function web(keys: string, rest = "", surroundings: Surroundings = {}): ServiceSpec {
  const { spec } = convert(webFile(keys, rest), surroundings);
  return spec.services.st_web!;
}

/** A stack file with the service `web`, and what else stands at the top level. */
export function webFile(keys: string, rest = ""): string {
  const lines = keys.split("\n").map((line) => `    ${line}\n`);
  return `services:\n  web:\n    image: nginx:1\n${lines.join("")}${rest}`;
}

function sourceOf(
  texts: string | string[],
  { environment = {}, files = {} }: Surroundings,
): StackSource {
  return {
    stack: "st",
    files: [texts].flat().map((text, index) => ({ path: `${"abc".charAt(index)}.yml`, text })),
    environment,
    workingDirectory: "/work",
    homeDirectory: "/home/me",
    readFile: (path) => {
      const text = files[path];
      return text === undefined ? undefined : Buffer.from(text);
    },
  };
}
