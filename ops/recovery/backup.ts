import { Command } from "commander";
import { backUp, timeInName } from "./back-up-swarm";
import { confirm } from "../confirm";
import { requireRestorable, restore } from "./restore-swarm";
import { lookAtStack, Refusal, runCommand } from "./swarm-phones";

interface Options {
  readonly stack: string;
  readonly to: string;
  readonly stopTheOnlyMaster?: boolean;
  readonly restore?: string;
  readonly master?: string;
  readonly yes?: boolean;
}

const program = new Command("npm run backup --")
  .description("saves the swarm's state from one master, or restores it where the swarm is lost")
  .option("-s, --stack <name>", "the Pulumi stack", "dev")
  .option("--to <directory>", "where to put the backup", ".cloudlet/backups")
  .option("--stop-the-only-master", "back up a swarm of one master, which stops meanwhile")
  .option("--restore <file>", "restore this backup instead")
  .option("--master <key>", "the master to restore it on")
  .option("--yes", "do not ask before restoring")
  .action(async ({ stack, to, restore: file, master, ...options }: Options) => {
    if (file !== undefined && master === undefined)
      throw new Refusal("--restore: expected --master KEY with it, the phone to restore it on");
    const looked = await lookAtStack(stack);
    const now = new Date();
    if (file === undefined || master === undefined) {
      const stopOnlyMaster = options.stopTheOnlyMaster === true;
      const path = await backUp(
        looked,
        { stack, directory: to, now },
        { stopOnlyMaster, log: console.log },
      );
      console.log(`${path}: holds the swarm's keys and all its secrets; keep it like them`);
      return;
    }
    const { config, facts } = looked;
    requireRestorable(config, facts, file, master);
    console.log(
      `${master} becomes the only master of the swarm in ${file}; what it has of a swarm is kept beside it, in /var/lib/docker/swarm.${timeInName(now)}, with its keys\n` +
        "phones that hold a later state of that swarm leave it; entries of other masters are removed, join tokens change",
    );
    await confirm("go on?", options.yes === true);
    await restore(config, { file, master, now }, console.log);
    console.log("the swarm is back with one master; now run: npx pulumi up");
  });

runCommand(() => program.parseAsync());
