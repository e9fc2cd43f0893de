import { needsOf, type StackNeeds } from "../../plan/preflight";
import { imageAsWritten } from "../../plan/pin-images";
import { readStack } from "../../plan/read-stack";
import { readFileIfThere, type StackSettings } from "../project";
import type { StatusProblem } from "./status-shape";

/** What the stack files of the settings ask for. */
export interface DeclaredStacks {
  /** Their services by full name, and the stack of each. */
  readonly services: ReadonlyMap<string, string>;
  readonly needs: StackNeeds;
  readonly problems: readonly StatusProblem[];
}

/** Reads all stack files of the settings, without any secret's value: none of it is asked here. */
export function readDeclaredStacks({ config, secretNames }: StackSettings): DeclaredStacks {
  const secrets = Object.fromEntries(secretNames.map((name) => [name, "unknown"]));
  const files = { config, secrets, projectDirectory: process.cwd(), readFile: readFileIfThere };
  const readings = config.stacks.map((entry) => {
    const { conversion, problems } = readStack(entry, files);
    const services = Object.values(conversion?.spec.services ?? {});
    return {
      name: entry.name,
      networks: Object.values(conversion?.spec.networks ?? {}),
      services,
      problems,
    };
  });
  return {
    services: new Map(
      readings.flatMap(({ name, services }) => services.map((spec) => [spec.Name, name] as const)),
    ),
    needs: needsOf(
      readings.map(({ services, ...rest }) => ({ ...rest, images: services.map(imageAsWritten) })),
    ),
    problems: readings
      .flatMap(({ problems }) => problems)
      .map(({ where, message }) => ({ where, message, fix: "" })),
  };
}
