import { cpSync, existsSync, readFileSync, rmSync } from "node:fs";
import execa from "execa";
import { parseConfig } from "../../config/parse-config";
import { freeGossipPortScript } from "../../nodes/phone-scripts";
import { observe, openWorkspace } from "../../observe/observe";
import { SSH_CONFIG } from "../../observe/ssh-config";
import type { Plan } from "../../plan/plan";
import { planCloudlet, planStacks } from "../../plan/plan-cloudlet";
import type { PulumiResult } from "../support/cloudlet-project";
import { bothStacks } from "../support/sample-stacks";
import { Fleet } from "../support/fleet";
import { waitFor } from "../support/wait-for";
import { currentTasks } from "./moments";

/** Of phones that live as long as one bench. */
const SECRETS = {
  portainerPassword: "panel-bench-password",
  coffeeDbPassword: "db-bench-password",
  coffeeBrokerPassword: "broker-bench-password",
};
/** A task that runs for longer than this has reached all it needs: the parts of the coffee shop give up after five seconds. */
const CALM_SECONDS = 8;
const PATIENCE_SECONDS = 240;

/** Four simulated phones with running engines, and a checkout of cloudlet with both stacks for them. */
export class BenchCloudlet {
  private constructor(
    readonly fleet: Fleet,
    private readonly settings: object,
  ) {}

  static async open(): Promise<BenchCloudlet> {
    const names = ["pixel-1", "pixel-2", "pixel-3", "pixel-4"];
    const phones = names.map((name) => ({ name, docker: "running" as const }));
    const fleet = await Fleet.open("bench", "10.89.0.0/24", phones);
    const cloudlet = new BenchCloudlet(fleet, settingsFor(fleet));
    try {
      fleet.project.writeSettings(cloudlet.settings);
      for (const [name, value] of Object.entries(SECRETS))
        await fleet.project.setSecret(name, value);
      await fleet.lockImages();
      cpSync(fleet.project.path(".state"), fleet.project.path(".state-empty"), { recursive: true });
    } catch (error) {
      await fleet.close();
      throw error;
    }
    return cloudlet;
  }

  /** `pulumi up` with the real CLI; throws with its output when it fails. */
  async up(...options: string[]): Promise<void> {
    succeed("up", await this.fleet.project.up(...options));
  }

  async preview(): Promise<void> {
    succeed("preview", await this.fleet.project.preview());
  }

  /** What the program decides from the same settings: the bare commands make the same services. Works in the project's folder. */
  async plan(): Promise<Plan> {
    const { project } = this.fleet;
    process.chdir(project.directory);
    const config = parseConfig({
      values: { ...this.settings },
      secretNames: Object.keys(SECRETS),
    });
    const stackPlans = planStacks({
      config,
      secrets: SECRETS,
      lockPath: "images.e2e.lock.yml",
      projectDirectory: project.directory,
      readFile: (path) => (existsSync(path) ? readFileSync(path) : undefined),
    });
    const canLogIn = await openWorkspace(config, { privateKey: undefined, dryRun: false });
    const facts = await observe(config, canLogIn);
    const now = Math.floor(Date.now() / 1000);
    return planCloudlet({ config, stackPlans, facts, dryRun: false, now });
  }

  /** Settings with these stacks beside both of ours, and with these changes. */
  changeSettings(stacks: object, changes: object): void {
    const settings = { ...this.settings, stacks: { ...bothStacks, ...stacks }, ...changes };
    this.fleet.project.writeSettings(settings);
  }

  /** The settings' entries of that many phones of the lab, the first three of them masters. */
  nodes(count: number): object {
    return nodesOf(this.fleet, count);
  }

  /** Waits until every task has run for long enough to be sure that it stays. */
  async settle(): Promise<void> {
    await waitFor("every task to run and to stay", PATIENCE_SECONDS, async () => {
      const replicas = await this.fleet.docker(
        "pixel-1",
        "service",
        "ls",
        "--format={{.Replicas}}",
      );
      if (!replicas.split("\n").every((text) => /^([1-9]\d*)\/\1(?!\d)/.test(text)))
        return undefined;
      const calmSince = Date.now() - CALM_SECONDS * 1000;
      const tasks = await currentTasks(this.fleet);
      return tasks.every(
        ({ Status }) => Status.State === "running" && Date.parse(Status.Timestamp) < calmSince,
      )
        ? true
        : undefined;
    });
  }

  /** Takes the phones out of their swarm with all that was in it, closes every connection, and forgets the state. */
  async reset(): Promise<void> {
    const { lab, project } = this.fleet;
    // The first master last: the others' leaving is heard.
    for (const phone of lab.phoneNames().reverse()) {
      await lab.exec(phone, ["docker", "swarm", "leave", "--force"], { allowFailure: true });
    }
    await Promise.all(lab.phoneNames().map((phone) => this.freePhone(phone)));
    rmSync(project.path(".state"), { recursive: true, force: true });
    cpSync(project.path(".state-empty"), project.path(".state"), { recursive: true });
  }

  /** Closes the connections to the phones, so that every way to deploy begins with none. */
  async disconnect(): Promise<void> {
    for (const phone of [...this.fleet.lab.phoneNames(), "cloudlet-master"]) {
      await execa("ssh", ["-F", SSH_CONFIG, "-O", "exit", phone], {
        cwd: this.fleet.project.directory,
        reject: false,
      });
    }
  }

  private async freePhone(phone: string): Promise<void> {
    await waitFor(`${phone} to be free of containers`, 60, async () => {
      const left = await this.fleet.docker(phone, "ps", "-q");
      return left === "" ? true : undefined;
    });
    await this.fleet.docker(phone, "container", "prune", "--force");
    await this.fleet.docker(phone, "volume", "prune", "--force");
    await this.fleet.lab.exec(phone, ["sh", "-c", freeGossipPortScript(phone)]);
  }
}

function settingsFor(fleet: Fleet): object {
  return {
    platform: "linux/amd64",
    routingMesh: false,
    readyTimeoutSeconds: PATIENCE_SECONDS,
    ssh: { identityFile: ".cloudlet/simulated/id_ed25519" },
    nodes: nodesOf(fleet, 4),
    stacks: bothStacks,
  };
}

function nodesOf(fleet: Fleet, count: number): object {
  const names = Array.from({ length: count }, (_, index) => `pixel-${index + 1}`);
  return Object.fromEntries(
    names.map((name, index) => [name, fleet.node(name, index < 3 ? "master" : "compute")]),
  );
}

function succeed(what: string, { exitCode, output }: PulumiResult): void {
  if (exitCode !== 0) throw new Error(`${what} failed:\n${output}`);
}
