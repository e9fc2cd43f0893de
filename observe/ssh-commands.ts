import type { NodeConfig } from "../config/config";
import { shellQuote } from "./shell-quote";
import { FORMER_ALIAS, KNOWN_HOSTS, MASTERS_FILE, ON_MASTER, SSH_CONFIG } from "./ssh-config";

// Command lines for the operator's machine, around OpenSSH with its own time limits; they hold relative paths only.

/** Runs a script on the first master that answers as a Swarm manager. */
export function onMaster(script: string): string {
  return `sh ${ON_MASTER} ${shellQuote(script)}`;
}

/** One word for a script's argument: the keys of the declared masters, with commas. */
export const MASTERS = `"$(cat ${MASTERS_FILE})"`;

/** Runs a script on a phone of the settings. */
export function onPhone(key: string, script: string): string {
  return `ssh -F ${SSH_CONFIG} ${key} ${shellQuote(script)}`;
}

/** Runs a script on a phone that may have left the settings: the ssh config no longer knows it, so the command carries its address. */
export function onFormerPhone(
  { key, address, port, user, hostKey }: NodeConfig,
  script: string,
): string {
  return `{ grep -qs ${shellQuote(`^${key} `)} ${KNOWN_HOSTS} || echo ${shellQuote(`${key} ${hostKey}`)} >> ${KNOWN_HOSTS}; }
ssh -F ${SSH_CONFIG} -o HostName=${address} -o Port=${port} -o User=${user} -o HostKeyAlias=${key} ${FORMER_ALIAS} ${shellQuote(script)}`;
}
