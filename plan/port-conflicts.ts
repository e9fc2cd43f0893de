import type { Problem } from "../config/problem";
import type { PlannedStack } from "./planned-stack";

interface PublishedPort {
  readonly service: string;
  readonly where: string;
  /** Port and protocol, as in "80/tcp". */
  readonly port: string;
  readonly mode: string;
}

/**
 * A problem for each port that two services publish, of one stack or of two: the engine would refuse the second when half of the
 * cloudlet is there. Two that publish it on their tasks' own phones (`mode: host`) are for Swarm to keep apart.
 */
export function portConflicts(stacks: readonly PlannedStack[]): Problem[] {
  const first = new Map<string, PublishedPort>();
  return stacks.flatMap(publishedPorts).flatMap((published) => {
    const other = first.get(published.port);
    if (other === undefined) {
      first.set(published.port, published);
      return [];
    }
    if (other.service === published.service || (other.mode === "host" && published.mode === "host"))
      return [];
    const message = `${published.service} publishes ${published.port}: expected a port that no other service publishes, and ${other.service} does (${other.where}); publish another one, such as "8080:80"`;
    return [{ where: published.where, message }];
  });
}

function publishedPorts({ services }: PlannedStack): PublishedPort[] {
  return services.flatMap(({ spec, portsWhere }) =>
    (spec.EndpointSpec?.Ports ?? []).flatMap(({ PublishedPort, Protocol, PublishMode }) =>
      PublishedPort === undefined
        ? []
        : [
            {
              service: spec.Name,
              where: portsWhere,
              port: `${PublishedPort}/${Protocol ?? "tcp"}`,
              mode: PublishMode ?? "ingress",
            },
          ],
    ),
  );
}
