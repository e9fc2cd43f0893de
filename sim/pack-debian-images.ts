import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { DEBIAN_PACKAGES, DEBIAN_PLATFORMS, type DebianImage } from "./debian-images";
import { cacheDirectory, type Log } from "./host";
import { withMachineLock } from "./machine-lock";
import { runMmdebstrap, SUITE } from "./mmdebstrap";
import { emptyObjects, layerBlob, listPlatforms, packPlatform } from "./pack-image";
import { packTar, type TarEntry } from "./pack-tar";
import { registryPath, type Tagged } from "./push-images";
import type { Platform } from "./stand-ins";

/** Commands that BusyBox is, where an image has it. */
const SHELL_COMMANDS = ["sh", "awk", "cat", "mv", "sleep", "wget"];
/** What containers that are phones run. */
const OWN_PLATFORM: Platform = "linux/amd64";

/** Packs images of Debian's programs, for the container phones' platform unless others are asked for; downloads the packages once. */
export async function packDebianImages(
  images: readonly DebianImage[],
  log: Log,
  platforms: readonly Platform[] = [OWN_PLATFORM],
): Promise<readonly Tagged[]> {
  const directories = new Map<Platform, string>();
  for (const platform of platforms) directories.set(platform, await unpackPackages(log, platform));
  return Promise.all(
    images.map(async (image) => {
      const packed = [...directories].map(async ([platform, packages]) => {
        const layer = layerBlob(await packTar(entriesOf(image, platform, packages)));
        return packPlatform({ note: image.note, run: describeRun(image), platform, layer });
      });
      return {
        repository: registryPath(image.repository),
        tag: image.tag,
        image: listPlatforms(await Promise.all(packed)),
      };
    }),
  );
}

/** A directory with one for each package. */
export async function unpackPackages(log: Log, platform: Platform = OWN_PLATFORM): Promise<string> {
  const { architecture } = DEBIAN_PLATFORMS[platform];
  const hash = createHash("sha256")
    .update([SUITE, architecture, ...DEBIAN_PACKAGES].join(" "))
    .digest("hex");
  const directory = join(cacheDirectory(), "debian-packages", hash.slice(0, 12));
  await withMachineLock("debian-packages", async () => {
    if (existsSync(directory)) return;
    const unfinished = `${directory}.unfinished`;
    rmSync(unfinished, { recursive: true, force: true });
    mkdirSync(unfinished, { recursive: true });
    await download(unfinished, architecture, log);
    renameSync(unfinished, directory);
  });
  return directory;
}

// Unpacks packages only; no system is made of them.
async function download(directory: string, architecture: string, log: Log): Promise<void> {
  log(`downloading Debian's ${DEBIAN_PACKAGES.join(", ")} for ${architecture} (once)`);
  const hook = `set -eu; cd "$DEBIAN_PACKAGES_DIRECTORY"; export APT_CONFIG="$MMDEBSTRAP_APT_CONFIG"
for package in ${DEBIAN_PACKAGES.join(" ")}; do
  apt-get -qq -o APT::Sandbox::User=root download "$package"
  dpkg-deb -x "$package"_*.deb "$package"
  rm "$package"_*.deb
done`;
  await runMmdebstrap(
    [
      ...["--variant=custom", "--format=null", "--skip=check/qemu"],
      ...[`--architectures=${architecture}`, `--customize-hook=${hook}`, SUITE],
    ],
    log,
    { DEBIAN_PACKAGES_DIRECTORY: directory },
  );
}

function entriesOf(image: DebianImage, platform: Platform, packages: string): TarEntry[] {
  const libraries = image.linked === true ? DEBIAN_PLATFORMS[platform].libraries : {};
  const programs = Object.entries({ ...libraries, ...image.programs }).map(([path, file]) => ({
    ...{ path, mode: 0o755 },
    content: readFileSync(join(packages, file)),
  }));
  const scripts = Object.entries(image.scripts ?? {}).map(([path, content]) => ({
    ...{ path, mode: 0o755 },
    content,
  }));
  const files = [...programs, ...scripts];
  const shell = files.some(({ path }) => path === "bin/busybox") ? SHELL_COMMANDS : [];
  return [
    ...directoriesOf(["etc/none", "tmp/none", ...files.map(({ path }) => path)]),
    ...(image.writable ?? []).flatMap((path) => [
      ...directoriesOf([path]),
      { path, directory: true as const, mode: 0o777 },
    ]),
    ...files,
    ...shell.map((name) => ({ path: `bin/${name}`, symlinkTo: "busybox" })),
  ];
}

/** The directories that these files are in, outer ones first. */
function directoriesOf(paths: readonly string[]): TarEntry[] {
  const found = new Set<string>();
  for (const path of paths) {
    const parts = dirname(path).split("/");
    parts.forEach((_, index) => found.add(parts.slice(0, index + 1).join("/")));
  }
  found.delete(".");
  return [...found].map((path) => ({ path, directory: true as const }));
}

function describeRun(image: DebianImage): object {
  return {
    Entrypoint: image.entrypoint,
    Env: ["PATH=/usr/local/bin:/bin"],
    ...(image.user !== undefined && { User: image.user }),
    ...(image.workingDirectory !== undefined && { WorkingDir: image.workingDirectory }),
    ExposedPorts: emptyObjects((image.ports ?? []).map((port) => `${port}/tcp`)),
    Volumes: emptyObjects((image.writable ?? []).map((path) => `/${path}`)),
  };
}
