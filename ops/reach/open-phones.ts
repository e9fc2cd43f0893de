import { existsSync, readFileSync } from "node:fs";
import type { Config } from "../../config/config";
import { masterOrder, writeWorkspace } from "../../observe/observe";
import { ensureAgent, hasLoginKey } from "../../observe/ssh-agent";
import { ON_MASTER } from "../../observe/ssh-config";

/**
 * Readies this machine for connections to the phones, as a preview does, but keeps the master that was found last: an `up` that runs
 * meanwhile goes on talking to it.
 */
export async function openPhones(config: Config): Promise<void> {
  writeWorkspace(config, keepOrder(masterOrder(config, new Map()), knownOrder(config)));
  // A key that is a secret setting is in the agent since the last preview or up.
  const login = { identityFile: config.ssh.identityFile, privateKey: undefined };
  if (hasLoginKey(login)) await ensureAgent(login);
}

function knownOrder({ nodes }: Config): string[] {
  const script = existsSync(ON_MASTER) ? readFileSync(ON_MASTER, "utf8") : "";
  const known = /for master in (.*); do/.exec(script)?.[1]?.split(" ") ?? [];
  return known.filter((key) => nodes.some((node) => node.key === key));
}

const keepOrder = (masters: readonly string[], known: readonly string[]): string[] => [
  ...new Set([...known, ...masters]),
];
