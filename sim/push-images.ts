import { buildStandIns } from "./build-stand-ins";
import type { Log } from "./host";
import { packImage, packLayer, type Blob, type MultiPlatformImage } from "./pack-image";
import { STAND_INS, type Platform } from "./stand-ins";

/** One tag that a registry should have. */
export interface Tagged {
  readonly repository: string;
  readonly tag: string;
  readonly image: MultiPlatformImage;
}

/** All stand-ins, packed and ready to be pushed. */
export async function packStandIns(log: Log): Promise<readonly Tagged[]> {
  const layers = new Map<Platform, Blob>();
  for (const [platform, program] of await buildStandIns(log)) {
    layers.set(platform, await packLayer(program));
  }
  return STAND_INS.flatMap((standIn) =>
    standIn.tags.map((tag) => ({
      repository: registryPath(standIn.repository),
      tag,
      image: packImage(standIn, tag, layers),
    })),
  );
}

/** Pushes images to the registry at host:port (plain HTTP); those that it has cost one question each. */
export async function pushImages(registry: string, images: readonly Tagged[]): Promise<void> {
  const [first, ...others] = images;
  if (first === undefined) return;
  const client = new RegistryClient(registry, first.repository);
  await client.push(first); // alone, so that the others can take the layers from it
  const repositories = new Set(others.map(({ repository }) => repository));
  await Promise.all(
    [...repositories].map(async (name) => {
      // One after the other: the registry writes a repository's links anew, and reads them empty meanwhile (docker-registry 2.8).
      for (const image of others) if (image.repository === name) await client.push(image);
    }),
  );
}

/** Docker Hub keeps official images under library/, and engines ask its mirrors for that. */
export function registryPath(repository: string): string {
  return repository.includes("/") ? repository : `library/${repository}`;
}

class RegistryClient {
  constructor(
    private readonly registry: string,
    private readonly layersFrom: string,
  ) {}

  async push({ repository, tag, image }: Tagged): Promise<void> {
    const { list, images } = image;
    const headers = { Accept: list.mediaType };
    const there = await this.ask(`${repository}/manifests/${tag}`, { method: "HEAD", headers });
    if (there.headers.get("docker-content-digest") === list.digest) return;
    for (const { manifest, blobs } of images) {
      for (const blob of blobs) await this.pushBlob(repository, blob);
      await this.pushManifest(repository, manifest.digest, manifest);
    }
    await this.pushManifest(repository, tag, list);
  }

  private async pushBlob(repository: string, { digest, bytes }: Blob): Promise<void> {
    const there = await this.ask(`${repository}/blobs/${digest}`, { method: "HEAD" });
    if (there.ok) return;
    const mount = `${repository}/blobs/uploads/?mount=${digest}&from=${this.layersFrom}`;
    const started = await this.ask(mount, { method: "POST" });
    if (started.status === 201) return;
    const location = started.headers.get("location");
    if (started.status !== 202 || location === null) await refuse(started, `upload of ${digest}`);
    const target = new URL(location ?? "", `http://${this.registry}`);
    target.searchParams.set("digest", digest);
    const done = await fetch(target, {
      method: "PUT",
      body: new Uint8Array(bytes),
      headers: { "Content-Type": "application/octet-stream" },
    });
    if (!done.ok) await refuse(done, `${repository}: blob ${digest}`);
  }

  private async pushManifest(repository: string, reference: string, manifest: Blob): Promise<void> {
    const answer = await this.ask(`${repository}/manifests/${reference}`, {
      method: "PUT",
      body: new Uint8Array(manifest.bytes),
      headers: { "Content-Type": manifest.mediaType },
    });
    if (!answer.ok) await refuse(answer, `${repository}:${reference}`);
  }

  private ask(path: string, options: RequestInit): Promise<Response> {
    return fetch(`http://${this.registry}/v2/${path}`, options);
  }
}

async function refuse(answer: Response, what: string): Promise<never> {
  throw new Error(`registry: refused ${what}, got ${answer.status} ${await answer.text()}`);
}
