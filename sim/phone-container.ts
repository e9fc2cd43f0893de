import { createHash, randomBytes } from "node:crypto";
import { connect } from "node:net";
import type { Processor } from "./arm/processors";
import type { Engine } from "./engine";
import { simulatedHostKey } from "./host-keys";
import { packTar, type TarEntry } from "./pack-tar";
import type { SimulationImages } from "./root-filesystem";
import { waitUntil } from "./wait-until";

/** Label on everything that belongs to a lab; its value is the lab's name. */
export const LAB_LABEL = "cloudlet.simulated";
/** Label of a phone's container: the phone's name. */
export const PHONE_LABEL = "cloudlet.simulated.phone";
/** Label of a phone's container: its address on the lab's network. */
export const ADDRESS_LABEL = "cloudlet.simulated.address";
/** Label of a phone's container: tells whose login key lets people in, see {@link loginId}. */
export const LOGIN_LABEL = "cloudlet.simulated.login";

/** A phone to simulate. */
export interface PhoneSpec {
  readonly name: string;
  /** Docker's state at the first boot: not installed, installed but not enabled, or enabled. @default "stopped" */
  readonly docker?: "absent" | "stopped" | "running";
  /** Of an emulated phone; a container's is this machine's. @default "armv7l" */
  readonly processor?: Processor;
}

/** A phone's container and where it belongs. */
export interface PhonePlace {
  readonly lab: string;
  readonly network: string;
  readonly container: string;
  readonly address: string;
}

/** What a phone is made from. */
export interface PhoneParts {
  readonly images: SimulationImages;
  readonly authorizedKey: string;
  /** host:port of the registry that its engine uses as a mirror. */
  readonly registry: string;
}

// All that a machine's root may do, but CAP_SYS_RESOURCE, which sandboxes lack and phones' engines do not miss.
const RIGHTS = [
  ...["--cap-add=ALL", "--cap-drop=SYS_RESOURCE", "--device-cgroup-rule=a *:* rwm"],
  ...["seccomp", "apparmor", "systempaths"].map((part) => `--security-opt=${part}=unconfined`),
  "--cgroupns=private", // what a phone starts is frozen and removed with it
];

/** Makes a phone's container and its boot files; the phone is off. */
export async function createPhone(
  engine: Engine,
  place: PhonePlace,
  spec: PhoneSpec,
  parts: PhoneParts,
): Promise<void> {
  const { phone, phoneWithDocker } = parts.images;
  const labels = {
    [LAB_LABEL]: place.lab,
    [PHONE_LABEL]: spec.name,
    [ADDRESS_LABEL]: place.address,
    [LOGIN_LABEL]: loginId(parts.authorizedKey),
  };
  await engine.docker([
    ...["create", `--name=${place.container}`, `--hostname=${spec.name}`],
    ...Object.entries(labels).map(([label, value]) => `--label=${label}=${value}`),
    ...[`--network=${place.network}`, `--ip=${place.address}`, ...RIGHTS],
    ...["--tmpfs=/run:exec", "--tmpfs=/tmp:exec", "--stop-signal=KILL"],
    `--mount=type=volume,src=${place.container},dst=/var/lib/docker,volume-label=${LAB_LABEL}=${place.lab}`,
    spec.docker === "absent" ? phone : phoneWithDocker,
  ]);
  const input = await packTar(phoneFiles(spec, parts));
  await engine.docker(["cp", "-", `${place.container}:/`], { input });
}

/** A short name of a public key. */
export function loginId(authorizedKey: string): string {
  return createHash("sha256").update(authorizedKey).digest("hex").slice(0, 12);
}

/** Waits until a phone that was started lets people in: over the network, or inside where it has none. */
export async function waitForBoot(
  engine: Engine,
  { container, address }: PhonePlace,
): Promise<void> {
  await waitUntil(`${container}: sshd does not answer`, 60, async () => {
    if (await saysSsh(address)) return true;
    const format = "{{.State.Running}} {{len .NetworkSettings.Networks}}";
    const { stdout } = await engine.docker(["inspect", "--format", format, container]);
    if (stdout.startsWith("false")) return true; // reported below: waiting would not help
    if (!stdout.endsWith(" 0")) return false;
    const inside = ["exec", container, "nc", "-w", "2", "127.0.0.1", "22"];
    return (await engine.docker(inside, { allowFailure: true })).exitCode === 0;
  });
  const { stdout } = await engine.docker(["inspect", "--format", "{{.State.Running}}", container]);
  if (stdout.trim() === "true") return;
  const logs = await engine.docker(["logs", "--tail=5", container]);
  throw new Error(`${container}: went off while booting, got ${logs.stdout}${logs.stderr}`);
}

/** Waits until a phone's own engine answers inside it. */
export async function waitForEngine(engine: Engine, container: string): Promise<void> {
  await waitUntil(`${container}: its Docker engine does not answer`, 60, async () => {
    const info = ["exec", container, "docker", "version", "--format", "{{.Server.Version}}"];
    return (await engine.docker(info, { allowFailure: true })).exitCode === 0;
  });
}

/** The files that one phone has and others do not. */
export function phoneFiles(
  spec: PhoneSpec,
  parts: Pick<PhoneParts, "authorizedKey" | "registry">,
): TarEntry[] {
  const daemon = { "registry-mirrors": [`http://${parts.registry}`] };
  const hostKey = simulatedHostKey(spec.name);
  const files = {
    "etc/machine-id": `${randomBytes(16).toString("hex")}\n`,
    "etc/simulated-name-server": `${parts.registry.split(":")[0] ?? ""}\n`,
    "etc/docker/daemon.json": `${JSON.stringify(daemon, null, 2)}\n`,
    "etc/ssh/ssh_host_ed25519_key.pub": `${hostKey.publicKey} ${spec.name}\n`,
    "home/cloudlet/.ssh/authorized_keys": `${parts.authorizedKey}\n`,
  };
  return [
    ...Object.entries(files).map(([path, content]) => ({ path, content })),
    { path: "etc/ssh/ssh_host_ed25519_key", content: hostKey.privateKey, mode: 0o600 },
    ...(spec.docker === "running"
      ? [{ path: "etc/runlevels/default/docker", symlinkTo: "/etc/init.d/docker" }]
      : []),
  ];
}

/** Whether an SSH server answers at an address, within so many seconds. */
export function saysSsh(address: string, timeoutSeconds = 1, port = 22): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: address, port });
    const finish = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(timeoutSeconds * 1000, () => {
      finish(false);
    });
    socket.once("error", () => {
      finish(false);
    });
    // A server that is just going down or up lets people in and says nothing.
    socket.once("close", () => {
      finish(false);
    });
    socket.once("data", (data) => {
      finish(data.toString().startsWith("SSH-"));
    });
  });
}
