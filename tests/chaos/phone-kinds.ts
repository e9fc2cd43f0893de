import type { LabOptions } from "../../sim/lab";
import { ARM_SETTINGS } from "../support/arm-settings";

/** What the kinds of simulated phones differ in. */
export interface PhoneKind {
  readonly machines: NonNullable<LabOptions["machines"]>;
  readonly lab: string;
  readonly subnet: string;
  /** Of the settings, what all their phones have in common. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** Until the engines say what is declared: Swarm starts tasks elsewhere once it has missed a phone for some 20 s. */
  readonly settleSeconds: number;
  /** An election takes seconds; a longer time without a manager that answers is a majority that was lost. */
  readonly longestGapSeconds: number;
  /** How long an engine may take to come back, and a manager to answer. */
  readonly engineSeconds: number;
  readonly answerSeconds: number;
  /** Between looks at a phone, which cost it something. */
  readonly restSeconds: number;
}

export const CONTAINERS: PhoneKind = {
  ...{ machines: "container", lab: "chaos", subnet: "10.97.0.0/24" },
  settings: {
    platform: "linux/amd64",
    routingMesh: false,
    readyTimeoutSeconds: 60,
    ssh: { identityFile: ".cloudlet/simulated/id_ed25519" },
  },
  ...{ settleSeconds: 60, longestGapSeconds: 30, engineSeconds: 60 },
  ...{ answerSeconds: 5, restSeconds: 0.4 },
};

/** Emulated processors: ten times as slow, and all on those of this machine. */
export const ARM_PHONES: PhoneKind = {
  ...{ machines: "arm", lab: "armchaos", subnet: "10.105.3.0/24" },
  settings: { ...ARM_SETTINGS, readyTimeoutSeconds: 300 },
  ...{ settleSeconds: 300, longestGapSeconds: 120, engineSeconds: 300 },
  ...{ answerSeconds: 30, restSeconds: 5 },
};
