import type { Config } from "../../config/config";
import type { Facts } from "../../observe/facts";
import { splitSwarm } from "../../plan/check-quorum";
import {
  forceNewClusterScript,
  forgetOldMastersScript,
  leaveOldSwarmScript,
  raftScript,
} from "../../swarm/recovery-scripts";
import { lookAgain, onPhoneNow, Refusal } from "./swarm-phones";
import {
  leftBehind,
  livingMasters,
  newestRaft,
  parseRaftPosition,
  raftMembers,
  staleEntries,
  survivors,
  type LivingMaster,
  type SeenPhone,
} from "./swarm-state";

/** What a recovery will do, settled before anybody is asked. */
export interface Recovery {
  /** The phone that is or becomes the swarm's only manager. */
  readonly keeper: SeenPhone;
  /** Whether it has its majority already: an earlier recovery was interrupted, or phones came back after one. */
  readonly begun: boolean;
  /** What the user reads before the question. */
  readonly description: string;
}

/** Decides what a recovery would do. Throws a {@link Refusal} where there is nothing to recover, or nothing to recover with. */
export async function planRecovery(
  config: Config,
  facts: Facts,
  master?: string,
): Promise<Recovery> {
  const living = livingMasters(config, facts);
  const [view] = living;
  return view === undefined
    ? planNewCluster(config, facts, master)
    : planClearUp(config, facts, chooseView(living, splitSwarm(facts), master) ?? view);
}

function chooseView(
  living: readonly LivingMaster[],
  split: [string, string] | undefined,
  master?: string,
): LivingMaster | undefined {
  if (split === undefined) return undefined;
  const chosen = living.find(({ node }) => node.key === master);
  if (chosen !== undefined) return chosen;
  const [one, other] = split;
  throw new Refusal(
    `${one} and ${other} both manage the swarm and do not know each other: masters that were given up have come back together; ` +
      `say with --master whose state counts (one of ${living.map(({ node }) => node.key).join(", ")}), and the others leave theirs`,
  );
}

function planClearUp(config: Config, facts: Facts, view: LivingMaster): Recovery {
  const { node, swarm } = view;
  const behind = leftBehind(config, facts, swarm).map((seen) => seen.node.key);
  const stale = staleEntries(swarm).length;
  // One manager alone: any swarm of more that is whole has entries without a status only while it promotes a phone.
  const unfinished = stale > 0 && raftMembers(swarm).length === 1;
  if (behind.length === 0 && !unfinished) {
    throw new Refusal(
      `the swarm has its majority: ${node.key} answers for it; nothing to recover, \`npx pulumi up\` repairs the rest`,
    );
  }
  const lines = [
    `${node.key} manages the swarm; a recovery before this one is not finished:`,
    ...leaveLines(behind),
    ...(unfinished ? [`- ${stale} entries of lost masters are removed, join tokens change`] : []),
  ];
  return { keeper: view, begun: true, description: lines.join("\n") };
}

async function planNewCluster(config: Config, facts: Facts, master?: string): Promise<Recovery> {
  const left = survivors(config, facts);
  requireValidCertificates(left);
  const masters = config.nodes.filter(({ role }) => role === "master");
  const needed = Math.floor(masters.length / 2) + 1;
  if (left.length === 0) {
    throw new Refusal(
      "no master that answers is a member of this swarm; switch one on, or restore a backup: `npm run backup -- --restore FILE --master KEY`",
    );
  }
  const stopped = left.filter(({ phone }) => !phone.engine.running);
  if (left.length >= needed && stopped.length > 0) {
    const keys = stopped.map(({ node }) => node.key).join(", ");
    throw new Refusal(
      `${left.length} of ${masters.length} masters are there, which is a majority once the engine of ${keys} runs; \`npx pulumi up\` starts it`,
    );
  }
  const keeper = await chooseKeeper(left, master);
  const others = left.filter((seen) => seen !== keeper).map(({ node }) => node.key);
  const gone = masters.filter(({ key }) => left.every(({ node }) => node.key !== key));
  const { key, address } = keeper.node;
  const lines = [
    `${key} (${address}) becomes the only master; services, networks and secrets stay as it knows them:`,
    `- it may not know the swarm's last changes, if the lost masters had not told it`,
    ...leaveLines(others),
    ...(gone.length === 0
      ? []
      : [
          `- ${gone.map((node) => node.key).join(", ")}: given up; if they come back with their old state, run this again before \`up\`;`,
          `  several of them that run together elsewhere, out of reach of ${key}, would go on as a second swarm: switch them off first`,
        ]),
    "- entries of lost masters are removed, join tokens change",
  ];
  return { keeper, begun: false, description: lines.join("\n") };
}

