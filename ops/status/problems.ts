import type { Config } from "../../config/config";
import type { Facts } from "../../observe/facts";
import { isReachable } from "../../observe/parse-facts";
import { findAll } from "../../plan/check-facts";
import { checkAlone, checkQuorum } from "../../plan/check-quorum";
import { planNodes } from "../../plan/plan-nodes";
import type { StackNeeds } from "../../plan/preflight";
import { conditionProblems } from "./condition-problems";
import type { Command } from "./service-problems";
import type { PhoneStatus, StatusProblem } from "./status-shape";

/** What the phones were looked at with. */
export interface PhonesLookedAt {
  readonly config: Config;
  readonly facts: Facts;
  readonly needs: StackNeeds;
  readonly phones: readonly PhoneStatus[];
  readonly command: Command;
}

/** What is wrong with the swarm and with its phones: what concerns them all comes first, then who does not answer. */
export function phoneProblems(looked: PhonesLookedAt): StatusProblem[] {
  const { config, facts, needs, phones } = looked;
  const { findings } = findAll(config, facts, true, needs);
  const worse = [...findings].sort((a, b) => a.severity.localeCompare(b.severity));
  return [
    ...majorityProblems(looked),
    ...phones.flatMap(silenceProblem),
    ...worse
      .filter(({ standing }) => standing !== true)
      .map(({ where, message, fix }) => ({ where, message, fix })),
    ...phones.flatMap((phone) => swarmProblem(phone, looked)),
    ...driftProblems(looked),
    ...phones.flatMap(conditionProblems),
  ];
}

function majorityProblems({ config, facts, command }: PhonesLookedAt): StatusProblem[] {
  const found = [...checkQuorum(config, facts), ...checkAlone(facts)];
  const lost = found.map((problem) => ({ ...problem, fix: "" }));
  const answering = [...facts.values()].filter(isReachable);
  const isLed = answering.some(({ swarm }) => swarm !== undefined);
  if (lost.length > 0 || isLed || answering.every(({ membership }) => membership === undefined))
    return lost;
  return [
    {
      where: "cloudlet:nodes",
      message: "no master answers for the swarm, so nobody can tell how it is",
      fix: `they may be choosing a leader: look again in half a minute, then ${command("doctor")}`,
    },
  ];
}

// Of the other reasons the findings tell, with what to do.
function silenceProblem(phone: PhoneStatus): StatusProblem[] {
  const { key, address, state, detail, swarmState } = phone;
  if (state !== "no answer") return [];
  const why = detail === undefined || detail === "" ? "" : ` (${detail})`;
  const but = swarmState === "ready" ? ", though the other phones still hear from it" : "";
  return [
    {
      where: key,
      message: `it does not answer at ${address}${why}${but}`,
      fix: "switch it on, look at its Wi-Fi and address, or take it out of the settings",
    },
  ];
}

function swarmProblem({ key, state }: PhoneStatus, { command }: PhonesLookedAt): StatusProblem[] {
  if (state !== "down") return [];
  return [
    {
      where: key,
      message: "it answers here, and the swarm's masters take it for down",
      fix: `if it was just switched on, look again in a minute; else ${command("doctor")} tries the ports between the phones`,
    },
  ];
}

function driftProblems({ config, facts, command }: PhonesLookedAt): StatusProblem[] {
  return planNodes(config, facts, 0).flatMap(({ key, drift }) => {
    const differs = [...drift.engine, ...drift.membership];
    if (differs.length === 0) return [];
    return [
      {
        where: key,
        message: `it is not as declared: ${differs.join("; ")}`,
        fix: `${command("up")} sets it right`,
      },
    ];
  });
}
