import type { Config, NodeConfig } from "../../config/config";
import { parseConfig } from "../../config/parse-config";

/** Three masters and a compute, at 192.168.1.21 to 24. */
export const sampleNodes = {
  "pixel-1": sampleNode(21, "master"),
  "pixel-2": sampleNode(22, "master"),
  "pixel-3": sampleNode(23, "master"),
  "pixel-4": sampleNode(24, "compute"),
};

/** One phone as the settings have it. */
export function sampleNode(host: number, role: "master" | "compute", more: object = {}): object {
  return { address: `192.168.1.${host}`, role, hostKey: `ssh-ed25519 AAAAkey${host}`, ...more };
}

/** A complete configuration, as the parser makes it from settings. */
export function sampleConfig(more: object = {}, secretNames: readonly string[] = []): Config {
  return parseConfig({ values: { nodes: sampleNodes, ...more }, secretNames });
}

/** The phone of a configuration that has this key. */
export function nodeOf({ nodes }: Pick<Config, "nodes">, key: string): NodeConfig {
  const node = nodes.find((each) => each.key === key);
  if (node === undefined) throw new Error(`${key}: no such phone in this test`);
  return node;
}
