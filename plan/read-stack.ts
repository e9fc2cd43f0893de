import { ComposeError } from "../compose/compose-error";
import { convertStack, type StackConversion } from "../compose/convert-stack";
import type { Config, StackConfig } from "../config/config";
import { showValue, type Problem } from "../config/problem";
import { stackEnvironment } from "./stack-environment";

/** What reading a stack's files needs; the reading itself is the caller's. */
export interface StackFiles {
  readonly config: Config;
  /** Values of the secret settings by name. */
  readonly secrets: Readonly<Record<string, string>>;
  readonly projectDirectory: string;
  /** Content of a file by its absolute path, undefined where there is none. */
  readonly readFile: (path: string) => Uint8Array | undefined;
}

/** What a stack's files ask for, or why that cannot be told. */
export interface StackReading {
  readonly conversion: StackConversion | undefined;
  readonly problems: readonly Problem[];
  readonly usedSecrets: readonly string[];
}

/** Reads a stack's files in the environment that the settings give them. */
export function readStack(stack: StackConfig, inputs: StackFiles): StackReading {
  const { environment, problems, usedSecrets } = stackEnvironment(stack, inputs);
  const files = stack.files.map((path) => ({ path, text: readText(inputs, path) }));
  const missing = files
    .filter(({ text }) => text === undefined)
    .map(({ path }) => noSuchFile(stack, path));
  if (problems.length + missing.length > 0) {
    return { conversion: undefined, problems: [...problems, ...missing], usedSecrets };
  }
  try {
    const conversion = convertStack({
      stack: stack.name,
      files: files.map(({ path, text = "" }) => ({ path, text })),
      environment,
      workingDirectory: directoryOf(`${inputs.projectDirectory}/${files[0]?.path ?? ""}`),
      // A home is a machine's own: what stands below ~ would differ from one preview to the next.
      homeDirectory: "/root",
      readFile: inputs.readFile,
    });
    return { conversion, problems: [], usedSecrets };
  } catch (error) {
    if (!(error instanceof ComposeError)) throw error;
    return { conversion: undefined, problems: error.problems, usedSecrets };
  }
}

function readText({ projectDirectory, readFile }: StackFiles, path: string): string | undefined {
  const bytes = readFile(`${projectDirectory}/${path}`);
  return bytes === undefined ? undefined : Buffer.from(bytes).toString();
}

function directoryOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/"));
}

function noSuchFile({ name }: StackConfig, path: string): Problem {
  return {
    where: `cloudlet:stacks.${name}.file`,
    message: `expected a stack file of this project, got ${showValue(path)}: no such file`,
  };
}
