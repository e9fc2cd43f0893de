import { cpSync } from "node:fs";
import { join } from "node:path";
import type { PhoneSpec } from "../../sim/phone-container";
import { Fleet } from "../support/fleet";
import type { PulumiResult } from "../support/cloudlet-project";
import { brokenOffUp } from "./break-off";
import { doFault, endSilence } from "./do-fault";
import { contradictions, leftOvers } from "./invariants";
import { answers, mastersOf, PHONES, type Model, type Phone } from "./model";
import type { PhoneKind } from "./phone-kinds";
import { replaceSettings, RunSecrets } from "./run-secrets";
import { settle } from "./settle";
import { settingsOf } from "./settings";
import { needsRefresh, type Refused, type Step } from "./step";
import { SwarmWatch, type Seen } from "./swarm-watch";

/** What was seen and not expected, one line or several for each. */
export class Violation extends Error {}

/** How a step went. */
export interface StepReport {
  readonly upSeconds: number;
  /** Until the phones' engines said what is expected, and a preview that nothing is left to do. */
  readonly checkSeconds: number;
  /** What the phones' engines said for a while after `up` had ended. */
  readonly waitedFor: readonly string[];
  readonly longestGapSeconds: number;
}

/** A cloudlet of simulated phones to which steps are done. */
export class ChaosRun {
  /** The output of every call of the CLI in the last step, by what it was for. */
  readonly outputs: Record<string, string> = {};

  private constructor(
    readonly fleet: Fleet,
    readonly secrets: RunSecrets,
    private readonly kind: PhoneKind,
    private model: Model,
  ) {}

  static async open(first: Model, kind: PhoneKind): Promise<ChaosRun> {
    const { machines, lab, subnet } = kind;
    const phones: readonly PhoneSpec[] = [
      { name: "pixel-1", docker: "running" },
      { name: "pixel-2", docker: "absent" },
      { name: "pixel-3", docker: "stopped" },
      { name: "pixel-4", docker: "absent" },
      { name: "pixel-5", docker: "running" },
    ];
    const fleet = await Fleet.open(lab, subnet, phones, machines);
    const { project } = fleet;
    cpSync(join(__dirname, "stacks"), project.path("stacks"), { recursive: true });
    const run = new ChaosRun(fleet, await RunSecrets.create(project), kind, first);
    await run.lockBothImages();
    return run;
  }

  /** The first `up`, on phones that have nothing. */
  async begin(): Promise<StepReport> {
    return this.upAndCheck({ kind: "no change", after: this.model });
  }

  async do(step: Step): Promise<StepReport> {
    for (const name of Object.keys(this.outputs)) delete this.outputs[name];
    const before = this.model;
    const watch = new SwarmWatch(
      this.fleet.lab,
      this.kind,
      PHONES.filter((phone) => answers(before, phone)),
    );
    try {
      await doFault(this.fleet, before, step, this.kind.engineSeconds);
      this.model = step.after;
      if (step.refused === undefined) return await this.upAndCheck(step, watch);
      await this.refusal(step.refused);
      if (step.kind === "declare a phone that is off")
        await this.fleet.lab.powerOn(step.phone ?? "");
      return await this.upAndCheck({ ...step, kind: "no change" }, watch);
    } finally {
      watch.stop();
    }
  }

  /** Takes all away again; what is left on the phones is a violation. */
  async end(): Promise<void> {
    const { project, lab } = this.fleet;
    for (const phone of PHONES) {
      const silence = this.model.silent[phone];
      if (silence !== undefined) await endSilence(this.fleet, phone, silence);
    }
    const { exitCode, output } = this.note("destroy", await project.destroy());
    if (exitCode !== 0) throw new Violation(`destroy: expected exit code 0, got ${exitCode}`);
    this.requireNoSecret("destroy", output);
    const clean = PHONES.filter((phone) => !this.model.unclean.includes(phone));
    const { problems: left } = await settle(this.kind, async () =>
      (await Promise.all(clean.map((phone) => leftOvers({ lab }, phone)))).flat(),
    );
    if (left.length > 0) throw new Violation(`destroy: ${left.join("\n")}`);
  }

