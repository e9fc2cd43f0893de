import type { Config } from "../config/config";
import { ConfigError, type Problem } from "../config/problem";
import { parseLock } from "../images/lock-file";
import type { Facts, PhoneFacts } from "../observe/facts";
import { isReachable } from "../observe/parse-facts";
import { checkFacts } from "./check-facts";
import { checkAlone, checkQuorum } from "./check-quorum";
import { swarmPool } from "./engine-settings";
import { checkMembership } from "./membership";
import { imageAsWritten } from "./pin-images";
import type { Plan, PlannedSwarm } from "./plan";
import { planNodes } from "./plan-nodes";
import { missingObjects, withDrift } from "./stack-drift";
import { portConflicts } from "./port-conflicts";
import { planStack, type StackPlan } from "./plan-stack";
import type { PlannedStack } from "./planned-stack";
import { needsOf, type NeedyStack } from "./preflight";
import type { StackFiles } from "./read-stack";
import { readRegistryCertificates, type RegistryCertificates } from "./registry-certificates";
import { describeUndeclared, undeclaredObjects } from "./undeclared";

/** What the stacks are planned from: files and settings, nothing that the phones say. */
export interface StackPlanInputs extends StackFiles {
  /** Path of the image lock inside the project. */
  readonly lockPath: string;
}

/** All stacks' plans, the certificates of registries that they may come from, and what is wrong with these and with the lock. */
export interface StackPlans {
  readonly stacks: readonly StackPlan[];
  readonly registryCertificates: RegistryCertificates;
  readonly sharedProblems: readonly Problem[];
}

/** Plans the stacks: the longest part of planning, and done while the phones still answer. */
export function planStacks(inputs: StackPlanInputs): StackPlans {
  const { config, lockPath, projectDirectory, readFile } = inputs;
  const lockText = readFile(`${projectDirectory}/${lockPath}`);
  const { lock, problems } = parseLock(lockPath, lockText && Buffer.from(lockText).toString());
  const stacks = config.stacks.map((stack) => planStack(stack, { ...inputs, lock }));
  const trusted = readRegistryCertificates(inputs);
  return {
    stacks,
    registryCertificates: trusted.certificates,
    sharedProblems: [...problems, ...trusted.problems],
  };
}

/** Everything that a plan is made from. */
export interface PlanInputs {
  readonly config: Config;
  readonly stackPlans: StackPlans;
  readonly facts: Facts;
  /** A preview notes a phone that does not answer; an update needs it. */
  readonly dryRun: boolean;
  /** Unix seconds. */
  readonly now: number;
}

/** Decides everything before the first resource is declared. Throws a {@link ConfigError} with all refusals at once. */
export function planCloudlet({ config, stackPlans, facts, dryRun, now }: PlanInputs): Plan {
  const { stacks, registryCertificates, sharedProblems } = stackPlans;
  const planned = stacks.flatMap(({ stack }) => stack ?? []);
  const looked = checkFacts(config, facts, dryRun, needsOf(planned.map(asNeedy)));
  const quorum = [...checkQuorum(config, facts), ...checkMembership(config, facts)];
  const problems: Problem[] = [
    ...looked.problems,
    ...(dryRun ? [] : quorum),
    ...sharedProblems,
    ...stacks.flatMap((stack) => stack.problems),
    ...unusedSecrets(config, stacks),
  ];
  const swarm = [...facts.values()].filter(isReachable).find((phone) => phone.swarm)?.swarm;
  problems.push(...portConflicts(planned));
  if (swarm !== undefined) problems.push(...missingObjects(planned, swarm));
  const undeclared = swarm === undefined ? [] : undeclaredObjects(planned, swarm);
  const nodes = planNodes(config, facts, now, registryCertificates);
  const [firstMaster] = nodes;
  if (problems.length > 0 || firstMaster === undefined) throw new ConfigError(problems);
  return {
    nodes,
    swarm: {
      firstMaster,
      pool: swarmPool(config),
      found: foundSwarm(config, facts),
      generation: now,
    },
    stacks: planned.map((stack) => withDrift(stack, swarm, now)),
    undeclared,
    prune: config.prune,
    // A preview changes nothing that the missing masters would have to agree to.
    notes: [
      ...looked.notes,
      ...[...quorum, ...checkAlone(facts)].map(inOneLine),
      ...stacks.flatMap(({ notes }) => notes),
      ...(config.prune ? [] : describeUndeclared(undeclared)),
    ],
  };
}

const inOneLine = ({ where, message }: Problem) => `${where}: ${message}`;

function asNeedy({ name, networks, services }: PlannedStack): NeedyStack {
  const images = services.map(({ spec }) => imageAsWritten(spec));
  return { name, networks: networks.map(({ spec }) => spec), images };
}

function foundSwarm({ nodes }: Config, facts: Facts): PlannedSwarm["found"] {
  const phones = nodes.map(({ key, role }) => ({ role, phone: facts.get(key) }));
  const isMember = (phone: PhoneFacts | undefined) =>
    isReachable(phone) && phone.membership !== undefined;
  const masters = phones.filter(({ role }) => role === "master");
  const manages = phones.some(({ phone }) => isReachable(phone) && phone.swarm !== undefined);
  if (!manages && masters.every(({ phone }) => isReachable(phone) && !isMember(phone)))
    return "none";
  return phones.some(({ phone }) => isMember(phone)) ? "some" : "unknown";
}

// A stack that cannot be read may be the one that asks.
function unusedSecrets({ secretSettings }: Config, stacks: readonly StackPlan[]): Problem[] {
  if (stacks.some(({ readable }) => !readable)) return [];
  const used = stacks.flatMap(({ usedSecrets }) => usedSecrets);
  return secretSettings
    .filter((name) => !used.includes(name))
    .map((name) => ({
      where: `cloudlet:${name}`,
      message:
        "unknown setting: no stack asks for a secret of this name; see Pulumi.example.yaml for the known settings",
    }));
}
