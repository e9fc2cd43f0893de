import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { cacheDirectory } from "../host";
import type { Processor } from "./processors";

/** What is settled about an ARM phone when it is made, and kept beside its disk. */
export interface MachineFacts {
  readonly address: string;
  readonly processor: Processor;
  /** Whose login key lets people in, as `loginId` names it. */
  readonly login: string;
  /** The directory of the image that its disk is a layer over. */
  readonly image: string;
}

/** Where all of ARM phones lies but what ends with their processes. */
export function armDirectory(): string {
  return join(cacheDirectory(), "arm");
}

/** Where a phone's disk, console log and facts are. */
export function machineDirectory(lab: string, phone: string): string {
  return join(labDirectory(lab), phone);
}

/** The names of the labs that have ARM phones. */
export function armLabs(): string[] {
  return namesIn(join(armDirectory(), "labs"));
}

/** The ARM phones of a lab, running or not. */
export function machinesOf(lab: string): ReadonlyMap<string, MachineFacts> {
  const facts = new Map<string, MachineFacts>();
  for (const phone of namesIn(labDirectory(lab))) {
    const file = factsFile(lab, phone);
    // Without facts it is one whose making was broken off.
    if (!existsSync(file)) rmSync(dirname(file), { recursive: true });
    else facts.set(phone, JSON.parse(readFileSync(file, "utf8")) as MachineFacts);
  }
  return facts;
}

/** Comes last when a phone is made: from now on it is one of the lab's. */
export function keepFacts(lab: string, phone: string, facts: MachineFacts): void {
  writeFileSync(factsFile(lab, phone), `${JSON.stringify(facts, null, 2)}\n`);
}

export function makeMachineDirectory(lab: string, phone: string): void {
  mkdirSync(machineDirectory(lab, phone), { recursive: true });
}

export function removeMachineDirectory(lab: string, phone: string): void {
  rmSync(machineDirectory(lab, phone), { recursive: true, force: true });
}

export function removeLabDirectory(lab: string): void {
  rmSync(labDirectory(lab), { recursive: true, force: true });
}

/** The directories of images that some phone's disk is a layer over. */
export function imagesInUse(): string[] {
  return armLabs().flatMap((lab) => [...machinesOf(lab).values()].map(({ image }) => image));
}

function labDirectory(lab: string): string {
  return join(armDirectory(), "labs", lab);
}

function factsFile(lab: string, phone: string): string {
  return join(machineDirectory(lab, phone), "machine.json");
}

function namesIn(directory: string): string[] {
  return existsSync(directory) ? readdirSync(directory) : [];
}
