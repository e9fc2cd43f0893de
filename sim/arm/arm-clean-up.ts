import { rmSync } from "node:fs";
import { bridgeName } from "../lab-network";
import { armDirectory, armLabs, machinesOf, removeLabDirectory } from "./arm-directory";
import { cutPower, removeMachine, removeRuntimeDirectory, type MachinePlace } from "./machine";

/** Cuts the power of a lab's ARM phones; what is on them stays. */
export async function stopArmPhones(lab: string): Promise<void> {
  await Promise.all(placesOf(lab).map(cutPower));
}

/** Removes a lab's ARM phones; fine if there is none. */
export async function removeArmPhones(lab: string): Promise<void> {
  await Promise.all(placesOf(lab).map(removeMachine));
  removeLabDirectory(lab);
  removeRuntimeDirectory(lab);
}

/** Removes all labs' ARM phones, and what they were made from. */
export async function removeAllOfArm(): Promise<void> {
  for (const lab of armLabs()) await removeArmPhones(lab);
  removeRuntimeDirectory();
  rmSync(armDirectory(), { recursive: true, force: true });
}

function placesOf(lab: string): MachinePlace[] {
  return [...machinesOf(lab)].map(([phone, { address }]) => ({
    ...{ lab, phone, address },
    bridge: bridgeName(lab),
  }));
}
