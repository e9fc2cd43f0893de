import type { ProgramInfo } from "@pulumi/pulumi/proto/language_pb";

/** What `runtime.options` in Pulumi.yaml asks for. */
export interface RuntimeOptions {
  /** Arguments for Node.js itself. */
  nodeArgs: string[];
  /** What the SDK's runner reads from the environment. */
  environment: NodeJS.ProcessEnv;
  /** npm, yarn, pnpm or bun; auto: the one whose lock file is there. */
  packageManager: string;
}

/** Reads the options that the vendor's host knows. A value of the wrong type is an error. */
export function runtimeOptions(info: ProgramInfo | undefined): RuntimeOptions {
  const options: Record<string, unknown> = info?.getOptions()?.toJavaScript() ?? {};
  const typescript = options.typescript ?? true;
  if (typeof typescript !== "boolean") throw wrongType("typescript", "true or false", typescript);
  const tsconfig = text(options, "tsconfig");
  return {
    nodeArgs: splitArguments(text(options, "nodeargs")),
    environment: {
      PULUMI_NODEJS_TYPESCRIPT: String(typescript),
      ...(tsconfig && { PULUMI_NODEJS_TSCONFIG_PATH: tsconfig }),
    },
    packageManager: text(options, "packagemanager") || "auto",
  };
}

function text(options: Record<string, unknown>, name: string): string {
  const value = options[name] ?? "";
  if (typeof value !== "string") throw wrongType(name, "a text", value);
  return value;
}

function wrongType(name: string, expected: string, value: unknown): Error {
  const got = JSON.stringify(value);
  return new Error(`Pulumi.yaml: runtime.options.${name}: expected ${expected}, got ${got}`);
}

/** Splits a line as a shell would: at blanks, but for those in quotes or after a backslash. */
export function splitArguments(line: string): string[] {
  const words = line.match(/(?:"(?:\\.|[^"\\])*"|'[^']*'|\\.|[^\s"'\\])+/g) ?? [];
  return words.map((word) =>
    word.replace(
      /"((?:\\.|[^"\\])*)"|'([^']*)'|\\(.)/g,
      (_, double?: string, single?: string, escaped?: string) =>
        double?.replace(/\\(["\\])/g, "$1") ?? single ?? escaped ?? "",
    ),
  );
}
