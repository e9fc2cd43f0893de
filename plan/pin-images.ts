import type { StackConversion } from "../compose/convert-stack";
import { imageLabel } from "../compose/scoped-name";
import type { ServiceSpec } from "../compose/swarm-spec";
import type { Config, Platform } from "../config/config";
import type { Problem } from "../config/problem";
import type { ImageLock, LockedImage } from "../images/lock-file";
import { mapRecord } from "./map-record";
import { PLATFORM_LABEL } from "./platform";

interface PinOptions {
  readonly lock: ImageLock;
  readonly lockPath: string;
  readonly config: Config;
}

/**
 * Gives every service the digest that its image's name stood for when it was locked, and keeps it on phones that the image
 * has a build for. A problem for each image that is not locked or fits no phone, a note for each that fits only some.
 */
export function pinImages(
  conversion: StackConversion,
  { lock, lockPath, config }: PinOptions,
): { services: Record<string, ServiceSpec>; problems: Problem[]; notes: string[] } {
  const problems: Problem[] = [];
  const notes: string[] = [];
  const services = mapRecord(conversion.spec.services, (spec) => {
    const written = imageAsWritten(spec);
    const where = conversion.where(spec.Name, "image");
    const locked = lock[written];
    if (locked === undefined) {
      problems.push({
        where,
        message: `expected an image that ${lockPath} knows, got "${written}"; look it up with \`npm run images:lock\``,
      });
      return spec;
    }
    const fitting = platformsOf(config).filter((platform) => runs(locked, platform));
    if (fitting.length === 0) problems.push({ where, message: noBuild(written, locked, config) });
    else if (fitting.length < platformsOf(config).length)
      notes.push(`${where}: ${fewerNodes(written, fitting, config)}`);
    return pin(spec, locked, constraintsFor(fitting, platformsOf(config)));
  });
  return { services, problems, notes };
}

/** A service's image by the name that the stack file gives it. */
export function imageAsWritten({ Labels, TaskTemplate }: ServiceSpec): string {
  return Labels[imageLabel] ?? TaskTemplate.ContainerSpec.Image;
}

function platformsOf({ nodes }: Config): Platform[] {
  return [...new Set(nodes.map(({ platform }) => platform))];
}

// What an engine on such a phone picks from an index. The same build may be called linux/arm64 or linux/arm64/v8.
const buildsFor: Readonly<Record<Platform, readonly string[]>> = {
  "linux/arm/v7": ["linux/arm/v7", "linux/arm", "linux/arm/v6", "linux/arm/v5"],
  "linux/arm64": ["linux/arm64", "linux/arm64/v8"],
  "linux/amd64": ["linux/amd64"],
};

function runs({ platforms }: LockedImage, platform: Platform): boolean {
  return buildsFor[platform].some((build) => platforms.includes(build));
}

function noBuild(image: string, { platforms }: LockedImage, config: Config): string {
  return `expected an image with a build for ${platformsOf(config).join(" or ")}, got "${image}", which has ${platforms.join(", ") || "none"}`;
}

function fewerNodes(image: string, fitting: readonly Platform[], { nodes }: Config): string {
  const names = (runs: boolean) =>
    nodes.filter(({ platform }) => fitting.includes(platform) === runs).map(({ key }) => key);
  return `"${image}" runs on ${names(true).join(", ")} only: it has no build for the platform of ${names(false).join(", ")}`;
}

/** Swarm's constraints are and-ed and its own platform filter does not know arm/v7: so by label, and by exclusion. */
function constraintsFor(fitting: readonly Platform[], all: readonly Platform[]): string[] {
  const [only] = fitting;
  if (fitting.length === 1) return [`node.labels.${PLATFORM_LABEL} == ${only}`];
  return all
    .filter((platform) => !fitting.includes(platform))
    .map((platform) => `node.labels.${PLATFORM_LABEL} != ${platform}`);
}

function pin(
  spec: ServiceSpec,
  { digest }: LockedImage,
  constraints: readonly string[],
): ServiceSpec {
  const { ContainerSpec, Placement } = spec.TaskTemplate;
  const image = ContainerSpec.Image.includes("@")
    ? ContainerSpec.Image
    : `${ContainerSpec.Image}@${digest}`;
  return {
    ...spec,
    TaskTemplate: {
      ...spec.TaskTemplate,
      ContainerSpec: { ...ContainerSpec, Image: image },
      Placement: { ...Placement, Constraints: [...(Placement?.Constraints ?? []), ...constraints] },
    },
  };
}
