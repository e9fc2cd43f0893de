import { Command } from "commander";
import { buildImage, type BuildOptions } from "./build-image";

const program = new Command("npm run images:build --")
  .description(
    "builds a directory's Dockerfile for several platforms, into the cloudlet's registry",
  )
  .argument("<directory>", "with a Dockerfile")
  .option("-s, --stack <name>", "the Pulumi stack", "dev")
  .option("--name <name>", "the image's name in the registry; the directory's by default")
  .option("--tag <tag>", "the image's tag", "latest")
  .option("--platforms <list>", "what to build for", "linux/arm/v7,linux/arm64,linux/amd64")
  .action(async (directory: string, options: BuildOptions) => {
    const reference = await buildImage(directory, options);
    console.error("\npushed; for a stack file, and then `npm run images:lock`:");
    console.log(reference);
  });

program.parseAsync().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
