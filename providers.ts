import * as command from "@pulumi/command";
import * as docker from "@pulumi/docker";
import { MASTER_ALIAS, SSH_CONFIG } from "./observe/ssh-config";

/** The providers of all resources, for components. */
export type Providers = [docker.Provider, command.Provider];

/** Registers the providers; registered early, their processes start while the phones are still being looked at. */
export function startProviders(): Providers {
  return [
    // The alias stands for a living master, so that no resource changes when another one takes over.
    new docker.Provider("masters", {
      host: `ssh://${MASTER_ALIAS}`,
      sshOpts: ["-F", SSH_CONFIG],
    }),
    new command.Provider("commands"),
  ];
}
