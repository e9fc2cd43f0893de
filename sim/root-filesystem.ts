import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Engine } from "./engine";
import { cacheDirectory, type Log } from "./host";
import { withMachineLock } from "./machine-lock";
import { runMmdebstrap, SUITE } from "./mmdebstrap";

/** Image names in this machine's engine: a phone without Docker, one with it, and the registry beside the phones. */
export interface SimulationImages {
  readonly phone: string;
  readonly phoneWithDocker: string;
  readonly registry: string;
}

/** Label on every image that was made here; its value is the hash of what it was made from. */
export const IMAGE_LABEL = "cloudlet.simulated.image";

const SOURCES = join(__dirname, "phone");
// What phones have from the start, and the libraries that the packages for `apk add` are linked with.
const PACKAGES = [
  ...[
    "openrc",
    "openssh-server",
    "nftables",
    "opendoas",
    "busybox",
    "chrony",
    "netbase",
    "dnsmasq-base",
  ],
  ...["ca-certificates", "libdevmapper1.02.1", "libsystemd0", "libseccomp2", "libxtables12"],
  ...["libip4tc2", "libip6tc2", "libnetfilter-conntrack3", "libnfnetlink0"],
];

/** Makes the images unless the engine has them, from Debian's packages: a minute and the network, once. */
export async function ensureImages(engine: Engine, log: Log): Promise<SimulationImages> {
  const hash = sourceHash();
  const images = {
    phone: `cloudlet-simulated/phone:${hash}`,
    phoneWithDocker: `cloudlet-simulated/phone-with-docker:${hash}`,
    registry: `cloudlet-simulated/registry:${hash}`,
  };
  await withMachineLock("images", async () => {
    const existing = await imagesOf(engine, hash);
    if (!existing.has(images.phone)) {
      await importPhone(engine, images.phone, log);
      await removeOldImages(engine, hash);
    }
    const { phone } = images;
    if (!existing.has(images.phoneWithDocker)) {
      await addPackages(engine, { from: phone, to: images.phoneWithDocker, packages: ["docker"] });
    }
    if (!existing.has(images.registry)) {
      const packages = ["docker-registry", "docker-registry-settings"];
      await addPackages(engine, { from: phone, to: images.registry, packages });
    }
  });
  return images;
}

/** Names of the images that were made here, of one hash or of any. */
export async function imagesOf(engine: Engine, hash?: string): Promise<Set<string>> {
  const label = hash === undefined ? IMAGE_LABEL : `${IMAGE_LABEL}=${hash}`;
  const format = "{{.Repository}}:{{.Tag}}";
  const { stdout } = await engine.docker([
    ...["image", "ls", "--filter", `label=${label}`, "--format", format],
  ]);
  return new Set(stdout.split("\n").filter((line) => line !== ""));
}

// Of earlier versions of the sources; those that phones still run on stay.
async function removeOldImages(engine: Engine, hash: string): Promise<void> {
  const old = [...(await imagesOf(engine))].filter((name) => !name.endsWith(`:${hash}`));
  for (const name of old) await engine.docker(["image", "rm", name], { allowFailure: true });
}

async function importPhone(engine: Engine, name: string, log: Log): Promise<void> {
  log("making the image of a simulated phone from Debian packages (once, about a minute)");
  mkdirSync(cacheDirectory(), { recursive: true });
  const archive = join(cacheDirectory(), `phone.${process.pid}.tar`);
  try {
    const options = ["--variant=minbase", "--skip=cleanup/apt", `--include=${PACKAGES.join(",")}`];
    const build = `--customize-hook=${join(SOURCES, "build.sh")}`;
    await runMmdebstrap([...options, build, SUITE, archive], log);
    const changes = ['CMD ["/sbin/simulated-boot"]', `LABEL ${IMAGE_LABEL}=${sourceHash()}`];
    const changed = changes.flatMap((change) => ["--change", change]);
    await engine.docker(["import", ...changed, archive, name]);
  } finally {
    rmSync(archive, { force: true });
  }
}

/** What `addPackages` makes of which image. */
interface Addition {
  readonly from: string;
  readonly to: string;
  readonly packages: readonly string[];
}

async function addPackages(engine: Engine, { from, to, packages }: Addition): Promise<void> {
  const container = "cloudlet-simulated-build";
  const run = ["run", "--detach", "--network=none", `--name=${container}`, from];
  await engine.docker(["rm", "--force", container], { allowFailure: true }); // of a run that was killed
  try {
    await engine.docker([...run, "/sbin/apk", "add", ...packages]);
    const exitCode = (await engine.docker(["wait", container])).stdout.trim();
    const { stdout, stderr } = await engine.docker(["logs", container]);
    if (exitCode !== "0") throw new Error(`apk add ${packages.join(" ")}: got ${stdout}${stderr}`);
    await engine.docker(["commit", "--change", 'CMD ["/sbin/simulated-boot"]', container, to]);
  } finally {
    await engine.docker(["rm", "--force", "--volumes", container]);
  }
}

function sourceHash(): string {
  const hash = createHash("sha256").update(`${SUITE} ${PACKAGES.join(" ")}\n`);
  for (const path of filesIn(SOURCES)) {
    const executable = (statSync(path).mode & 0o100) !== 0;
    hash.update(`${path.slice(SOURCES.length)} ${executable}\n`).update(readFileSync(path));
  }
  return hash.digest("hex").slice(0, 12);
}

function filesIn(directory: string): string[] {
  return readdirSync(directory, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}
