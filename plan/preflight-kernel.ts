import type { NodeConfig } from "../config/config";
import { KERNEL_OPTIONS } from "../observe/facts-scripts";
import type { KernelFacts, KernelFeature, ReachablePhone } from "../observe/facts";
import { phonePath, type Finding } from "./preflight-finding";

/** Without these, no container starts (overlay), and no network spans phones. */
const NEEDED: readonly KernelFeature[] = ["overlay", "vxlan", "br_netfilter"];
/** Without these, Docker ignores the limits of services, which on a phone with little memory end in a frozen phone. */
const CONTROLLERS = ["cpu", "memory", "pids"];

/** What is wrong with a phone's kernel; what cannot be known is taken for right. */
export function checkKernel({ key }: NodeConfig, phone: ReachablePhone): Finding[] {
  const where = phonePath(key);
  const { kernel, cgroups } = phone;
  return [
    kernel === undefined ? [] : checkNeeded(where, kernel),
    kernel?.modulesGone === true ? modulesGone(where, kernel) : [],
    kernel === undefined ? [] : checkNftCompat(where, kernel, phone),
    cgroups === undefined ? [] : checkControllers(where, cgroups),
  ].flat();
}

function checkNeeded(where: string, { release, features }: KernelFacts): Finding[] {
  const missing = NEEDED.filter((feature) => features[feature] === false);
  if (missing.length === 0) return [];
  return [
    {
      severity: "refusal",
      where,
      message: `expected a kernel with ${missing.join(" and ")}, without which Swarm cannot work, got ${release}, which has none`,
      fix: `take a kernel with ${missing.map((feature) => `CONFIG_${KERNEL_OPTIONS[feature]}`).join(" and ")}; \`pmbootstrap kconfig check\` names all that containers need`,
    },
  ];
}

// Harmless where all that a swarm needs is built in or loaded already.
function modulesGone(where: string, { release, features }: KernelFacts): Finding {
  const needsNone = NEEDED.every((feature) => features[feature] === true);
  return {
    severity: needsNone ? "warning" : "refusal",
    where,
    message: `expected the modules of the running kernel, got none for ${release} in /lib/modules: the kernel was upgraded and the phone was not rebooted`,
    fix: "reboot it",
  };
}

// An engine that runs has found its iptables, if need be the legacy ones.
function checkNftCompat(
  where: string,
  { release, features }: KernelFacts,
  { engine }: ReachablePhone,
): Finding[] {
  if (features.nft_compat !== false || engine.running) return [];
  return [
    {
      severity: "warning",
      where,
      message: `expected a kernel with nft_compat, without which Docker's iptables rules are refused, got ${release}, which has none`,
      fix: "take a kernel with CONFIG_NFT_COMPAT, or install iptables-legacy",
    },
  ];
}

function checkControllers(where: string, cgroups: readonly string[]): Finding[] {
  const missing = CONTROLLERS.filter((name) => !cgroups.includes(name));
  if (missing.length === 0) return [];
  return [
    {
      severity: "warning",
      where,
      message: `expected the cgroup controllers ${CONTROLLERS.join(", ")}, got none for ${missing.join(", ")}: limits of services do not hold there`,
      fix: `take cgroup_disable off the kernel's command line, or add cgroup_enable=${missing[0] ?? ""} to it`,
    },
  ];
}
