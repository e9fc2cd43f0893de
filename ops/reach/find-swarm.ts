import type { Config } from "../../config/config";
import { Refusal } from "../recovery/swarm-phones";
import { askEngine } from "../status/ask-engine";
import {
  parseSwarmView,
  SWARM_PATHS,
  type ServiceView,
  type SwarmView,
} from "../status/swarm-view";

/** A swarm, and the phone that told of it. */
export interface FoundSwarm {
  readonly master: string;
  readonly view: SwarmView;
}

/** Asks all masters at once, and takes the first that answers for the swarm: a dead one costs nobody any time. */
export async function findSwarm({ nodes }: Config): Promise<FoundSwarm> {
  const masters = nodes.filter(({ role }) => role === "master").map(({ key }) => key);
  const questions = masters.map((master) => ({ master, question: askEngine(master, SWARM_PATHS) }));
  const answers = questions.map(async ({ master, question }) => {
    const view = parseSwarmView(await question.answers);
    if (view === undefined) throw new Error(master);
    return { master, view };
  });
  try {
    return await Promise.any(answers);
  } catch {
    throw new Refusal(
      `expected a master that answers for the swarm, got none of ${masters.join(", ")}; \`npm run status\` says why`,
    );
  } finally {
    for (const { question } of questions) question.cancel();
  }
}

/** The service of this name. Throws a {@link Refusal} that names those there are. */
export function requireService({ view: { services } }: FoundSwarm, name: string): ServiceView {
  const service = services.find((each) => each.name === name);
  if (service !== undefined) return service;
  const names = services.map((each) => each.name).join(", ");
  throw new Refusal(
    `expected a service, got "${name}"; there are ${names === "" ? "none" : names}`,
  );
}
