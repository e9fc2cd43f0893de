import type { Finding } from "../../plan/preflight-finding";
import { count, wrap } from "../status/text";

/** Everything that the doctor found out. */
export interface Diagnosis {
  readonly phones: number;
  readonly findings: readonly Finding[];
  /** Phones that were not looked at, and why. */
  readonly notes: readonly string[];
  /** What of the firewalls could not be tried, and why. */
  readonly notTried: readonly string[];
}

const WIDTH = 80;

/** Whether an `up` would stop. */
export function wouldStop({ findings }: Diagnosis): boolean {
  return findings.some(({ severity }) => severity === "refusal");
}

/** The diagnosis for people: refusals first, no colour, lines of at most 80 columns where words allow. */
export function reportText(diagnosis: Diagnosis): string {
  const { findings, notes, notTried, phones } = diagnosis;
  const refusals = findings.filter(({ severity }) => severity === "refusal");
  const warnings = findings.filter(({ severity }) => severity === "warning");
  const sections = [
    section("Refusals: `up` stops, or what it builds does not work", refusals.map(findingText)),
    section("Warnings: `up` goes on", warnings.map(findingText)),
    section("Not looked at", notes.map(line)),
    section("Firewall not tried", notTried.map(line)),
  ].flat();
  const counts = `${count(refusals.length, "refusal")}, ${count(warnings.length, "warning")}`;
  return [...sections, `${count(phones, "phone")}: ${counts}`, ""].join("\n");
}

/** The diagnosis for programs. */
export function reportJson({ findings, notes, notTried, phones }: Diagnosis): string {
  const plain = findings.map(({ severity, where, message, fix }) => ({
    severity,
    where,
    message,
    fix,
  }));
  return `${JSON.stringify({ phones, findings: plain, notes, notTried }, null, 2)}\n`;
}

function section(title: string, texts: readonly string[]): string[] {
  return texts.length === 0 ? [] : [title, ...texts, ""];
}

function findingText({ where, message, fix }: Finding): string {
  return [
    `  ${where}`,
    ...wrap(message, WIDTH, "    "),
    ...(fix === "" ? [] : wrap(`fix: ${fix}`, WIDTH, "    ", "         ")),
  ].join("\n");
}

const line = (text: string) => wrap(text, WIDTH, "  ", "    ").join("\n");
