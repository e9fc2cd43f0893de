import { ensureArmImage } from "./arm/arm-image";
import { ArmLab } from "./arm/arm-lab";
import { DEFAULT_PROCESSOR } from "./arm/processors";
import { openEngine } from "./engine";
import { requireLinuxRoot, type Log } from "./host";
import { destroyLab } from "./clean-up";
import { ContainerLab } from "./container-lab";
import { ensureNetwork, registryAddress, subnetProblem } from "./lab-network";
import { ensureLoginKey } from "./login-key";
import { withMachineLock } from "./machine-lock";
import type { PhoneSpec } from "./phone-container";
import { packStandIns, pushImages } from "./push-images";
import { ensureRegistry, REGISTRY_PORT } from "./registry";
import { ensureImages } from "./root-filesystem";

/** What a lab should have; phones that it has already and that are not named here stay. */
export interface LabOptions {
  /** Tells labs of one machine apart: at most 12 lower-case letters, digits and hyphens. */
  readonly name: string;
  /** A network of this machine's own, such as "10.86.0.0/24": phones get .11, .12 and so on. */
  readonly subnet: string;
  readonly phones: readonly PhoneSpec[];
  /** The user's private key (ed25519), made if it is missing; its public half lets people in. */
  readonly identityFile: string;
  readonly log: Log;
  /** What the phones are: containers of this machine's engine, or emulated machines with ARM processors. @default "container" */
  readonly machines?: "container" | "arm";
  /** Phones that are off, frozen or off the network stay so. @default false */
  readonly asItIs?: boolean;
}

/** How to reach a simulated phone. */
export interface SimulatedPhone {
  readonly name: string;
  readonly address: string;
  /** As in known_hosts, without the name: "ssh-ed25519 AAAA...". */
  readonly hostKey: string;
  readonly user: "cloudlet";
}

/** What a command on a phone said. */
export interface CommandResult {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number;
}

/** How a command runs on a phone; without `allowFailure` an exit code other than 0 throws. */
export interface ExecOptions {
  readonly input?: string;
  readonly allowFailure?: boolean;
}

/** Simulated phones on one network of this machine, beside a registry that serves stand-in images. */
export interface Lab {
  readonly name: string;
  /** host:port, as the phones and this machine see it; plain HTTP. */
  readonly registry: string;
  /** DOCKER_HOST of the engine whose containers the phones are. */
  readonly engineHost: string;
  /** Whether each phone has a kernel, and so a clock and a disk, of its own; else they are this machine's. */
  readonly ownKernels: boolean;
  phoneNames(): string[];
  phone(name: string): SimulatedPhone;
  /** Adds a phone and boots it; one that is there already is switched on. */
  addPhone(spec: PhoneSpec): Promise<void>;
  /** Removes a phone and its data, in whatever state it is. */
  removePhone(name: string): Promise<void>;
  /** Runs a command on a phone as root, past its network. */
  exec(name: string, command: readonly string[], options?: ExecOptions): Promise<CommandResult>;
  /** A power cut. */
  powerOff(name: string): Promise<void>;
  /** Boots the phone; returns when its sshd answers. */
  powerOn(name: string): Promise<void>;
  /** Boots the phone anew without a word to what runs on it; returns when its sshd answers. */
  reset(name: string): Promise<void>;
  /** Takes the phone off the network. */
  unplug(name: string): Promise<void>;
  /** Puts the phone back on the network, with its address. */
  plug(name: string): Promise<void>;
  /** Stops all its processes where they are. */
  freeze(name: string): Promise<void>;
  thaw(name: string): Promise<void>;
  /** Removes the lab and all that belongs to it. */
  destroy(): Promise<void>;
}

const MOST_PHONES = 12;
const NAME = /^[a-z][a-z0-9-]{0,11}$/;
const PHONE_NAME = /^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$/;

/**
 * Opens a lab: makes what is missing, goes on with what is there, and switches every phone on. Returns when all let
 * people in over SSH and the registry has the stand-in images.
 */
export async function openLab(options: LabOptions): Promise<Lab> {
  requireValid(options);
  requireLinuxRoot();
  const { name, subnet, phones, log } = options;
  const authorizedKey = await ensureLoginKey(options.identityFile, log);
  const engine = await openEngine(log);
  const emulated = options.machines === "arm";
  const processors = new Set(phones.map(({ processor }) => processor ?? DEFAULT_PROCESSOR));
  const [images, standIns] = await Promise.all([
    ensureImages(engine, log),
    packStandIns(log),
    ...[...(emulated ? processors : [])].map((processor) => ensureArmImage(processor, log)),
  ]);
  const registry = `${registryAddress(subnet)}:${REGISTRY_PORT}`;
  return withMachineLock(`lab-${name}`, async () => {
    await ensureNetwork(engine, name, subnet);
    const parts = { images, authorizedKey, registry };
    const lab = emulated
      ? new ArmLab({ name, subnet, parts, engineHost: engine.host, log })
      : new ContainerLab(engine, { name, subnet, parts });
    const serveStandIns = async () => {
      await ensureRegistry(engine, { lab: name, subnet, image: images.registry }, log);
      await pushImages(registry, standIns);
    };
    const phonesReady = options.asItIs ? lab.attach(log) : lab.bootAll(phones, log);
    await Promise.all([serveStandIns(), phonesReady]);
    return lab;
  });
}

function requireValid({ name, subnet, phones }: LabOptions): void {
  const names = phones.map((phone) => phone.name);
  const problems = [
    NAME.test(name)
      ? undefined
      : `name: expected at most 12 lower-case letters, digits and hyphens, got "${name}"`,
    subnetProblem(subnet),
    phones.length > MOST_PHONES
      ? `phones: at most ${MOST_PHONES} can be simulated, got ${phones.length}`
      : undefined,
    ...names.map((phone, index) =>
      PHONE_NAME.test(phone) && names.indexOf(phone) === index
        ? undefined
        : `phones[${index}].name: expected a host name of its own, got "${phone}"`,
    ),
  ].filter((problem) => problem !== undefined);
  if (problems.length > 0) throw new Error(problems.map((text) => `lab: ${text}`).join("\n"));
}

export { destroyLab };
