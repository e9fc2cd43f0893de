import { createHash } from "node:crypto";
import { packTar } from "./pack-tar";
import { PLATFORMS, type Platform, type StandIn } from "./stand-ins";

/** Bytes that a registry stores under their digest. */
export interface Blob {
  readonly digest: string;
  readonly bytes: Buffer;
  readonly mediaType: string;
}

/** An image of one platform, with the blobs that its manifest names. */
export interface PlatformImage {
  readonly platform: Platform;
  readonly manifest: Blob;
  readonly blobs: readonly Blob[];
}

/** A tag's content: a list of platforms, and their images. */
export interface MultiPlatformImage {
  readonly list: Blob;
  readonly images: readonly PlatformImage[];
}

// Docker's own types, as the originals have them: engine 20.10 tells platforms from nothing else.
const TYPES = {
  list: "application/vnd.docker.distribution.manifest.list.v2+json",
  manifest: "application/vnd.docker.distribution.manifest.v2+json",
  config: "application/vnd.docker.container.image.v1+json",
  layer: "application/vnd.docker.image.rootfs.diff.tar",
} as const;

/** The one layer that all stand-ins of a platform share: the program, and links under its health checks' names. */
export async function packLayer(program: Buffer): Promise<Blob> {
  const directories = ["data", "etc", "tmp", "usr", "usr/local", "usr/local/bin", "var", "var/run"];
  const links = ["pg_isready", "rabbitmq-diagnostics"];
  const layer = await packTar([
    { path: "app", content: program, mode: 0o755 },
    ...directories.map((path) => ({ path, directory: true as const })),
    ...links.map((name) => ({ path: `usr/local/bin/${name}`, linkTo: "app" })),
  ]);
  return layerBlob(layer);
}

/** A tar archive as a layer. */
export function layerBlob(archive: Buffer): Blob {
  return blob(archive, TYPES.layer);
}

/** Packs one tag of a stand-in for its platforms; the same input gives the same digests. */
export function packImage(
  standIn: StandIn,
  tag: string,
  layers: ReadonlyMap<Platform, Blob>,
): MultiPlatformImage {
  const images = (standIn.platforms ?? PLATFORMS).map((platform) => {
    const layer = layers.get(platform);
    if (layer === undefined) throw new Error(`stand-in images: no program for ${platform}`);
    return packPlatform({ ...describeStandIn(standIn, tag), platform, layer });
  });
  return listPlatforms(images);
}

/** The list of a tag's images. */
export function listPlatforms(images: readonly PlatformImage[]): MultiPlatformImage {
  const manifests = images.map(({ platform, manifest }) => ({
    ...descriptor(manifest),
    platform: platformFields(platform),
  }));
  const list = json({ schemaVersion: 2, mediaType: TYPES.list, manifests }, TYPES.list);
  return { list, images };
}

function describeStandIn(standIn: StandIn, tag: string): Pick<PlatformArgs, "note" | "run"> {
  return {
    note: `cloudlet stand-in for ${standIn.repository}`,
    run: {
      Entrypoint: ["/app", standIn.mode],
      Env: ["PATH=/usr/local/bin", `STAND_IN_MODE=${standIn.mode}`, `STAND_IN_VERSION=${tag}`],
      ExposedPorts: emptyObjects((standIn.ports ?? []).map((port) => `${port}/tcp`)),
      Volumes: emptyObjects(standIn.volumes ?? []),
    },
  };
}

/** One platform of an image. */
export interface PlatformArgs {
  /** What it is, for whoever inspects it. */
  readonly note: string;
  /** How it is run, in Docker's words: Entrypoint, Env, User... */
  readonly run: object;
  readonly platform: Platform;
  readonly layer: Blob;
}

/** Packs one platform of an image, of one layer. */
export function packPlatform({ note, run, platform, layer }: PlatformArgs): PlatformImage {
  const created = "1970-01-01T00:00:00Z";
  const config = json(
    {
      ...{ created, ...platformFields(platform) },
      config: { ...run, Labels: { "org.opencontainers.image.title": note } },
      rootfs: { type: "layers", diff_ids: [layer.digest] },
      history: [{ created, created_by: note }],
    },
    TYPES.config,
  );
  const manifest = {
    ...{ schemaVersion: 2, mediaType: TYPES.manifest },
    ...{ config: descriptor(config), layers: [descriptor(layer)] },
  };
  return { platform, manifest: json(manifest, TYPES.manifest), blobs: [layer, config] };
}

function platformFields(platform: Platform): Record<string, string> {
  const [os = "", architecture = "", variant] = platform.split("/");
  return { os, architecture, ...(variant === undefined ? {} : { variant }) };
}

/** Docker's way to write a set. */
export function emptyObjects(keys: readonly string[]): Record<string, object> {
  return Object.fromEntries(keys.map((key) => [key, {}]));
}

function descriptor({ mediaType, digest, bytes }: Blob): object {
  return { mediaType, size: bytes.length, digest };
}

function json(value: object, mediaType: string): Blob {
  return blob(Buffer.from(JSON.stringify(value)), mediaType);
}

function blob(bytes: Buffer, mediaType: string): Blob {
  const digest = `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
  return { digest, bytes, mediaType };
}
