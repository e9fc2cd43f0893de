import { Command } from "commander";
import { FAULT_COMMANDS, setClockWrong } from "./fault-commands";
import type { Lab } from "./lab";
import {
  cleanSimulation,
  DEFAULT_ARM_PHONES,
  DEFAULT_PHONES,
  openSimulation,
  startSimulation,
  stopSimulation,
} from "./simulation";

interface StartOptions {
  readonly phones?: string;
  readonly arm?: true;
  readonly aarch64?: true;
}

const log = (line: string): void => console.log(line);
const program = new Command("npm").description("a cloudlet of simulated phones on this machine");

program
  .command("start")
  .description("make what is missing, start the phones, and deploy")
  .option(
    "--phones <number>",
    `how many phones; ${DEFAULT_PHONES}, or ${DEFAULT_ARM_PHONES} with --arm`,
  )
  .option("--arm", "phones that are emulated machines with 32-bit ARM processors: real, and slow")
  .option("--aarch64", "with --arm: and one more phone, with a 64-bit ARM processor")
  .action(({ phones, ...choice }: StartOptions) =>
    startSimulation(
      { ...choice, ...(phones === undefined ? {} : { phones: Number(phones) }) },
      log,
    ),
  );
program
  .command("stop")
  .description("switch the phones off")
  .action(() => stopSimulation(log));
program
  .command("clean")
  .description("remove all that start ever made")
  .action(() => cleanSimulation(log));

const sim = program
  .command("sim")
  .usage("[options] FAULT PHONE")
  .description("do something to a simulated phone, past cloudlet")
  .option("--stack <name>", "whose phones", "dev");
const onPhone = async (run: (lab: Lab) => Promise<void>) =>
  run(await openSimulation(sim.opts<{ stack: string }>().stack, log));
for (const { name, description, run } of FAULT_COMMANDS) {
  sim
    .command(`${name} <phone>`)
    .description(description)
    .action((phone: string) => onPhone((lab) => run(lab, phone)));
}
sim
  .command("clock <phone> <seconds>")
  .description("set its clock wrong by so much; with --arm")
  .action((phone: string, seconds: string) => onPhone((lab) => setClockWrong(lab, phone, seconds)));

program.parseAsync().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
