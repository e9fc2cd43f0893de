import type { ServiceSpec } from "../compose/swarm-spec";

/**
 * The fields whose change makes the docker provider replace a service instead of updating it (5.2.0's schema).
 * The companion that removes a service must be replaced with it, or the new one would find the old one's name taken.
 */
export function replacementTriggers({ Name, Mode, TaskTemplate }: ServiceSpec): unknown[] {
  const { ContainerSpec, Networks } = TaskTemplate;
  return [
    Name,
    Mode.Global === undefined ? "replicated" : "global",
    ContainerSpec.Labels ?? {},
    ContainerSpec.Hosts ?? [],
    ContainerSpec.Sysctls ?? {},
    (ContainerSpec.Mounts ?? []).map(({ VolumeOptions }) => VolumeOptions?.Labels ?? {}),
    Networks ?? [],
  ];
}
