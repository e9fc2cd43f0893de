/** An image's name taken apart, with Docker's defaults filled in. */
export interface ImageReference {
  /** `docker.io`, `ghcr.io`, `192.168.1.10:5000`. */
  readonly registry: string;
  readonly repository: string;
  /** A tag, or a digest where the name has one. */
  readonly version: string;
}

/** Takes an image's name apart as `docker pull` does (distribution/reference: `nginx` is `docker.io/library/nginx:latest`). */
export function parseImageReference(name: string): ImageReference {
  const [beforeDigest = "", digest] = name.split("@");
  const slash = beforeDigest.indexOf("/");
  const first = beforeDigest.slice(0, Math.max(slash, 0));
  const hasRegistry = /[.:]/.test(first) || first === "localhost" || first !== first.toLowerCase();
  const registry = hasRegistry ? first : "docker.io";
  const path = hasRegistry ? beforeDigest.slice(slash + 1) : beforeDigest;
  const colon = path.lastIndexOf(":");
  const repository = colon > 0 ? path.slice(0, colon) : path;
  const tag = colon > 0 ? path.slice(colon + 1) : "latest";
  const isOfficial = /^(index\.)?docker\.io$/.test(registry) && !repository.includes("/");
  return {
    registry: registry === "index.docker.io" ? "docker.io" : registry,
    repository: isOfficial ? `library/${repository}` : repository,
    version: digest ?? tag,
  };
}
