import { Command } from "commander";
import { cleanSimulation, DEFAULT_PHONES, startSimulation, stopSimulation } from "./simulation";

const log = (line: string): void => console.log(line);
const program = new Command("npm").description("a cloudlet of simulated phones on this machine");

program
  .command("start")
  .description("make what is missing, start the phones, and deploy")
  .option("--phones <number>", "how many phones, 1 to 12", String(DEFAULT_PHONES))
  .action(({ phones }: { phones: string }) => startSimulation(Number(phones), log));
program
  .command("stop")
  .description("switch the phones off")
  .action(() => stopSimulation(log));
program
  .command("clean")
  .description("remove all that start ever made")
  .action(() => cleanSimulation(log));

program.parseAsync().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