const leaveLines = (keys: readonly string[]): string[] =>
  keys.map(
    (key) => `- ${key}: leaves the old swarm, whose state it still has; \`up\` joins it anew`,
  );

// An engine whose certificate has ended takes no `--force-new-cluster` either (tried with 20.10).
function requireValidCertificates(left: readonly SeenPhone[]): void {
  const ended = left.filter(({ phone }) => (phone.membership?.secondsLeft ?? 1) <= 0);
  if (left.length === 0 || ended.length < left.length) return;
  const names = ended.map(({ node }) => node.key).join(", ");
  throw new Refusal(
    `${names}: the certificates of all masters that are left have ended, as after months in a drawer, and no engine manages the swarm with one; ` +
      "run `docker swarm leave --force` on every phone, then `up`: it begins a new swarm with all that is declared, and volumes stay on the phones",
  );
}

async function chooseKeeper(left: readonly SeenPhone[], master?: string): Promise<SeenPhone> {
  if (master !== undefined) {
    const chosen = left.find(({ node }) => node.key === master);
    if (chosen !== undefined) return chosen;
    const keys = left.map(({ node }) => node.key).join(", ");
    throw new Refusal(`--master: expected one of ${keys}, which hold the swarm, got ${master}`);
  }
  const [only, ...rivals] = left;
  if (only !== undefined && rivals.length === 0) return only;
  const positions = await Promise.all(
    left.map(async ({ node: { key } }) => {
      const output = await onPhoneNow(key, raftScript(key));
      return [key, parseRaftPosition(output)] as const;
    }),
  );
  const newest = newestRaft(new Map(positions));
  const keeper = left.find(({ node }) => node.key === newest);
  if (keeper === undefined) throw new Refusal("no master is left to go on with");
  return keeper;
}

/** Does what was planned. May be run again after it was interrupted at any point. */
export async function recover(
  config: Config,
  { keeper, begun }: Recovery,
  log: (line: string) => void,
): Promise<void> {
  const { node } = keeper;
  if (!begun) {
    log(`${node.key}: becomes the only master`);
    await onPhoneNow(node.key, forceNewClusterScript(node));
  }
  await clearUp(config, node.key, log);
}

/** What follows when one phone has become the only manager: phones with the old state leave, old entries and tokens go. */
export async function clearUp(
  config: Config,
  keeper: string,
  log: (line: string) => void,
): Promise<void> {
  const facts = await lookAgain(config);
  const view = livingMasters(config, facts).find(({ node }) => node.key === keeper);
  if (view === undefined)
    throw new Refusal(`${keeper}: it does not manage the swarm; run this again`);
  await Promise.all(
    leftBehind(config, facts, view.swarm).map(async ({ node: { key }, phone }) => {
      log(`${key}: leaves the old swarm`);
      await onPhoneNow(key, leaveOldSwarmScript(key, phone.membership?.nodeId ?? ""));
    }),
  );
  // A swarm with several managers is whole: an entry without a status is one that is being promoted.
  if (raftMembers(view.swarm).length > 1) return;
  log(`${keeper}: forgets the lost masters and changes the join tokens`);
  await onPhoneNow(keeper, forgetOldMastersScript(keeper));
}
