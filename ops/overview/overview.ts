import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { Command } from "commander";
import { WORKSPACE } from "../../observe/ssh-config";
import { readFileIfThere } from "../project";
import { Refusal, runCommand } from "../recovery/swarm-phones";
import { openLook } from "../status/look";
import { livingOf } from "./living";
import { overviewOfSettings } from "./of-settings";

interface Options {
  readonly stack: string;
  readonly look?: boolean;
  readonly dark?: boolean;
  readonly light?: boolean;
  readonly out?: string;
}

const DECLARED = "docs/overview.svg";
/** Not beside the other: that one is the README's, and belongs into the repository. */
const LIVING = `${WORKSPACE}/overview.svg`;

function main(): void {
  const program = new Command("npm run overview --")
    .description("draws a cloudlet as SVG: as its settings declare it, or as it is")
    .option("-s, --stack <name>", "the Pulumi stack", "dev")
    .option("--look", "as it is now: asks the phones, and changes nothing")
    .option("--dark", "dark only; else the reader's own colour scheme counts")
    .option("--light", "light only")
    .option("--out <file>", `where to write it (default: ${DECLARED}, with --look ${LIVING})`)
    .action(draw);
  runCommand(() => program.parseAsync());
}

async function draw({ stack, look, dark, light, out }: Options): Promise<void> {
  const path = `Pulumi.${stack}.yaml`;
  if (!existsSync(path))
    throw new Refusal(`--stack: expected a stack with settings, got no ${path}`);
  const looked = look === true ? await (await openLook(stack))() : undefined;
  const svg = overviewOfSettings({
    path,
    text: readFileSync(path, "utf8"),
    projectDirectory: process.cwd(),
    readFile: readFileIfThere,
    ...(looked && { living: livingOf(looked, new Date()) }),
    ...(dark ? { scheme: "dark" } : light ? { scheme: "light" } : {}),
  });
  const file = out ?? (looked === undefined ? DECLARED : LIVING);
  writeFileSync(file, svg);
  console.log(`drew ${file}`);
}

main();
