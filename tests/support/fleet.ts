import { destroyLab } from "../../sim/clean-up";
import { openLab, type Lab, type LabOptions } from "../../sim/lab";
import type { PhoneSpec } from "../../sim/phone-container";
import { CloudletProject } from "./cloudlet-project";
import { waitFor } from "./wait-for";

/** Simulated phones and a checkout of cloudlet that is set up for them; tests ask the phones' engines, not our outputs. */
export class Fleet {
  private constructor(
    readonly lab: Lab,
    readonly project: CloudletProject,
  ) {}

  static async open(
    name: string,
    subnet: string,
    phones: readonly PhoneSpec[],
    machines: LabOptions["machines"] = "container",
  ): Promise<Fleet> {
    await destroyLab(name); // what an interrupted run left
    const project = await CloudletProject.create({});
    const log = (line: string) => process.stderr.write(`${name}: ${line}\n`);
    const identityFile = project.path(".cloudlet/simulated/id_ed25519");
    const lab = await openLab({ name, subnet, phones, identityFile, log, machines });
    return new Fleet(lab, project);
  }

  /** The settings' entry of a phone of the lab. */
  node(name: string, role: "master" | "compute", rest: object = {}): object {
    const { address, hostKey } = this.lab.phone(name);
    return { address, role, hostKey, ...rest };
  }

  /** Looks the images of the project's stack files up, in the lab's registry. */
  async lockImages(): Promise<void> {
    const mirror = ["--mirror", `http://${this.lab.registry}`];
    const { exitCode, output } = await this.project.command("images/images-lock", ...mirror);
    if (exitCode !== 0) throw new Error(`images:lock failed:\n${output}`);
  }

  /** A docker command on a phone, past the network; its output. Throws when it fails. */
  async docker(phone: string, ...args: string[]): Promise<string> {
    return (await this.lab.exec(phone, ["docker", ...args])).stdout.trim();
  }

  /** One answer for each line, by its first word. */
  async dockerMap(phone: string, ...args: string[]): Promise<Record<string, string>> {
    const lines = (await this.docker(phone, ...args)).split("\n").filter((line) => line !== "");
    return Object.fromEntries(
      lines.map((line) => [line.split(" ")[0] ?? "", line.slice(line.indexOf(" ") + 1)]),
    );
  }

  /** Ids of the tasks that should run, by service. */
  async taskIds(phone: string, service: string): Promise<string[]> {
    const format = "{{.ID}}";
    const out = await this.docker(
      phone,
      "service",
      "ps",
      "-q",
      "--no-trunc",
      "--filter",
      "desired-state=running",
      "--format",
      format,
      service,
    );
    return out
      .split("\n")
      .filter((id) => id !== "")
      .sort();
  }

  /** Waits until a web address answers with a body that fits. */
  async answers(url: string, fits: (body: string) => boolean, seconds = 60): Promise<string> {
    return waitFor(`${url} to answer as expected`, seconds, async () => {
      const response = await fetch(url, { signal: AbortSignal.timeout(5000) });
      const body = await response.text();
      return response.ok && fits(body) ? body : undefined;
    });
  }

  /** Ends everything, also after a failure; CLOUDLET_E2E_KEEP=1 keeps the wreck to look at. */
  async close(): Promise<void> {
    if (process.env.CLOUDLET_E2E_KEEP === "1") return;
    await this.lab.destroy();
    await this.project.remove();
  }
}
