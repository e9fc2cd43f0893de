import { readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { destroyLab } from "../clean-up";
import type { Log } from "../host";
import { simulatedHostKey } from "../host-keys";
import type { CommandResult, ExecOptions, Lab, SimulatedPhone } from "../lab";
import { bridgeName, freeAddress } from "../lab-network";
import { packTar } from "../pack-tar";
import { loginId, phoneFiles, saysSsh, type PhoneParts, type PhoneSpec } from "../phone-container";
import { waitUntil } from "../wait-until";
import { keepFacts, machinesOf, makeMachineDirectory, type MachineFacts } from "./arm-directory";
import { ensureArmImage, imageIn } from "./arm-image";
import { execInGuest } from "./guest-agent";
import {
  agentSocket,
  consoleLog,
  cutPower,
  freezeMachine,
  isOn,
  isUnplugged,
  makeDisk,
  removeMachine,
  resetMachine,
  setPlugged,
  settingsDisk,
  startMachine,
  thawMachine,
  type MachineParts,
  type MachinePlace,
} from "./machine";
import { DEFAULT_PROCESSOR } from "./processors";

/** A lab's settled facts. */
export interface ArmLabArgs {
  readonly name: string;
  readonly subnet: string;
  readonly engineHost: string;
  readonly log: Log;
  readonly parts: Pick<PhoneParts, "authorizedKey" | "registry">;
}

/** Ten seconds where nothing else runs; a machine whose processors are all taken needs many times that. */
const BOOT_SECONDS = 300;

/** Asked again before it has answered, a slow phone's sshd has ever more to do, and answers never. */
const SSH_SECONDS = 15;

/** A lab whose phones are QEMU machines with ARM processors and kernels of their own. */
export class ArmLab implements Lab {
  readonly name: string;
  readonly registry: string;
  readonly engineHost: string;
  readonly ownKernels = true;
  private readonly addresses = new Map<string, string>();
  private readonly parts = new Map<string, MachineParts>();

  constructor(private readonly args: ArmLabArgs) {
    this.name = args.name;
    this.registry = args.parts.registry;
    this.engineHost = args.engineHost;
  }

  /** Takes the phones as they are. */
  async attach(log: Log): Promise<string[]> {
    const kept = await this.keepOurs(log);
    for (const [name, { processor, image }] of kept)
      this.parts.set(name, { processor, image: imageIn(image) });
    return [...kept.keys()];
  }

  /** Makes phones that are missing and switches all on, new and old. */
  async bootAll(specs: readonly PhoneSpec[], log: Log): Promise<void> {
    const kept = await this.attach(log);
    const added = specs.filter(({ name }) => !kept.includes(name));
    for (const { name } of added) this.place(name);
    if (added.length > 0) {
      const names = added.map(({ name }) => name).join(", ");
      const where = dirname(dirname(consoleLog(this.placeOf(added[0]?.name ?? ""))));
      log(`making simulated ARM phones: ${names}; their console logs are ${where}/*/console.log`);
    }
    await Promise.all([
      ...added.map((spec) => this.create(spec)),
      ...kept.map((name) => this.resume(name)),
    ]);
  }

  phoneNames(): string[] {
    const lastOctet = (address: string) => Number(address.split(".")[3]);
    const sorted = [...this.addresses].sort(([, a], [, b]) => lastOctet(a) - lastOctet(b));
    return sorted.map(([name]) => name);
  }

  phone(name: string): SimulatedPhone {
    const { address } = this.placeOf(name);
    return { name, address, hostKey: simulatedHostKey(name).publicKey, user: "cloudlet" };
  }

  async addPhone(spec: PhoneSpec): Promise<void> {
    if (this.parts.has(spec.name)) return this.resume(spec.name);
    this.place(spec.name);
    await this.create(spec);
  }

  async removePhone(name: string): Promise<void> {
    await removeMachine(this.placeOf(name));
    this.addresses.delete(name);
    this.parts.delete(name);
  }

  exec(name: string, command: readonly string[], options?: ExecOptions): Promise<CommandResult> {
    const place = this.placeOf(name);
    if (!isOn(place)) throw new Error(`${name}: expected a phone that is on, got one that is off`);
    return execInGuest(agentSocket(place), command, options);
  }

  powerOff(name: string): Promise<void> {
    return cutPower(this.placeOf(name));
  }

  async powerOn(name: string): Promise<void> {
    const place = this.placeOf(name);
    await startMachine(place, this.partsOf(name));
    await waitForBoot(place);
  }

  async reset(name: string): Promise<void> {
    const place = this.placeOf(name);
    await resetMachine(place);
    await waitUntil(
      `${name}: it does not go down`,
      BOOT_SECONDS,
      async () => !(await saysSsh(place.address)),
    );
    await waitForBoot(place);
  }

  unplug(name: string): Promise<void> {
    return setPlugged(this.placeOf(name), false);
  }

  plug(name: string): Promise<void> {
    return setPlugged(this.placeOf(name), true);
  }

  freeze(name: string): Promise<void> {
    return freezeMachine(this.placeOf(name));
  }

  thaw(name: string): Promise<void> {
    return thawMachine(this.placeOf(name));
  }

  async destroy(): Promise<void> {
    await destroyLab(this.name);
    this.addresses.clear();
    this.parts.clear();
  }

  private async create(spec: PhoneSpec): Promise<void> {
    const place = this.placeOf(spec.name);
    const { log, parts } = this.args;
    const { processor = DEFAULT_PROCESSOR } = spec;
    const image = await ensureArmImage(processor, log);
    this.parts.set(spec.name, { processor, image });
    makeMachineDirectory(this.name, spec.name);
    await makeDisk(place, spec.docker === "absent" ? image.phone : image.phoneWithDocker);
    writeFileSync(settingsDisk(place), await packTar(settingsFiles(place, spec, parts)));
    const [address, login] = [place.address, loginId(parts.authorizedKey)];
    keepFacts(this.name, spec.name, { address, processor, login, image: image.directory });
    await this.powerOn(spec.name);
    if (spec.docker === "running") await this.waitForEngine(spec.name);
  }

  // Whatever was done to it last time: a lab that is opened has all its phones on the network.
  private async resume(name: string): Promise<void> {
    const place = this.placeOf(name);
    await setPlugged(place, true);
    if (isOn(place)) await thawMachine(place);
    await this.powerOn(name);
  }

  // Another checkout's key lets nobody in from here.
  private async keepOurs(log: Log): Promise<ReadonlyMap<string, MachineFacts>> {
    const machines = machinesOf(this.name);
    for (const [name, { address }] of machines) this.addresses.set(name, address);
    const ours = loginId(this.args.parts.authorizedKey);
    const strangers = [...machines].filter(([, { login }]) => login !== ours).map(([name]) => name);
    const running = strangers.filter((name) => isOn(this.placeOf(name)));
    if (running.length > 0) {
      throw new Error(
        `lab ${this.name}: expected phones of this checkout, got running ones of another (${running.join(", ")}); ` +
          "`npm run stop` switches them off, and the next start makes new ones",
      );
    }
    if (strangers.length > 0) log("removing the switched-off ARM phones of another checkout");
    for (const name of strangers) await this.removePhone(name);
    return new Map([...machines].filter(([name]) => !strangers.includes(name)));
  }

  private async waitForEngine(name: string): Promise<void> {
    await waitUntil(`${name}: its Docker engine does not answer`, BOOT_SECONDS, async () => {
      const version = ["docker", "version", "--format", "{{.Server.Version}}"];
      return (await this.exec(name, version, { allowFailure: true })).exitCode === 0;
    });
  }

  private place(name: string): void {
    const taken = new Set(this.addresses.values());
    this.addresses.set(name, freeAddress(this.args.subnet, taken));
  }

  private partsOf(phone: string): MachineParts {
    const parts = this.parts.get(phone);
    if (parts !== undefined) return parts;
    throw new Error(`lab ${this.name}: has no phone of that name, got "${phone}"`);
  }

  private placeOf(phone: string): MachinePlace {
    const address = this.addresses.get(phone);
    if (address !== undefined) {
      return { lab: this.name, phone, address, bridge: bridgeName(this.name) };
    }
    throw new Error(`lab ${this.name}: has no phone of that name, got "${phone}"`);
  }
}

// Lets people in: over the network, or inside where its cable is pulled.
async function waitForBoot(place: MachinePlace): Promise<void> {
  await waitUntil(`${place.phone}: sshd does not answer`, BOOT_SECONDS, async () => {
    if (!isOn(place)) return true; // reported below: waiting would not help
    if (!isUnplugged(place)) return saysSsh(place.address, SSH_SECONDS);
    const inside = ["nc", "-w", "2", "127.0.0.1", "22"];
    const options = { allowFailure: true };
    return (await execInGuest(agentSocket(place), inside, options)).exitCode === 0;
  });
  if (isOn(place)) return;
  const words = readFileSync(consoleLog(place), "utf8").trim().split("\n").slice(-5).join("\n");
  throw new Error(`${place.phone}: went off while booting, got ${words}; see ${consoleLog(place)}`);
}

function settingsFiles(
  { address, phone }: MachinePlace,
  spec: PhoneSpec,
  parts: ArmLabArgs["parts"],
): ReturnType<typeof phoneFiles> {
  const files = {
    "etc/simulated-address": `${address}/24\n`,
    "etc/hostname": `${phone}\n`,
    "etc/hosts": `127.0.0.1 localhost\n::1 localhost\n${address} ${phone}\n`,
  };
  return [
    ...phoneFiles(spec, parts),
    ...Object.entries(files).map(([path, content]) => ({ path, content })),
  ];
}
