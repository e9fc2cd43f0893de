import { Command } from "commander";
import { setUpRegistry } from "./set-up-registry";

const program = new Command("npm run registry:certificate --")
  .description(
    "gives the cloudlet's own registry a certificate, its key, and a place in the settings",
  )
  .option("-s, --stack <name>", "the Pulumi stack", "dev")
  .option("--renew", "make certificate and key anew where they are there already")
  .action(async ({ stack, renew = false }: { stack: string; renew?: boolean }) => {
    const done = await setUpRegistry(stack, renew);
    for (const line of done) console.log(line);
    console.log(
      done.length === 0
        ? "all of it was there already"
        : `next: npm run images:lock -- --stack ${stack}, and npm run up -- --stack ${stack}`,
    );
  });

program.parseAsync().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
