import { Command } from "commander";
import { ComposeError } from "../../compose/compose-error";
import { convertStack } from "../../compose/convert-stack";
import { formatProblem } from "../../compose/problem";
import { readStack, type StackPlace } from "./read-stack";
import { withStandInIds } from "../images/stand-in-ids";

/** What the command prints, and how it ends. */
export interface SpecOutput {
  output: string;
  errors: string;
  exitCode: number;
}

/** The spec of a stack's files as JSON, or their problems one a line; warnings go beside the spec. */
export function stackSpec(place: StackPlace): SpecOutput {
  try {
    const { spec, warnings } = convertStack(readStack(place));
    const output = `${JSON.stringify(withStandInIds(spec), null, 2)}\n`;
    const lines = warnings.map((warning) => `warning: ${formatProblem(warning)}\n`);
    return { output, errors: lines.join(""), exitCode: 0 };
  } catch (error) {
    if (!(error instanceof ComposeError)) throw error;
    return { output: "", errors: `${error.message}\n`, exitCode: 1 };
  }
}

function main(): void {
  const program = new Command("stack:spec")
    .description(
      "Prints what would be sent to the Engine for a stack. The ids of secrets and configs are stand-ins.",
    )
    .argument("<stack>", "name of the stack")
    .argument(
      "<files...>",
      "stack files, the later ones laid over the earlier; - is standard input",
    )
    .parse();
  const [stack = "", ...paths] = program.args;
  const place = { stack, paths, environment: process.env, currentDirectory: process.cwd() };
  const { output, errors, exitCode } = stackSpec(place);
  process.stderr.write(errors);
  process.stdout.write(output);
  process.exitCode = exitCode;
}

if (require.main === module) main();
