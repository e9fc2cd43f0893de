import { Command } from "commander";
import { ConfigError } from "../config/problem";
import { lockStackImages } from "./lock-stack-images";

const program = new Command("npm run images:lock --")
  .description("looks up what the stacks' images stand for and writes images.<stack>.lock.yml")
  .option("-s, --stack <name>", "the Pulumi stack", "dev")
  .option("--mirror <url>", "ask this registry for what would come from Docker Hub")
  .option("--check", "write nothing; fail when an image moved or is missing")
  .action(async (options: { stack: string; mirror?: string; check?: boolean }) => {
    const changes = await lockStackImages(options);
    for (const change of changes) console.log(change);
    if (changes.length === 0) console.log(`images.${options.stack}.lock.yml is up to date`);
    else if (options.check === true) process.exitCode = 1;
  });

program.parseAsync().catch((error: unknown) => {
  if (!(error instanceof ConfigError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
});