  private declare(model: Model): void {
    const { fleet, secrets } = this;
    const reach = (phone: Phone) => {
      const { address, hostKey } = fleet.lab.phone(phone);
      return { address, hostKey };
    };
    const password = secrets.password.bind(secrets);
    const common = this.kind.settings;
    replaceSettings(fleet.project, settingsOf(model, { common, reach, password }));
  }

  // The lock holds what is used when it is written: one stack uses each tag then.
  private async lockBothImages(): Promise<void> {
    const stack = { replicas: 1, setting: "a", password: 0 };
    const stacks = {
      plain: { ...stack, imageTag: "1" as const },
      engine: { ...stack, imageTag: "2" as const },
    };
    this.declare({ ...this.model, stacks });
    await this.fleet.lockImages();
  }

  private async refusal({ declared, words }: Refused): Promise<void> {
    this.declare(declared);
    const { exitCode, output } = this.note("refused up", await this.fleet.project.up());
    if (exitCode === 0 || !output.includes(words))
      throw new Violation(`expected a refusal with "${words}", got exit code ${exitCode}`);
  }

  private async upAndCheck(step: Step, watch?: SwarmWatch): Promise<StepReport> {
    const { project } = this.fleet;
    const started = Date.now();
    this.declare(step.after);
    if (step.interruption !== undefined) {
      const there = PHONES.filter((phone) => answers(step.after, phone));
      this.note("broken off up", await brokenOffUp(this.fleet, step.interruption, there));
    }
    const { exitCode } = this.note(
      "up",
      await project.up(...(needsRefresh(step) ? ["--refresh"] : [])),
    );
    const upSeconds = (Date.now() - started) / 1000;
    if (exitCode !== 0) throw new Violation(`up: expected exit code 0, got ${exitCode}`);
    const ended = Date.now();
    const waitedFor = await this.check(step.after);
    const checkSeconds = (Date.now() - ended) / 1000;
    const seen = watch?.stop();
    if (seen !== undefined) this.checkSeen(seen);
    return { upSeconds, checkSeconds, waitedFor, longestGapSeconds: seen?.longestGapSeconds ?? 0 };
  }

  private async check(model: Model): Promise<readonly string[]> {
    const { fleet, secrets } = this;
    const { problems, waitedFor } = await settle(this.kind, () => contradictions(fleet, model));
    if (problems.length > 0) throw new Violation(problems.join("\n"));
    const planned = await fleet.project.plannedSteps();
    if (planned.length > 0)
      throw new Violation(`a preview after up: expected no change, got ${JSON.stringify(planned)}`);
    const master = mastersOf(model).find((phone) => answers(model, phone)) ?? "";
    for (const role of ["worker", "manager"])
      secrets.add(await fleet.docker(master, "swarm", "join-token", "-q", role));
    for (const [name, output] of Object.entries(this.outputs)) this.requireNoSecret(name, output);
    const files = secrets.filesWithSecrets(fleet.project);
    if (files.length > 0) throw new Violation(`expected no secret in clear in ${files.join(", ")}`);
    await this.checkLogs(model);
    return waitedFor;
  }

  private async checkLogs(model: Model): Promise<void> {
    const there = PHONES.filter((phone) => answers(model, phone));
    const logs = await Promise.all(
      there.map((phone) =>
        this.fleet.lab.exec(phone, ["grep", "-rlFf", "-", "/var/log"], {
          input: `${this.secrets.all().join("\n")}\n`,
          allowFailure: true,
        }),
      ),
    );
    const leaks = logs.flatMap(({ stdout }, index) =>
      stdout === "" ? [] : [`${there[index]}: ${stdout.trim()}`],
    );
    if (leaks.length > 0)
      throw new Violation(`expected no secret in logs, got ${leaks.join("\n")}`);
  }

  private checkSeen({ longestGapSeconds, commands }: Seen): void {
    const most = this.kind.longestGapSeconds;
    if (longestGapSeconds > most)
      throw new Violation(
        `majority: expected a manager that answers at least every ${most} s, got a gap of ${longestGapSeconds} s`,
      );
    for (const command of commands) this.requireNoSecret("a command line on a phone", command);
  }

  private requireNoSecret(where: string, text: string): void {
    if (this.secrets.standIn(text)) throw new Violation(`${where}: expected no secret in clear`);
  }

  private note(name: string, result: PulumiResult): PulumiResult {
    this.outputs[name] = result.output;
    return result;
  }
}
