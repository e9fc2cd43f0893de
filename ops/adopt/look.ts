import type { Platform } from "../../config/config";
import { platformOf } from "../../plan/platform";
import type { PhoneAddress, PhoneNames } from "./proposals";
import type { RootTool } from "./scripts";

/** What a phone says of itself when it is adopted. */
export interface AdoptedPhone extends PhoneNames {
  readonly machine: string;
  readonly platform: Platform | undefined;
  readonly memoryMegabytes: number | undefined;
  /** Batteries' charge in percent; none where the battery was taken out. */
  readonly batteries: readonly number[];
  readonly addresses: readonly PhoneAddress[];
  readonly isRoot: boolean;
  /** With what its user could become root, though maybe not without a password. */
  readonly tool: RootTool | undefined;
  /** Whether cloudlet has set it up, and not undone that. */
  readonly isSetUp: boolean;
}

/** Reads the answer of the look; undefined where it is no whole one. */
export function parsePhone(answer: string): AdoptedPhone | undefined {
  const lines = answer.split("\n").map((line): [string, string] => {
    const at = line.indexOf("=");
    return at === -1 ? ["", ""] : [line.slice(0, at), line.slice(at + 1).trim()];
  });
  const all = (name: string) => lines.filter(([key]) => key === name).map(([, value]) => value);
  const one = (name: string) => all(name)[0] ?? "";
  if (one("done") !== "yes") return undefined;
  const tool = one("tool");
  return {
    hostname: one("hostname"),
    model: one("model"),
    machine: one("machine"),
    platform: platformOf(one("machine")),
    memoryMegabytes: /^\d+$/.test(one("memory"))
      ? Math.round(Number(one("memory")) / 1024)
      : undefined,
    batteries: all("battery")
      .filter((text) => /^\d+$/.test(text))
      .map(Number),
    addresses: all("address").map((text) => {
      const [device = "", address = ""] = text.split(" ");
      return { device, address };
    }),
    isRoot: one("privilege") !== "none",
    tool: tool === "sudo" || tool === "doas" ? tool : undefined,
    isSetUp: one("set-up") === "yes",
  };
}

/** One line for the user about a phone. */
export function describePhone(phone: AdoptedPhone): string {
  const { model, hostname, machine, platform, memoryMegabytes, batteries } = phone;
  return [
    model === "" ? `unknown model (${hostname})` : `${model} (${hostname})`,
    `${machine} (${platform ?? "not a platform of cloudlet"})`,
    memoryMegabytes === undefined ? "memory unknown" : `${memoryMegabytes} MB of memory`,
    batteries.length === 0 ? "no battery" : `battery at ${batteries.join(" % and ")} %`,
  ].join(", ");
}
