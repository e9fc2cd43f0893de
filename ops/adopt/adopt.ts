import { Command, InvalidArgumentError } from "commander";
import { PASSWORD_VARIABLE } from "./connection";
import { passwordAsker } from "./dialog";
import { forgetPhone } from "./forget";
import { adoptPhone, targetOf, type AdoptOptions } from "./phone";
import { readBefore } from "./settings";
import { readFileIfThere } from "../project";
import { Refusal, runCommand } from "../recovery/swarm-phones";

interface Options extends AdoptOptions {
  readonly stack: string;
  readonly forget?: string;
}

const program = new Command("npm run adopt --")
  .description(
    "makes a phone ready for cloudlet: login key, root without a password, an entry in the settings",
  )
  .argument("[user@address]", "the phone")
  .option("-s, --stack <name>", "the Pulumi stack", "dev")
  .option("--port <number>", "where its sshd listens", portOf, 22)
  .option("--key <key>", "its key in the settings; else from its host name or model")
  .option("--role <role>", "master or compute; else what fits the number of masters")
  .option("--address <address>", "its address for the other phones, where that is another one")
  .option(
    "--host-key-fingerprint <SHA256:...>",
    "the host key that it must have; then nobody is asked",
  )
  .option(
    "--privileges",
    "write a rule for sudo or doas, so that its user becomes root without a password",
  )
  .option("--yes", "do not ask; take the host key and the proposals as they are")
  .option("--forget <key>", "undo: out of the settings, our key and rule off the phone")
  .addHelpText(
    "after",
    `\nThe password is asked once, or comes from ${PASSWORD_VARIABLE}; a phone that accepts the key needs none.`,
  )
  .action(async (phone: string | undefined, { stack, forget, ...options }: Options) => {
    const path = `Pulumi.${stack}.yaml`;
    const before = readBefore(path, readFileIfThere(path)?.toString());
    if (forget !== undefined)
      return forgetPhone(before, { key: forget, address: phone }, options, console.log);
    if (phone === undefined) throw new Refusal("expected user@address, got nothing");
    const target = await targetOf(phone, options.port, before.settings.ssh.jumpHost);
    const askPassword = passwordAsker(`password of ${phone}: `);
    return adoptPhone(before, target, options, { askPassword, log: console.log });
  });

function portOf(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port >= 1 && port <= 65_535) return port;
  throw new InvalidArgumentError("expected a port from 1 to 65535");
}

runCommand(() => program.parseAsync());
