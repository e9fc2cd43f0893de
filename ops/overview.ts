import { readFileSync, writeFileSync } from "node:fs";
import { Command } from "commander";
import { ConfigError } from "../config/problem";
import { overviewOfSettings } from "./overview-of-settings";
import { readFileIfThere } from "./project";

interface Options {
  readonly settings: string;
  readonly dark?: boolean;
  readonly light?: boolean;
  readonly out: string;
}

const program = new Command("tsx ops/overview.ts")
  .description("draws a cloudlet as its settings declare it, as SVG")
  .option("--settings <file>", "the settings of a Pulumi stack", "Pulumi.dev.yaml")
  .option("--dark", "dark only; else the reader's own colour scheme counts")
  .option("--light", "light only")
  .option("--out <file>", "where to write the picture", "docs/overview.svg")
  .action(({ settings, dark, light, out }: Options) => {
    const svg = overviewOfSettings({
      path: settings,
      text: readFileSync(settings, "utf8"),
      projectDirectory: process.cwd(),
      readFile: readFileIfThere,
      ...(dark ? { scheme: "dark" } : light ? { scheme: "light" } : {}),
    });
    writeFileSync(out, svg);
  });

try {
  program.parse();
} catch (error) {
  if (!(error instanceof ConfigError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
