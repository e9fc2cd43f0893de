import type { NetworkSpec } from "../compose/swarm-spec";
import type { Config } from "../config/config";
import type { Facts } from "../observe/facts";
import { isReachable } from "../observe/parse-facts";
import type { Finding } from "./preflight-finding";
import { checkFleet, checkPanel, type LookedAt } from "./preflight-fleet";
import { checkKernel } from "./preflight-kernel";
import { checkNetwork } from "./preflight-network";
import { checkCondition } from "./preflight-phone";

/** What the stacks ask of the phones, as far as preflight looks at it. */
export interface StackNeeds {
  /** Stacks with a network that is to be encrypted, and the network's name. */
  readonly encryptedNetworks: readonly { readonly stack: string; readonly network: string }[];
  /** Images as the stack files name them. */
  readonly images: readonly string[];
}

/** A swarm without stacks. */
export const NO_NEEDS: StackNeeds = { encryptedNetworks: [], images: [] };

/** What a stack is for preflight: its networks, and its images as its files name them. */
export interface NeedyStack {
  readonly name: string;
  readonly networks: readonly NetworkSpec[];
  readonly images: readonly string[];
}

/** What stacks ask of the phones. */
export function needsOf(stacks: readonly NeedyStack[]): StackNeeds {
  return {
    encryptedNetworks: stacks.flatMap(({ name, networks }) =>
      networks
        .filter(({ Options }) => (Options?.encrypted ?? "false") !== "false")
        .map(({ Name }) => ({ stack: name, network: Name })),
    ),
    images: [...new Set(stacks.flatMap(({ images }) => images))],
  };
}

/**
 * What looking at the phones brings up before anything changes, for all phones at once. Says nothing of what could not be known, and of
 * phones that did not answer.
 */
export function preflight(config: Config, facts: Facts, needs: StackNeeds = NO_NEEDS): Finding[] {
  const phones = config.nodes.flatMap((node): LookedAt[] => {
    const phone = facts.get(node.key);
    return isReachable(phone) ? [{ node, phone }] : [];
  });
  return [
    ...phones.flatMap(({ node, phone }) => [
      ...checkKernel(node, phone),
      ...checkCondition(node, phone),
      ...checkNetwork(node, phone),
    ]),
    ...checkFleet(phones),
    ...checkPanel(phones, needs.images),
    ...checkEncryption(phones, needs),
  ];
}

// Docker encrypts with ESP, and marks what is to be encrypted with xt_bpf, or with xt_u32 before engine 25.
function checkEncryption(
  phones: readonly LookedAt[],
  { encryptedNetworks }: StackNeeds,
): Finding[] {
  const without = phones.filter(({ phone }) => {
    const { esp4, xt_bpf, xt_u32 } = phone.kernel?.features ?? {};
    return esp4 === false || (xt_bpf === false && xt_u32 === false);
  });
  if (without.length === 0) return [];
  const names = without.map(({ node }) => node.key).join(", ");
  return encryptedNetworks.map(({ stack, network }) => ({
    severity: "refusal",
    where: `cloudlet:stacks.${stack}`,
    message: `expected networks without encryption, got ${network} with it, but the kernel of ${names} has no ESP or no xt_bpf, without which encrypted packets are lost`,
    fix: "take `encrypted` out of its driver_opts",
  }));
}
