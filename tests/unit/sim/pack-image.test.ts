import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { extract } from "tar-stream";
import { packImage, packLayer, type Blob } from "../../../sim/pack-image";
import { PLATFORMS, STAND_INS, type Platform, type StandIn } from "../../../sim/stand-ins";

const standIn: StandIn = {
  repository: "cloudlet/probe",
  tags: ["1"],
  mode: "probe",
  ports: [8080],
};

async function layers(): Promise<Map<Platform, Blob>> {
  const packed = new Map<Platform, Blob>();
  for (const platform of PLATFORMS) packed.set(platform, await packLayer(Buffer.from(platform)));
  return packed;
}

function parse(blob: Blob): Record<string, unknown> {
  return JSON.parse(blob.bytes.toString()) as Record<string, unknown>;
}

describe("packImage", () => {
  it("gives the same digests for the same content, at any time", async () => {
    const [first, second] = [await layers(), await layers()].map((packed) =>
      packImage(standIn, "1", packed),
    );
    expect(first).toEqual(second);
    expect(first!.list.digest).toBe(
      "sha256:" + createHash("sha256").update(first!.list.bytes).digest("hex"),
    );
  });

  it("gives another digest for another tag, so that a service can be rolled", async () => {
    const packed = await layers();
    expect(packImage(standIn, "1", packed).list.digest).not.toBe(
      packImage(standIn, "2", packed).list.digest,
    );
  });

  it("lists one image for each platform, in Docker's own types", async () => {
    const { list, images } = packImage(standIn, "1", await layers());
    expect(parse(list)).toMatchObject({
      mediaType: "application/vnd.docker.distribution.manifest.list.v2+json",
      manifests: [
        { platform: { os: "linux", architecture: "amd64" } },
        { platform: { os: "linux", architecture: "arm", variant: "v7" } },
        { platform: { os: "linux", architecture: "arm64" } },
      ],
    });
    const [, arm] = images;
    const [layer, config] = arm!.blobs;
    expect(parse(arm!.manifest)).toEqual({
      schemaVersion: 2,
      mediaType: "application/vnd.docker.distribution.manifest.v2+json",
      config: {
        mediaType: "application/vnd.docker.container.image.v1+json",
        size: config!.bytes.length,
        digest: config!.digest,
      },
      layers: [
        {
          mediaType: "application/vnd.docker.image.rootfs.diff.tar",
          size: layer!.bytes.length,
          digest: layer!.digest,
        },
      ],
    });
    expect(parse(config!)).toMatchObject({
      architecture: "arm",
      variant: "v7",
      config: { Entrypoint: ["/app", "probe"], ExposedPorts: { "8080/tcp": {} } },
      rootfs: { diff_ids: [layer!.digest] },
    });
  });

  it("leaves out the platforms that an image is not for", async () => {
    const { list } = packImage({ ...standIn, platforms: ["linux/amd64"] }, "1", await layers());
    expect(parse(list)["manifests"]).toHaveLength(1);
  });
});

describe("packLayer", () => {
  it("has the program once, and links to it under its health checks' names", async () => {
    const program = Buffer.from("program");
    const found: Record<string, unknown> = {};
    const archive = extract();
    archive.on("entry", ({ name, type, linkname, mode, mtime }, stream, next) => {
      found[name] = { type, linkname, mode };
      expect(mtime).toEqual(new Date(0));
      stream.on("end", next).resume();
    });
    await pipeline(Readable.from([(await packLayer(program)).bytes]), archive);
    expect(found).toMatchObject({
      app: { type: "file", mode: 0o755 },
      "usr/local/bin/pg_isready": { type: "link", linkname: "app" },
      "usr/local/bin/rabbitmq-diagnostics": { type: "link", linkname: "app" },
    });
  });
});

describe("STAND_INS", () => {
  it("names no image twice", () => {
    const references = STAND_INS.flatMap(({ repository, tags }) =>
      tags.map((tag) => `${repository}:${tag}`),
    );
    expect(new Set(references).size).toBe(references.length);
  });
});
