import { Command } from "commander";
import { confirm } from "../confirm";
import { planRecovery, recover } from "./recover-swarm";
import { lookAtStack, runCommand } from "./swarm-phones";

interface Options {
  readonly stack: string;
  readonly yes?: boolean;
  readonly master?: string;
}

const program = new Command("npm run recover --")
  .description("goes on with one master of a swarm that has lost its majority")
  .option("-s, --stack <name>", "the Pulumi stack", "dev")
  .option("--master <key>", "the master to go on with; else the one whose log is the newest")
  .option("--yes", "do not ask")
  .action(async ({ stack, yes = false, master }: Options) => {
    const { config, facts } = await lookAtStack(stack);
    const recovery = await planRecovery(config, facts, master);
    console.log(recovery.description);
    await confirm("go on?", yes);
    await recover(config, recovery, console.log);
    console.log("the swarm takes changes again; now run: npx pulumi up");
  });

runCommand(() => program.parseAsync());
