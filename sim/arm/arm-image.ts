import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from "node:fs";
import { join, relative } from "node:path";
import { installMissing, type Log } from "../host";
import { withMachineLock } from "../machine-lock";
import { runMmdebstrap, SUITE } from "../mmdebstrap";
import { runProgram } from "../run-program";
import { armDirectory, imagesInUse } from "./arm-directory";
import { PROCESSORS, type Processor } from "./processors";

/** The files that phones with one kind of processor start from; each phone's disk is a layer over one of the two. */
export interface ArmImage {
  readonly directory: string;
  readonly kernel: string;
  readonly initramfs: string;
  /** The disk of a phone without Docker. */
  readonly phone: string;
  readonly phoneWithDocker: string;
}

const SIMULATION = join(__dirname, "..");
const PROGRAMS = {
  "qemu-system-arm": "qemu-system-arm", // and the aarch64 one
  "qemu-img": "qemu-utils",
  "mkfs.ext4": "e2fsprogs",
  depmod: "kmod",
  busybox: "busybox",
};
// As in root-filesystem.ts; what a Debian installation has anyway must be named, as nothing is installed here.
const PACKAGES = [
  ...["openrc", "openssh-server", "nftables", "opendoas", "busybox", "chrony", "netbase"],
  ...["ca-certificates", "libdevmapper1.02.1", "libsystemd0", "libseccomp2", "libxtables12"],
  ...["libip4tc2", "libip6tc2", "libnetfilter-conntrack3", "libnfnetlink0"],
  ...["base-files", "base-passwd", "dpkg", "usr-is-merged", "util-linux"],
  ...["kmod", "qemu-guest-agent"],
];
const MERGED_USR =
  'for name in bin sbin lib; do mkdir -p "$1/usr/$name"; ln -s "usr/$name" "$1/$name"; done';

/** Makes the image unless it is in the cache: from Debian's packages for that processor, without running any of them. */
export async function ensureArmImage(processor: Processor, log: Log): Promise<ArmImage> {
  await installMissing(PROGRAMS, log);
  const directory = directoryOf(processor);
  await withMachineLock("arm-image", async () => {
    if (existsSync(directory)) return;
    log(
      `making the image of a simulated ${processor} phone from Debian packages (once, about a minute)`,
    );
    await makeImage(processor, directory, log);
    removeOldImages();
  });
  return imageIn(directory);
}

/** What an image's directory holds. */
export function imageIn(directory: string): ArmImage {
  return {
    directory,
    kernel: join(directory, "kernel"),
    initramfs: join(directory, "initramfs"),
    phone: join(directory, "phone.raw"),
    phoneWithDocker: join(directory, "phone-with-docker.raw"),
  };
}

async function makeImage(processor: Processor, directory: string, log: Log): Promise<void> {
  const { architectures, kernel } = PROCESSORS[processor];
  const work = `${directory}.unfinished`;
  rmSync(work, { recursive: true, force: true }); // of a run that was killed
  const [root, output] = [join(work, "root"), join(work, "output")];
  mkdirSync(output, { recursive: true });
  try {
    const options = [
      ...["--mode=root", "--format=directory", "--variant=extract", "--skip=check/qemu,cleanup"],
      ...[`--architectures=${architectures}`, `--include=${[kernel, ...PACKAGES].join(",")}`],
      ...[`--setup-hook=${MERGED_USR}`, `--extract-hook=${join(__dirname, "build.sh")}`],
    ];
    await runMmdebstrap([...options, SUITE, root], log);
    await runProgram(join(__dirname, "pack-disks.sh"), [root, output]);
    renameSync(output, directory);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

// Of earlier versions of the sources; those that phones still run on stay.
function removeOldImages(): void {
  const current = (Object.keys(PROCESSORS) as Processor[]).map(directoryOf);
  const kept = new Set([...current, ...imagesInUse()]);
  for (const name of readdirSync(imagesDirectory())) {
    const path = join(imagesDirectory(), name);
    if (!kept.has(path)) rmSync(path, { recursive: true });
  }
}

const imagesDirectory = (): string => join(armDirectory(), "images");

const directoryOf = (processor: Processor): string =>
  join(imagesDirectory(), `${processor}-${sourceHash(processor)}`);

function sourceHash(processor: Processor): string {
  const { architectures, kernel } = PROCESSORS[processor];
  const packages = [SUITE, architectures, kernel, ...PACKAGES].join(" ");
  const hash = createHash("sha256").update(`${packages}\n${MERGED_USR}\n`);
  for (const path of [...filesIn("arm"), ...filesIn("phone")]) {
    const executable = (statSync(path).mode & 0o100) !== 0;
    hash.update(`${relative(SIMULATION, path)} ${executable}\n`).update(readFileSync(path));
  }
  return hash.digest("hex").slice(0, 12);
}

function filesIn(folder: string): string[] {
  return readdirSync(join(SIMULATION, folder), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && !entry.name.endsWith(".ts"))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}
