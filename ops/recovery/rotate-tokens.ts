import { Command } from "commander";
import execa from "execa";
import { ON_MASTER } from "../../observe/ssh-config";
import { ROTATE_TOKENS } from "../../swarm/leave-script";
import { lookAtStack, Refusal, runCommand } from "./swarm-phones";

const program = new Command("npm run tokens:rotate --")
  .description("changes the swarm's join tokens, as after one was seen; members stay in")
  .option("-s, --stack <name>", "the Pulumi stack", "dev")
  .action(async ({ stack }: { stack: string }) => {
    await lookAtStack(stack);
    const { exitCode, stderr } = await execa("sh", [ON_MASTER, ROTATE_TOKENS], {
      stdin: "ignore",
      reject: false,
    });
    if (exitCode !== 0) throw new Refusal(`the join tokens stay as they were: ${stderr}`);
    console.log("both join tokens are new; who is in the swarm stays in, and `up` needs none kept");
  });

runCommand(() => program.parseAsync());
