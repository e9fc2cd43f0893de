import type { BuildArgs } from "./build-commands";

/** What is meant by what a build says when it fails; undefined where that speaks for itself. */
export function explainBuildFailure(
  said: string,
  { platforms }: Pick<BuildArgs, "platforms">,
): string | undefined {
  if (/exec format error/i.test(said)) {
    return "a RUN in the Dockerfile starts a program of a platform that this machine can only emulate; `apt-get install qemu-user-static binfmt-support` lets it, or build without RUN as in docs/platforms.md";
  }
  if (
    /no image found in (manifest list|image index)|no match for platform|choosing an image from manifest list/i.test(
      said,
    )
  ) {
    return `an image that the Dockerfile begins FROM has no build for one of ${platforms.join(", ")}; choose another, or leave that platform out with --platforms`;
  }
  return undefined;
}

/** The ids of the images that buildah says it made: each on a line of its own. */
export function builtImages(said: string): string[] {
  return [...new Set(said.match(/^[0-9a-f]{64}$/gm) ?? [])];
}
