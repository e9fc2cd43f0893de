import { Command } from "commander";
import { lockStackImages } from "./lock-stack-images";

const program = new Command("npm run images:lock --")
  .description("looks up what the stacks' images stand for and writes images.<stack>.lock.yml")
  .option("-s, --stack <name>", "the Pulumi stack", "dev")
  .option("--mirror <url>", "ask this registry for what would come from Docker Hub")
  .option("--check", "write nothing; fail when an image moved or is missing")
  .action(async (options: { stack: string; mirror?: string; check?: boolean }) => {
    const { changes, asked } = await lockStackImages(options);
    for (const change of changes) console.log(change);
    if (changes.length === 0) console.log(`images.${options.stack}.lock.yml is up to date`);
    console.log(`looked up by asking ${asked}`);
    if (options.check === true && changes.length > 0) process.exitCode = 1;
  });

program.parseAsync().catch((error: unknown) => {
  // Of an image that cannot be looked up, the message says all.
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
