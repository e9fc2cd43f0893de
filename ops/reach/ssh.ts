import { Command } from "commander";
import { readStackSettings } from "../project";
import { Refusal, runCommand } from "../recovery/swarm-phones";
import { openPhones } from "./open-phones";
import { runSsh } from "./run-ssh";

const program = new Command("npm run ssh --")
  .description("opens a shell on a phone, or runs a command there")
  .option("-s, --stack <name>", "the Pulumi stack", "dev")
  .argument("<phone>", "its key in the settings")
  .argument("[command...]", "what to run there, as ssh takes it: its shell reads it")
  .passThroughOptions()
  .action(async (phone: string, command: string[], { stack }: { stack: string }) => {
    const { config } = readStackSettings(stack);
    if (!config.nodes.some(({ key }) => key === phone)) {
      const keys = config.nodes.map(({ key }) => key).join(", ");
      throw new Refusal(
        `expected a phone of Pulumi.${stack}.yaml, got "${phone}"; there are ${keys}`,
      );
    }
    await openPhones(config);
    await runSsh([phone, ...command]);
  });

runCommand(() => program.parseAsync());
