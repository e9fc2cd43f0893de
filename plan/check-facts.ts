import type { Config, NodeConfig } from "../config/config";
import type { Problem } from "../config/problem";
import type { Facts, PhoneFacts, ReachablePhone, UnreachablePhone } from "../observe/facts";
import { isReachable } from "../observe/parse-facts";
import { managedFromOutside, swarmNodesById } from "./membership";
import { preflight, NO_NEEDS, type StackNeeds } from "./preflight";
import { asNote, asProblem, type Finding } from "./preflight-finding";
import { machinesOf, NODE_LABEL, platformOf } from "./platform";

/** What the phones' own answers forbid, all at once; with `dryRun`, a phone that does not answer is only noted. */
export function checkFacts(
  config: Config,
  facts: Facts,
  dryRun: boolean,
  needs?: StackNeeds,
): { problems: Problem[]; notes: string[] } {
  const { findings, notes } = findAll(config, facts, dryRun, needs);
  const refusals = findings.filter(({ severity }) => severity === "refusal");
  const warnings = findings.filter(
    ({ severity, standing }) => severity === "warning" && standing !== true,
  );
  return { problems: refusals.map(asProblem), notes: [...notes, ...warnings.map(asNote)] };
}

/** The same as findings, those that are no note included; `notes` are the phones that were not looked at. */
export function findAll(
  config: Config,
  facts: Facts,
  dryRun: boolean,
  needs: StackNeeds = NO_NEEDS,
): { findings: Finding[]; notes: string[] } {
  const ours = ourCluster(config, facts);
  const knownKeys = new Set(
    [...swarmNodesById(facts).values()].map(({ labels }) => labels[NODE_LABEL]),
  );
  // One problem for all of them says more than one for each.
  const outside = managedFromOutside(config, facts).members;
  const findings: Finding[] = [];
  const notes: string[] = [];
  for (const node of config.nodes) {
    const phone = facts.get(node.key);
    if (phone === undefined) continue;
    if (isReachable(phone)) {
      findings.push(...checkPhone(node, phone));
      if (!outside.includes(node)) findings.push(...checkCluster(node, phone, ours));
    } else if (phone.reason === "no answer" && (dryRun || knownKeys.has(node.key))) {
      notes.push(
        `${node.key}: it does not answer at ${node.address}, so it was not looked at (${phone.detail})`,
      );
    } else {
      findings.push(refusal(describeUnreachable(node, phone)));
    }
  }
  findings.push(...checkRoutingMesh(config, facts), ...preflight(config, facts, needs));
  return { findings, notes };
}

type Refused = Omit<Finding, "severity">;
const refusal = (refused: Refused): Finding => ({ severity: "refusal", ...refused });

function describeUnreachable(
  { key, address, user, hostKey }: NodeConfig,
  { reason, detail }: UnreachablePhone,
): Refused {
  switch (reason) {
    case "wrong host key":
      return {
        where: `cloudlet:nodes.${key}.hostKey`,
        message: `expected the key that ${address} shows${detail === "" ? "" : ` (${detail})`}, got ${hostKey.slice(0, 40)}...`,
        fix: `if the phone was reflashed, \`ssh-keyscan -t ed25519 ${address}\` prints its new key, else another machine answers there`,
      };
    case "login refused":
      return {
        where: `cloudlet:nodes.${key}.user`,
        message: `expected a user that may log in with the key of cloudlet:ssh.identityFile, got "${user}": ${detail}`,
        fix: `\`ssh-copy-id ${user}@${address}\` lets it in`,
      };
    case "no answer":
      return {
        where: `cloudlet:nodes.${key}.address`,
        message: `expected a phone that answers over SSH, got no answer from ${address}: ${detail}`,
        fix: "switch it on, or take it out of the settings",
      };
  }
}

function checkPhone({ key, platform, user }: NodeConfig, phone: ReachablePhone): Finding[] {
  const where = `cloudlet:nodes.${key}`;
  const refused: Refused[] = [];
  if (!machinesOf[platform].includes(phone.machine)) {
    const right = platformOf(phone.machine);
    refused.push({
      where: `${where}.platform`,
      message: `expected the platform of this phone, got ${platform}, but it is ${describeMachine(phone.machine)}`,
      fix: right === undefined ? "no known platform fits it" : `write ${right}`,
    });
  }
  if (phone.privilege === "none") {
    refused.push({
      where: `${where}.user`,
      message: `expected a user that becomes root without a password, got ${user}`,
      fix: `as root on the phone: echo 'permit nopass ${user}' > /etc/doas.d/cloudlet.conf`,
    });
  }
  if (!phone.engine.installed && phone.packageManager === "none") {
    refused.push({
      where,
      message: "expected Docker, or apk or apt-get to install it with, got neither",
      fix: "",
    });
  }
  return refused.map(refusal);
}

// What else it runs, the engine takes only where an image has nothing better.
function describeMachine(machine: string): string {
  if (machine === "aarch64") return "aarch64, whose engine takes linux/arm64 first";
  if (machine === "armv8l") return "armv8l, 32-bit programs under a 64-bit kernel";
  return machine;
}

/** The swarm that is this cloudlet's: of those that a master is in, or a phone manages under our label, the one that most phones are in. */
export function ourCluster(config: Config, facts: Facts): string | undefined {
  const votes = new Map<string, number>();
  const candidates = config.nodes
    .filter(({ key, role }) => role === "master" || managesAsOurs(key, facts.get(key)))
    .flatMap(({ key }) => clusterOf(facts.get(key)) ?? []);
  for (const { key } of config.nodes) {
    const cluster = clusterOf(facts.get(key));
    if (cluster !== undefined && candidates.includes(cluster))
      votes.set(cluster, (votes.get(cluster) ?? 0) + 1);
  }
  return [...votes].sort(([, a], [, b]) => b - a)[0]?.[0];
}

// A master that becomes a compute while another phone takes over.
function managesAsOurs(key: string, phone: PhoneFacts | undefined): boolean {
  if (!isReachable(phone)) return false;
  const entry = phone.swarm?.nodes.find(({ id }) => id === phone.membership?.nodeId);
  return entry?.labels[NODE_LABEL] === key;
}

function clusterOf(phone: PhoneFacts | undefined): string | undefined {
  return isReachable(phone) ? phone.membership?.clusterId : undefined;
}

function checkCluster(
  { key, address, user }: NodeConfig,
  phone: ReachablePhone,
  ours: string | undefined,
): Finding[] {
  const theirs = phone.membership?.clusterId;
  if (theirs === undefined || theirs === ours) return [];
  const than = ours === undefined ? "none of the masters is in it" : `this cloudlet's is ${ours}`;
  return [
    refusal({
      where: `cloudlet:nodes.${key}`,
      message: `expected a phone of no other swarm, got a member of swarm ${theirs} (${than})`,
      fix: `if that one may lose it: ssh ${user}@${address} docker swarm leave --force`,
    }),
  ];
}

// Without ip_vs nothing fails and nothing answers: the one fault that has to be found beforehand.
function checkRoutingMesh({ routingMesh, nodes }: Config, facts: Facts): Finding[] {
  if (!routingMesh) return [];
  const without = nodes.filter(({ key }) => {
    const phone = facts.get(key);
    return isReachable(phone) && !phone.ipVs;
  });
  if (without.length === 0) return [];
  const names = without.map(({ key }) => key).join(", ");
  return [
    refusal({
      where: "cloudlet:routingMesh",
      message: `expected false, got true, but the kernel of ${names} has no ip_vs, without which published ports and virtual addresses are silently dead`,
      fix: "write false",
    }),
  ];
}
