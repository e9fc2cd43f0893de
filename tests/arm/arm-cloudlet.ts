import type { PhoneSpec } from "../../sim/phone-container";
import { ARM_SETTINGS } from "../support/arm-settings";
import { Fleet } from "../support/fleet";
import { waitFor } from "../support/wait-for";

/** Emulated phones boot, elect and pull about ten times as slowly as containers. */
export const SLOW_SECONDS = 240;
export const MINUTES = 60_000;
export const MASTERS: readonly string[] = ["pixel-1", "pixel-2", "pixel-3"];
export const LOCK = "images.e2e.lock.yml";
const STARTED = Date.now();

/** A test that phones ten times as slow as others may take their time for. */
export function slow(what: string, minutes: number, test: () => Promise<void>): void {
  it(what, test, minutes * MINUTES);
}

/** What the settings can differ in. */
export interface Changes {
  /** Beside the masters. */
  readonly nodes?: Readonly<Record<string, object>>;
  /** Beside the cloudlet's own, or in place of one of them. */
  readonly stacks?: Readonly<Record<string, object>>;
  readonly [setting: string]: unknown;
}

/** Three masters with 32-bit ARM processors and kernels of their own. */
export class ArmCloudlet {
  /** Of each container; another number restarts every engine. */
  logFiles = 3;

  private constructor(
    readonly fleet: Fleet,
    private readonly stacks: Readonly<Record<string, object>>,
  ) {}

  /** Phones that answer to SSH, and a project that declares them and these stacks. */
  static async open(stacks: Readonly<Record<string, object>>): Promise<ArmCloudlet> {
    // The last has no Docker yet, the others one that nobody started.
    const phones = MASTERS.map((name, index): PhoneSpec => ({
      name,
      docker: index < 2 ? "stopped" : "absent",
    }));
    const fleet = await Fleet.open("armtest", "10.105.1.0/24", phones, "arm");
    tell("from nothing to SSH on three phones", STARTED);
    return new ArmCloudlet(fleet, stacks);
  }

  /** Settings, and the lock of the images that they name. */
  async set({ nodes = {}, stacks = {}, ...changes }: Changes): Promise<void> {
    const masters = MASTERS.map((name) => [name, this.fleet.node(name, "master")] as const);
    this.fleet.project.writeSettings({
      ...ARM_SETTINGS,
      engine: { logs: { maxFiles: this.logFiles } },
      ...changes,
      stacks: { ...this.stacks, ...stacks },
      nodes: { ...Object.fromEntries(masters), ...nodes },
    });
    await this.fleet.lockImages();
  }

  /** A stack of one service. */
  writeStack(name: string, service: object): void {
    this.fleet.project.writeFile(
      `stacks/${name}.yml`,
      JSON.stringify({ services: { page: service } }),
    );
  }

  /** Throws when it fails. */
  async up(): Promise<void> {
    await this.fleet.project.upOrThrow();
  }

  async status(): Promise<string> {
    return (await this.fleet.project.command("status/status")).output;
  }

  /** The members' states as a master sees them, by name: "Ready Leader", "Down Unreachable". */
  nodes(from: string): Promise<Record<string, string>> {
    const format = "{{.Hostname}} {{.Status}} {{.ManagerStatus}}";
    return this.fleet.dockerMap(from, "node", "ls", "--format", format);
  }

  async leader(from: string): Promise<string | undefined> {
    const states = Object.entries(await this.nodes(from));
    return states.find(([, state]) => state === "Ready Leader")?.[0];
  }

  /** The leader, once that is another phone than this one. */
  async leaderOtherThan(phone: string): Promise<string> {
    const asked = MASTERS.find((name) => name !== phone) ?? "";
    const found = await this.leader(asked);
    if (found !== undefined && found !== phone) return found;
    await this.fleet.lab.exec(phone, ["rc-service", "docker", "restart"]);
    await this.whole(asked);
    const next = await this.leader(asked);
    if (next === undefined || next === phone) throw new Error(`the leader is ${next} again`);
    return next;
  }

  /** The processes of the masters' engines. */
  engines(): Promise<string[]> {
    const find = ["pgrep", "-x", "dockerd"];
    return Promise.all(
      MASTERS.map(async (name) => (await this.fleet.lab.exec(name, find)).stdout.trim()),
    );
  }

  /** Waits until all masters are there. */
  async whole(from: string): Promise<void> {
    await waitFor("three ready masters", SLOW_SECONDS, async () => {
      const nodes = await this.nodes(from);
      const states = Object.values(nodes).sort().join();
      if (states === "Ready Leader,Ready Reachable,Ready Reachable") return true;
      throw new Error(`got ${JSON.stringify(nodes)}`);
    });
  }

  /** The phones that a service's tasks run on, sorted. */
  async phonesOf(from: string, service: string): Promise<string[]> {
    const format = "{{.Node}} {{.CurrentState}}";
    const options = ["--filter", "desired-state=running", "--format", format];
    const lines = (await this.fleet.docker(from, "service", "ps", ...options, service)).split("\n");
    const running = lines.filter((line) => line.includes(" Running "));
    return running.map((line) => line.split(" ")[0] ?? "").sort();
  }

  url(phone: string, port: number, path = "/"): string {
    return `http://${this.fleet.lab.phone(phone).address}:${port}${path}`;
  }

  answers(phone: string, port: number, path = "/"): Promise<string> {
    return this.fleet.answers(this.url(phone, port, path), (body) => body !== "", SLOW_SECONDS);
  }
}

/** Times of an emulated cloudlet are worth writing down: docs/arm-phones.md has them. */
export function tell(what: string, since: number): void {
  process.stderr.write(`arm: ${what}: ${((Date.now() - since) / 1000).toFixed(1)} s\n`);
}
