import type { Config } from "../config/config";
import type { Facts, PhoneFacts } from "../observe/facts";
import { isReachable } from "../observe/parse-facts";
import { swarmNodesById } from "./membership";
import { NODE_LABEL } from "./platform";

/**
 * Whether masters elect a leader, or may be about to: until they have one nobody knows who is in the swarm, and so whether a phone that
 * does not answer may be missing. A majority that is lost is none to wait for.
 */
export function isUnsettled(config: Config, facts: Facts): boolean {
  return isElecting(config, facts) || isPerhapsAlone(facts);
}

/** Whether no master answers for the swarm, and the engines of more than half of them could elect one that does. */
export function isElecting({ nodes }: Config, facts: Facts): boolean {
  if ([...facts.values()].some((phone) => isReachable(phone) && phone.swarm !== undefined))
    return false;
  const masters = nodes.filter(({ role }) => role === "master").map(({ key }) => facts.get(key));
  const electors = masters.filter(isElector);
  const silent = masters.filter((phone) => !isReachable(phone));
  return electors.length > silent.length + masters.filter(isStoppedManager).length;
}

/** Whether a manager answers for the swarm while half of its managers or more do not answer this machine. */
export function isPerhapsAlone(facts: Facts): boolean {
  const { silent, answering } = managersByAnswer(facts);
  return silent.length > 0 && silent.length >= answering.length;
}

/** The names of the swarm's managers, by whether this machine can reach them. */
export function managersByAnswer(facts: Facts): { silent: string[]; answering: string[] } {
  const managers = [...swarmNodesById(facts).values()].filter(({ role }) => role === "manager");
  const names = managers.map(({ labels, id }) => labels[NODE_LABEL] ?? id);
  const isSilent = (name: string): boolean => facts.get(name)?.reachable === false;
  return { silent: names.filter(isSilent), answering: names.filter((name) => !isSilent(name)) };
}

const isManager = (phone: PhoneFacts | undefined) =>
  isReachable(phone) && phone.membership?.manager === true;

const isElector = (phone: PhoneFacts | undefined) =>
  isReachable(phone) && isManager(phone) && (phone.engine.running || phone.engine.silent === true);

const isStoppedManager = (phone: PhoneFacts | undefined) => isManager(phone) && !isElector(phone);
