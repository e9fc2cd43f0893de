import { swarmNodesById } from "../../plan/membership";
import type { LookedAt } from "./look";
import { phoneStatus } from "./phone-status";
import { phoneProblems } from "./problems";
import { serviceProblems, type Command } from "./service-problems";
import { serviceStatus } from "./service-status";
import type { ServiceStatus, Status, StatusProblem } from "./status-shape";

/** Puts together what a look at a cloudlet says of it, and what of that is wrong. */
export function statusOf(stack: string, looked: LookedAt, now: Date): Status {
  const { config, facts, declared, view, built } = looked;
  const command = commandsFor(stack);
  const nodes = swarmNodesById(facts);
  const phones = config.nodes.map((node) => phoneStatus(node, facts.get(node.key), nodes));
  const services = view?.services.map((service) => serviceStatus(service, built));
  const problems = [
    ...declared.problems,
    ...phoneProblems({ config, facts, needs: declared.needs, phones, command }),
    ...(view?.services ?? []).flatMap((service, index) => {
      const status = services?.[index];
      return status === undefined ? [] : serviceProblems(service, status, { now, command });
    }),
    ...(services === undefined ? [] : absences(looked, services, command)),
  ];
  const well = problems.length === 0;
  return { stack, at: now.toISOString(), well, problems, phones, services };
}

function absences(
  { declared }: LookedAt,
  services: readonly ServiceStatus[],
  command: Command,
): StatusProblem[] {
  const there = new Set(services.map(({ name }) => name));
  return [...declared.services]
    .filter(([name]) => !there.has(name))
    .map(([name, stack]) => ({
      where: name,
      message: `it is declared in stack ${stack}, and not in the swarm`,
      fix: `${command("up")} makes it`,
    }));
}

/** The commands to name in fixes, with the Pulumi stack where it is not the one that they take by themselves. */
export function commandsFor(stack: string): Command {
  const option = stack === "dev" ? [] : ["--stack", stack];
  return (name, ...rest) => {
    if (name === "up") return `\`${["npx pulumi up", ...option].join(" ")}\``;
    const words = [...option, ...rest];
    return `\`${[`npm run ${name}`, ...(words.length > 0 ? ["--", ...words] : [])].join(" ")}\``;
  };
}
