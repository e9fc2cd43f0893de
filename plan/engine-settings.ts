import type { Config } from "../config/config";
import { overlap } from "./preflight-network";

/** What an engine's `daemon.json` shall hold. */
export interface EngineSettings {
  /** Taken together, and only where none of these keys is set: somebody who chose another log driver meant it. */
  readonly defaults: Readonly<Record<string, unknown>>;
  /** Set in the cloudlet's settings: these win. */
  readonly declared: Readonly<Record<string, unknown>>;
}

/** Docker's size for the networks that it takes from a pool of this machine. */
const BRIDGE_PREFIX = 24;
/** Where Swarm takes its first 256 networks from. */
const SWARM_FIRST_NETWORKS = "10.0.0.0/16";
/** Taken instead where the phones are among those; a pool that homes and offices rarely use. */
const POOL_BESIDE = "10.201.0.0/16";

/** The engines' settings that follow from the cloudlet's. */
export function engineSettings({ engine }: Pick<Config, "engine">): EngineSettings {
  const { logs, registryMirrors, bridgePool } = engine;
  return {
    // Docker's own default grows until the disk is full.
    defaults: {
      "log-driver": "json-file",
      "log-opts": { "max-size": logs.maxSize, "max-file": String(logs.maxFiles) },
    },
    declared: {
      ...(registryMirrors.length === 0 ? {} : { "registry-mirrors": registryMirrors }),
      ...(bridgePool === undefined
        ? {}
        : { "default-address-pools": [{ base: bridgePool, size: BRIDGE_PREFIX }] }),
    },
  };
}

/** Where a new swarm takes its networks from, in CIDR notation; undefined leaves it to Docker. */
export function swarmPool({ engine, nodes }: Pick<Config, "engine" | "nodes">): string | undefined {
  if (engine.swarmPool !== undefined) return engine.swarmPool;
  const among = nodes.some(({ address }) => overlap(SWARM_FIRST_NETWORKS, `${address}/32`));
  return among ? POOL_BESIDE : undefined;
}

/**
 * What differs in a phone's `daemon.json` from what it shall hold; undefined is a phone without one. `ours` is what we set there: as
 * long as it stands, it is no choice of somebody else's, and goes when it is declared no more (nodes/merge-json.ts).
 */
export function settingsDrift(
  { defaults, declared }: EngineSettings,
  daemonJson: Readonly<Record<string, unknown>> = {},
  ours: Readonly<Record<string, unknown>> = {},
): string[] {
  const isOurs = (key: string): boolean => key in ours && isSame(daemonJson[key], ours[key]);
  const free = Object.keys(defaults).every((key) => !(key in daemonJson) || isOurs(key));
  const wanted = { ...(free ? defaults : {}), ...declared };
  const changed = Object.entries(wanted)
    .filter(([key, value]) => !isSame(daemonJson[key], value))
    .map(([key]) => `daemon.json: ${key} ${key in daemonJson ? "differs" : "is missing"}`);
  const left = Object.keys(ours).filter((key) => isOurs(key) && !(key in wanted));
  return [...changed, ...left.map((key) => `daemon.json: ${key} is declared no more`)];
}

const isSame = (one: unknown, other: unknown): boolean =>
  JSON.stringify(one) === JSON.stringify(other);
