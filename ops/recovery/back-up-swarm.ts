import { createWriteStream, mkdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import execa from "execa";
import type { Config } from "../../config/config";
import type { Facts } from "../../observe/facts";
import { ON_MASTER } from "../../observe/ssh-config";
import { backupScript } from "../../swarm/recovery-scripts";
import { lookAgain, onPhoneNow, Refusal, writePrivately } from "./swarm-phones";
import { chooseForBackup, livingMasters } from "./swarm-state";

/** A stopped and started manager is back within this time. */
const BACK_SECONDS = 120;

/** What a backup is called and where it goes. */
export interface BackupPlace {
  readonly stack: string;
  readonly directory: string;
  readonly now: Date;
}

/** A time as part of a file's name: 20261122T233015Z. */
export function timeInName(now: Date): string {
  return now.toISOString().replace(/[-:]|\.\d+/g, "");
}

/**
 * Backs the swarm up from one follower, whose engine is stopped meanwhile, and waits until it is back in its place. Gives the path.
 * The archive holds keys and secrets: it is readable for its owner only.
 */
export async function backUp(
  { config, facts }: { config: Config; facts: Facts },
  { stack, directory, now }: BackupPlace,
  { stopOnlyMaster, log }: { stopOnlyMaster: boolean; log: (line: string) => void },
): Promise<string> {
  const chosen = chooseForBackup(livingMasters(config, facts), stopOnlyMaster);
  if (typeof chosen === "string") throw new Refusal(`${chosen}; nothing was changed`);
  const { node, phone, swarm } = chosen;
  const nodeId = phone.membership?.nodeId ?? "";
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const name = `${stack}-${node.key}-${timeInName(now)}`;
  const path = join(directory, `${name}.tar.gz`);
  const partial = `${path}.partial`;
  log(`${node.key}: its engine stops, its part of the swarm is packed, its engine starts`);
  try {
    const output = createWriteStream(partial, { mode: 0o600, flags: "wx" });
    await onPhoneNow(node.key, backupScript(node.key), { output });
    renameSync(partial, path);
  } finally {
    rmSync(partial, { force: true });
  }
  const about = {
    stack,
    phone: node.key,
    address: node.address,
    date: now.toISOString(),
    engineVersion: phone.engine.version,
    nodeId,
    clusterId: swarm.clusterId,
  };
  writePrivately(join(directory, `${name}.json`), `${JSON.stringify(about, null, 2)}\n`);
  log(`${node.key}: waiting until it is back in the swarm`);
  // The other masters are asked first: this one has just been away.
  await lookAgain(config);
  await awaitBack(node.key, nodeId);
  return path;
}

async function awaitBack(key: string, nodeId: string): Promise<void> {
  const format = "{{.Status.State}} {{with .ManagerStatus}}{{.Reachability}}{{end}}";
  const script = `tries=0
until [ "$(docker node inspect --format '${format}' ${nodeId})" = "ready reachable" ]; do
  tries=$((tries + 1))
  if [ $tries -gt ${BACK_SECONDS * 5} ]; then echo "${key}: expected a master that is ready and reachable, got $(docker node inspect --format '${format}' ${nodeId}) after ${BACK_SECONDS} s" >&2; exit 1; fi
  sleep 0.2
done`;
  const { exitCode, stderr } = await execa("sh", [ON_MASTER, script], {
    reject: false,
    stdin: "ignore",
  });
  if (exitCode !== 0) throw new Refusal(stderr.trim());
}
