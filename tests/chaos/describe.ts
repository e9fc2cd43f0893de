import { keysOf, type Model } from "./model";
import type { Step } from "./step";

/** A model in one line. */
export function describeModel(model: Model): string {
  return partsOf(model).join(", ");
}

/** A step in one line, with what it changes in the settings and in who answers. */
export function describeStep({ kind, phone, stack, interruption, after }: Step, before: Model) {
  const [old, now] = [partsOf(before), partsOf(after)];
  const names = (parts: readonly string[]) => parts.map((part) => part.split(" ")[0]);
  const gone = names(old).filter((name) => !names(now).includes(name));
  const changes = [
    ...now.filter((part) => !old.includes(part)),
    ...gone.map((name) => `no ${name}`),
  ];
  return [
    kind,
    phone ?? stack ?? "",
    changes.length === 0 ? "" : `(${changes.join(", ")})`,
    interruption === undefined ? "" : `[${interruption.kind} at ${interruption.afterSeconds} s]`,
  ]
    .filter((text) => text !== "")
    .join(" ");
}

function partsOf({ nodes, stacks, silent }: Model): string[] {
  const phones = keysOf(nodes).map((phone) => {
    const node = nodes[phone];
    const drained = node?.availability === "drain" ? "drained" : "";
    const words = [phone, node?.role, drained, node?.labels.room, silent[phone]];
    return words.filter((word) => word !== undefined && word !== "").join(" ");
  });
  const declared = keysOf(stacks).map((name) => {
    const { replicas, setting, imageTag, password } = stacks[name] ?? {};
    return `${name} replicas=${replicas} setting=${setting} image=${imageTag} password=${password}`;
  });
  return [...phones, ...declared];
}
