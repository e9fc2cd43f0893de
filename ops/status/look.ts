import { z } from "zod";
import type { Config } from "../../config/config";
import type { Facts } from "../../observe/facts";
import { masterOrder, observe, writeWorkspace } from "../../observe/observe";
import { isReachable } from "../../observe/parse-facts";
import { readStackSettings } from "../project";
import { openPhones } from "../reach/open-phones";
import { askEngine } from "./ask-engine";
import { readDeclaredStacks, type DeclaredStacks } from "./declared-stacks";
import type { ImageTimes } from "./service-status";
import { parseSwarmView, SWARM_PATHS, type SwarmView } from "./swarm-view";

/** All that one look at a cloudlet brings up. */
export interface LookedAt {
  readonly config: Config;
  readonly declared: DeclaredStacks;
  readonly facts: Facts;
  /** Undefined where no master answers for the swarm. */
  readonly view: SwarmView | undefined;
  readonly built: ImageTimes;
}

/** A cloudlet that can be looked at again and again. */
export type Look = () => Promise<LookedAt>;

/** Reads the settings of a Pulumi stack, and readies this machine to look at its phones. Throws a `ConfigError`. */
export async function openLook(stack: string): Promise<Look> {
  const settings = readStackSettings(stack);
  // Asked for by name: settings that keep previews from looking do not keep this from it.
  const config: Config = { ...settings.config, observe: "always" };
  const declared = readDeclaredStacks(settings);
  await openPhones(config);
  return async () => {
    const facts = await observe(config, true);
    writeWorkspace(config, masterOrder(config, facts));
    return { config, declared, facts, ...(await lookAtServices(config, facts)) };
  };
}

// Asked apart from the facts, which every preview waits for: hundreds of kilobytes, where much has failed.
async function lookAtServices(
  config: Config,
  facts: Facts,
): Promise<Pick<LookedAt, "view" | "built">> {
  const phones = config.nodes.flatMap(({ key }) => {
    const phone = facts.get(key);
    return isReachable(phone) && phone.engine.running
      ? [{ key, manages: phone.swarm !== undefined }]
      : [];
  });
  const master = phones.find(({ manages }) => manages)?.key;
  const [swarm, ...images] = await Promise.all([
    master === undefined ? [] : askEngine(master, SWARM_PATHS).answers,
    ...phones.map(({ key }) => askEngine(key, ["/images/json"]).answers),
  ]);
  return { view: parseSwarmView(swarm), built: imageTimes(images.map(([answer]) => answer)) };
}

const image = z.object({ RepoDigests: z.array(z.string()).nullish(), Created: z.number() });

/** Images whose builder wrote no time into them are left out: their clock stands at the beginning of time. */
export function imageTimes(answers: readonly unknown[]): ImageTimes {
  const known = answers.flatMap((answer) => z.array(image).safeParse(answer).data ?? []);
  return new Map(
    known
      .filter(({ Created }) => Created > 0)
      .flatMap(({ RepoDigests, Created }) =>
        (RepoDigests ?? []).map((name) => [
          name.slice(name.indexOf("@") + 1),
          new Date(Created * 1000).toISOString(),
        ]),
      ),
  );
}
