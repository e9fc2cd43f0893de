/** What is built, and where it goes. */
export interface BuildArgs {
  /** The directory with the Dockerfile. */
  readonly directory: string;
  /** In Docker's notation: `linux/arm/v7`. */
  readonly platforms: readonly string[];
  /** `192.168.1.21:5443/hello:1`. */
  readonly reference: string;
}

/** A program and its arguments. */
export type BuildCommand = readonly [program: string, ...args: string[]];

/** Docker's own formats: engine 20.10 tells platforms from nothing else. */
const FORMAT = { image: "docker", list: "v2s2" } as const;

/**
 * Builds with buildah, which needs no daemon, and pushes. `list` is a name for the list of platforms that nothing else has here;
 * `certificates` is a directory with the registry's certificate.
 */
export function buildahCommands(
  { directory, platforms, reference }: BuildArgs,
  { list, certificates }: { list: string; certificates: string },
): { build: BuildCommand; push: BuildCommand; forget: BuildCommand } {
  // From its cache of layers, buildah 1.28 takes another platform's image where a COPY is the same for both.
  const what = [`--format=${FORMAT.image}`, "--layers=false", `--platform=${platforms.join(",")}`];
  const target = ["--all", `--format=${FORMAT.list}`, `--cert-dir=${certificates}`];
  return {
    build: ["buildah", "build", ...what, `--manifest=${list}`, directory],
    push: ["buildah", "manifest", "push", ...target, list, `docker://${reference}`],
    forget: ["buildah", "manifest", "rm", list],
  };
}

/** Builds with Docker's buildx and pushes, in a builder of our own, which alone can be told what to trust. */
export function buildxCommands(
  { directory, platforms, reference }: BuildArgs,
  { builder, configFile }: { builder: string; configFile: string },
): { find: BuildCommand; create: BuildCommand; build: BuildCommand } {
  const how = ["--driver=docker-container", `--buildkitd-config=${configFile}`, "--bootstrap"];
  // Attestations would be listed beside the platforms as images of none.
  const what = [`--platform=${platforms.join(",")}`, "--provenance=false", `--tag=${reference}`];
  return {
    find: ["docker", "buildx", "inspect", builder],
    create: ["docker", "buildx", "create", `--name=${builder}`, ...how],
    build: ["docker", "buildx", "build", `--builder=${builder}`, ...what, "--push", directory],
  };
}

/** What a builder of buildx is told of a registry (TOML, whose text is quoted as JSON's is). */
export function builderConfig(registry: string, certificateFile: string): string {
  return `[registry.${JSON.stringify(registry)}]
ca = [${JSON.stringify(certificateFile)}]
`;
}
