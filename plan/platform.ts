import type { Platform } from "../config/config";

/** Machines, as looks name them, whose engines take a platform's images before any other. */
export const machinesOf: Readonly<Record<Platform, readonly string[]>> = {
  "linux/arm/v7": ["armv7l", "armv8l"],
  "linux/arm64": ["aarch64"],
  "linux/amd64": ["x86_64"],
};

/** The node label that carries a phone's platform: Swarm's own platform filter cannot express arm/v7. */
export const PLATFORM_LABEL = "cloudlet.platform";
/** The node label that carries the phone's key, so that a slot can be found whatever hardware stands in it. */
export const NODE_LABEL = "cloudlet.node";

/** The platform that a machine runs natively, where we know it. */
export function platformOf(machine: string): Platform | undefined {
  const platforms: readonly Platform[] = ["linux/arm/v7", "linux/arm64", "linux/amd64"];
  return platforms.find((platform) => machinesOf[platform].includes(machine));
}
