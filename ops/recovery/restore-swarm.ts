import { createReadStream } from "node:fs";
import type { Config } from "../../config/config";
import type { Facts } from "../../observe/facts";
import { isReachable } from "../../observe/parse-facts";
import { restoreScript } from "../../swarm/recovery-scripts";
import { timeInName } from "./back-up-swarm";
import { readFileIfThere } from "../project";
import { clearUp } from "./recover-swarm";
import { onPhoneNow, Refusal } from "./swarm-phones";
import { livingMasters } from "./swarm-state";

/** Says why a backup may not be restored on a phone; nothing was changed then. */
export function requireRestorable(
  config: Config,
  facts: Facts,
  file: string,
  master: string,
): void {
  const node = config.nodes.find(({ key, role }) => key === master && role === "master");
  if (node === undefined) {
    const masters = config.nodes.filter(({ role }) => role === "master").map(({ key }) => key);
    throw new Refusal(`--master: expected one of ${masters.join(", ")}, got ${master}`);
  }
  const [start, second] = readFileIfThere(file) ?? [];
  if (start !== 0x1f || second !== 0x8b) {
    throw new Refusal(
      `--restore: expected a backup, got ${file}, which is no gzip archive or not there`,
    );
  }
  const [living] = livingMasters(config, facts);
  if (living !== undefined) {
    throw new Refusal(
      `the swarm has its majority: ${living.node.key} answers for it; a backup is only for a swarm that is lost`,
    );
  }
  const phone = facts.get(master);
  if (!isReachable(phone)) {
    throw new Refusal(`${master}: it does not answer at ${node.address}: ${phone?.detail ?? ""}`);
  }
  if (!phone.engine.installed) {
    throw new Refusal(`${master}: expected Docker on it, got none; \`npx pulumi up\` installs it`);
  }
}

/** Puts a backup in place on a phone and makes it the swarm's only manager. */
export async function restore(
  config: Config,
  { file, master, now }: { file: string; master: string; now: Date },
  log: (line: string) => void,
): Promise<void> {
  const node = config.nodes.find(({ key }) => key === master);
  if (node === undefined) throw new Refusal(`--master: there is no phone ${master}`);
  log(`${master}: its engine stops, the backup takes the place of its part of the swarm`);
  await onPhoneNow(master, restoreScript(node, timeInName(now)), { input: createReadStream(file) });
  await clearUp(config, master, log);
}
