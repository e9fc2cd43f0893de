import type { NetworkConfig, ServiceConfig } from "./compose-config";
import type { ConvertContext } from "./convert-mounts";
import { quote } from "./describe-value";
import { byBytes, omitEmpty, toRecord } from "./omit-empty";
import { scopedName, stackLabels, warnSameNames } from "./scoped-name";
import type { NetworkAttachment, NetworkSpec } from "./swarm-spec";

const defaultNetwork = "default";

/** The networks that services are on: those to be created, and the external ones by name. */
export function convertNetworks(context: ConvertContext): {
  networks: Map<string, NetworkSpec>;
  external: string[];
} {
  const { stack, config, problems } = context;
  const networks = new Map<string, NetworkSpec>();
  const external = new Set<string>();
  const used = new Set([...config.services.values()].flatMap(networkNames));
  for (const key of used) {
    const network = config.networks.get(key);
    if (network?.external) external.add(network.name);
    else if (network || key === defaultNetwork) {
      const name = network?.name || scopedName(stack, key);
      networks.set(name, convertNetwork(name, network, stack));
    }
  }
  const created = [...config.networks].filter(
    ([key, network]) => used.has(key) && !network.external,
  );
  warnSameNames(created, context);
  for (const [key, { origin }] of config.networks) {
    if (used.has(key)) continue;
    problems.warn("ignored/unused", origin, "is on no service, so it is not created");
  }
  return { networks, external: [...external] };
}

function networkNames({ networks }: ServiceConfig): string[] {
  return networks && networks.size > 0 ? [...networks.keys()] : [defaultNetwork];
}

function convertNetwork(
  name: string,
  network: NetworkConfig | undefined,
  stack: string,
): NetworkSpec {
  const { driver, subnets } = network?.ipam ?? { driver: "", subnets: [] };
  const hasIpam = driver !== "" || subnets.length > 0;
  const IPAM = omitEmpty({ Driver: driver, Config: subnets.map((Subnet) => ({ Subnet })) });
  return {
    Name: name,
    Driver: network?.driver || "overlay",
    Labels: stackLabels(stack, network?.labels),
    Attachable: network?.attachable ?? false,
    Internal: network?.internal ?? false,
    ...(network?.driverOpts?.size && { Options: toRecord(network.driverOpts) }),
    ...(hasIpam && { IPAM }),
  };
}

/** The networks that a service is on, sorted by name, under its aliases and its own short name. */
export function convertAttachments(
  service: ServiceConfig,
  context: ConvertContext,
): NetworkAttachment[] {
  const { stack, config, problems } = context;
  const attachments = networkNames(service).flatMap((key) => {
    const network = config.networks.get(key);
    if (!network && key !== defaultNetwork) {
      const origin = service.networkOrigins?.get(key) ?? service.origin;
      const message = `uses a network that is not defined, got ${quote(key)}; define it under the top-level networks`;
      problems.addMerged("convert/undefined-network", origin, message);
      return [];
    }
    const { aliases = [], driverOpts } = service.networks?.get(key) ?? {};
    const Target = network?.name || scopedName(stack, key);
    const Aliases = isUserDefined(Target) ? [...aliases, service.name] : aliases;
    const DriverOpts = driverOpts?.size ? toRecord(driverOpts) : undefined;
    return [omitEmpty<NetworkAttachment>({ Target, Aliases, DriverOpts })];
  });
  return attachments.sort((left, right) => byBytes(left.Target, right.Target));
}

/** Whether a network is one that somebody made; the engine's own know no aliases. */
export function isUserDefined(name: string): boolean {
  return !["default", "bridge", "host", "none"].includes(name) && !name.startsWith("container:");
}
