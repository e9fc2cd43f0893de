import { destroyLab } from "./clean-up";
import type { Engine } from "./engine";
import type { Log } from "./host";
import { simulatedHostKey } from "./host-keys";
import type { CommandResult, ExecOptions, Lab, SimulatedPhone } from "./lab";
import { freeAddress, networkName } from "./lab-network";
import {
  ADDRESS_LABEL,
  createPhone,
  LAB_LABEL,
  LOGIN_LABEL,
  loginId,
  PHONE_LABEL,
  waitForBoot,
  waitForEngine,
  type PhoneParts,
  type PhonePlace,
  type PhoneSpec,
} from "./phone-container";

/** A lab's settled facts. */
export interface ContainerLabArgs {
  readonly name: string;
  readonly subnet: string;
  readonly parts: PhoneParts;
}

/** A lab whose phones are containers of this machine's engine. Every fault is one docker command. */
export class ContainerLab implements Lab {
  readonly name: string;
  readonly registry: string;
  readonly engineHost: string;
  readonly ownKernels = false;
  private readonly places = new Map<string, PhonePlace>();

  constructor(
    private readonly engine: Engine,
    private readonly args: ContainerLabArgs,
  ) {
    this.name = args.name;
    this.registry = args.parts.registry;
    this.engineHost = engine.host;
  }

  /** Takes the phones as they are. */
  async attach(log: Log): Promise<Map<string, PhoneState>> {
    const states = await this.readStates();
    await this.removeStrangers(states, log);
    return states;
  }

  /** Makes phones that are missing and switches all on, new and old. */
  async bootAll(specs: readonly PhoneSpec[], log: Log): Promise<void> {
    const states = await this.attach(log);
    const added = specs.filter(({ name }) => !states.has(name));
    for (const { name } of added) this.place(name);
    if (added.length > 0)
      log(`making simulated phones: ${added.map(({ name }) => name).join(", ")}`);
    await Promise.all([
      ...added.map((spec) => this.create(spec)),
      ...[...states].map(([name, state]) => this.resume(name, state)),
    ]);
  }

  phoneNames(): string[] {
    const places = [...this.places].sort(([, a], [, b]) => lastOctet(a) - lastOctet(b));
    return places.map(([name]) => name);
  }

  phone(name: string): SimulatedPhone {
    const { address } = this.placeOf(name);
    return { name, address, hostKey: simulatedHostKey(name).publicKey, user: "cloudlet" };
  }

  async addPhone(spec: PhoneSpec): Promise<void> {
    const state = (await this.readStates()).get(spec.name);
    if (state !== undefined) return this.resume(spec.name, state);
    this.place(spec.name);
    await this.create(spec);
  }

  async removePhone(name: string): Promise<void> {
    const { container } = this.placeOf(name);
    await this.engine.docker(["rm", "--force", container]);
    await this.engine.docker(["volume", "rm", "--force", container]);
    this.places.delete(name);
  }

  exec(name: string, command: readonly string[], options?: ExecOptions): Promise<CommandResult> {
    const { container } = this.placeOf(name);
    const interactive = options?.input === undefined ? [] : ["--interactive"];
    return this.engine.docker(["exec", ...interactive, container, ...command], options);
  }

  async powerOff(name: string): Promise<void> {
    await this.engine.docker(["kill", this.placeOf(name).container]);
  }

  async powerOn(name: string): Promise<void> {
    const place = this.placeOf(name);
    await this.engine.docker(["start", place.container]);
    await waitForBoot(this.engine, place);
  }

  async reset(name: string): Promise<void> {
    await this.powerOff(name);
    await this.powerOn(name);
  }

  async unplug(name: string): Promise<void> {
    const { network, container } = this.placeOf(name);
    await this.engine.docker(["network", "disconnect", network, container]);
  }

  async plug(name: string): Promise<void> {
    const { network, container, address } = this.placeOf(name);
    await this.engine.docker(["network", "connect", `--ip=${address}`, network, container]);
  }

  async freeze(name: string): Promise<void> {
    await this.engine.docker(["pause", this.placeOf(name).container]);
  }

  async thaw(name: string): Promise<void> {
    await this.engine.docker(["unpause", this.placeOf(name).container]);
  }

  async destroy(): Promise<void> {
    await destroyLab(this.name);
    this.places.clear();
  }

  private async create(spec: PhoneSpec): Promise<void> {
    const place = this.placeOf(spec.name);
    await createPhone(this.engine, place, spec, this.args.parts);
    await this.powerOn(spec.name);
    if (spec.docker === "running") await waitForEngine(this.engine, place.container);
  }

  // Whatever was done to it last time: a lab that is opened has all its phones on the network.
  private async resume(name: string, state: PhoneState): Promise<void> {
    if (!state.plugged) await this.plug(name);
    if (state.status === "paused") await this.thaw(name);
    else if (state.status !== "running")
      await this.engine.docker(["start", this.containerOf(name)]);
    await waitForBoot(this.engine, this.placeOf(name));
  }

  // Another checkout's key lets nobody in from here.
  private async removeStrangers(states: Map<string, PhoneState>, log: Log): Promise<void> {
    const ours = loginId(this.args.parts.authorizedKey);
    const strangers = [...states].filter(([, { login }]) => login !== ours);
    const running = strangers.filter(([, { status }]) => status === "running");
    if (running.length > 0) {
      const names = running.map(([name]) => name).join(", ");
      throw new Error(
        `lab ${this.name}: expected phones of this checkout, got running ones of another (${names}); ` +
          "`npm run stop` switches them off, and the next start makes new ones",
      );
    }
    if (strangers.length === 0) return;
    log("removing the switched-off simulated phones of another checkout");
    for (const [name] of strangers) {
      await this.removePhone(name);
      states.delete(name);
    }
  }

  private async readStates(): Promise<Map<string, PhoneState>> {
    const fields = [PHONE_LABEL, ADDRESS_LABEL, LOGIN_LABEL].map(
      (label) => `{{.Label "${label}"}}`,
    );
    const format = [...fields, "{{.State}}", "{{.Networks}}"].join("|");
    const filters = [`label=${LAB_LABEL}=${this.name}`, `label=${PHONE_LABEL}`];
    const { stdout } = await this.engine.docker([
      ...["ps", "--all", "--format", format],
      ...filters.map((filter) => `--filter=${filter}`),
    ]);
    const states = new Map<string, PhoneState>();
    for (const line of stdout
      .split("\n")
      .filter((text) => text !== "")
      .reverse()) {
      const [name = "", address = "", login = "", status = "", networks = ""] = line.split("|");
      this.place(name, address);
      states.set(name, { login, status, plugged: networks !== "" });
    }
    return states;
  }

  private place(name: string, address?: string): void {
    if (this.places.has(name)) return;
    const taken = new Set([...this.places.values()].map((place) => place.address));
    this.places.set(name, {
      lab: this.name,
      network: networkName(this.name),
      container: this.containerOf(name),
      address: address ?? freeAddress(this.args.subnet, taken),
    });
  }

  private containerOf(phone: string): string {
    return `cloudlet-${this.name}-${phone}`;
  }

  private placeOf(name: string): PhonePlace {
    const place = this.places.get(name);
    if (place !== undefined) return place;
    throw new Error(`lab ${this.name}: has no phone of that name, got "${name}"`);
  }
}

function lastOctet({ address }: PhonePlace): number {
  return Number(address.split(".")[3]);
}

interface PhoneState {
  readonly login: string;
  readonly status: string;
  readonly plugged: boolean;
}
