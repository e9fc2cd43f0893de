import { z } from "zod";
import { parseCondition } from "./condition";
import { parseEngineAnswers } from "./engine-api";
import { KERNEL_OPTIONS } from "./facts-scripts";
import type {
  EngineFacts,
  KernelFacts,
  LabelledObject,
  Membership,
  PhoneAddress,
  PhoneFacts,
  ReachablePhone,
  SwarmFacts,
  SwarmNode,
  UnreachablePhone,
} from "./facts";

/** Takes a PEM certificate apart: the names in its subject, and the date `notAfter`. Handed in, because pure code loads no crypto library. */
export type ReadSubject = (pem: string) => Readonly<Record<string, string>>;

const swarmNode = z.object({
  ID: z.string(),
  Spec: z.object({
    Role: z.enum(["manager", "worker"]),
    Availability: z.string(),
    Labels: z.record(z.string(), z.string()).nullish(),
  }),
  Description: z.object({ Hostname: z.string().optional() }).optional(),
  Status: z.object({ State: z.string(), Addr: z.string().optional() }),
  ManagerStatus: z
    .object({ Leader: z.boolean().optional(), Reachability: z.string().optional() })
    .nullish(),
});
const engineInfo = z.object({
  ServerVersion: z.string(),
  Swarm: z.object({
    ControlAvailable: z.boolean().optional(),
    NodeAddr: z.string().optional(),
    RemoteManagers: z.array(z.object({ Addr: z.string() })).nullish(),
    Cluster: z.object({ ID: z.string(), DefaultAddrPool: z.unknown().optional() }).nullish(),
  }),
  ID: z.unknown().optional(),
  LiveRestoreEnabled: z.unknown().optional(),
  DefaultAddressPools: z.unknown().optional(),
});
const addressPools = z.array(z.object({ Base: z.string() }));
/** Where Swarm takes its networks from unless it is told otherwise: so large that it overlaps many a LAN without any harm. */
const SWARM_DEFAULT_POOL = "10.0.0.0/8";
const labels = z.record(z.string(), z.string()).nullish();
const named = z.object({ Spec: z.looseObject({ Name: z.string(), Labels: labels }) });
const network = z.object({ Id: z.string(), Name: z.string(), Scope: z.string(), Labels: labels });
/** The docker CLI's own, and the docker provider's ours. */
const STACK_LABEL = "com.docker.stack.namespace";

/**
 * Reads what the facts script printed; undefined when the script did not get to its end. `now` is this machine's time in Unix
 * seconds: called as soon as the answer is here, it is the default.
 */
export function parseFacts(
  output: string,
  readSubject: ReadSubject,
  now = Date.now() / 1000,
): ReachablePhone | undefined {
  const lines = output.split("\n").map((line): [string, string] => {
    const at = line.indexOf("=");
    return [line.slice(0, at), line.slice(at + 1)];
  });
  const first = new Map([...lines].reverse());
  const all = (name: string) => lines.filter(([key]) => key === name).map(([, value]) => value);
  if (!first.has("done")) return undefined;

  const [info, ...answers] = parseEngineAnswers(first.get("engine") ?? "").map(({ body }) => body);
  const { data: engine } = engineInfo.safeParse(info);
  const cluster = engine?.Swarm.ControlAvailable === true ? engine.Swarm.Cluster : undefined;
  const kernel = parseKernel(first);
  const time = numberOf(first.get("time"));
  return {
    reachable: true,
    hostname: first.get("hostname") ?? "",
    machine: first.get("machine") ?? "",
    privilege: oneOf(first.get("privilege"), ["none", "root", "sudo", "doas"]),
    initSystem: oneOf(first.get("init"), ["none", "openrc", "systemd"]),
    packageManager: oneOf(first.get("packages"), ["none", "apk", "apt"]),
    engine: {
      installed: first.has("installed"),
      enabledAtBoot: first.has("enabled"),
      running: engine !== undefined,
      silent: first.has("silent") || undefined,
      version: engine?.ServerVersion ?? "",
      userHasAccess: first.has("access"),
      ...parseEngineDetails(engine, parseDaemonJson(first.get("daemon-json"))),
      daemonOurs: parseDaemonJson(first.get("daemon-ours")),
      restartPending: first.has("restart-pending") || undefined,
    },
    membership: withAddresses(
      parseMembership(first.get("certificate"), readSubject, now),
      engine?.Swarm,
    ),
    ipVs: first.has("ip_vs") || kernel?.features.ip_vs === true,
    addresses: all("address").map(parseAddress),
    firewall: oneOf(first.get("firewall"), ["none", "open", "closed"]),
    firewallHash: first.get("drop-in") ?? "",
    changedFiles: wordsOf(first.get("changed-files")),
    repairs: Number.parseInt(first.get("repairs") ?? "", 10) || undefined,
    swarm: cluster && Array.isArray(answers[0]) ? parseSwarm(cluster.ID, answers) : undefined,
    kernel,
    cgroups: wordsOf(first.get("cgroups")),
    clockAheadSeconds: time === undefined ? undefined : Math.round(time - now),
    memory: parseMemory(first),
    freeDiskBytes: kilobytesOf(first.get("free-disk")),
    totalDiskBytes: kilobytesOf(first.get("total-disk")),
    condition: parseCondition(first, all),
    machineId: first.get("machine-id") || undefined,
  };
}

type Lines = ReadonlyMap<string, string>;

// The lists of modules are complete; a kernel's configuration says nothing of modules that may not be on the phone.
function parseKernel(first: Lines): KernelFacts | undefined {
  const release = first.get("release");
  if (release === undefined) return undefined;
  const present = wordsOf(first.get("present"))?.map((word) => word.replace(/^\/|\.ko$/g, ""));
  const listed = first.get("modules") === "listed";
  const config = wordsOf(first.get("config")) ?? [];
  const isRead = config.includes("CONFIG_NET=y");
  const state = (feature: string, option: string): boolean | undefined => {
    if (present?.includes(feature) || config.includes(`CONFIG_${option}=y`)) return true;
    if (listed) return false;
    return isRead && !config.includes(`CONFIG_${option}=m`) ? false : undefined;
  };
  const features = Object.entries(KERNEL_OPTIONS).flatMap(([feature, option]) => {
    const known = state(feature, option);
    return known === undefined ? [] : [[feature, known] as const];
  });
  const hasModules = !isRead || config.includes("CONFIG_MODULES=y");
  const modulesGone = first.get("modules") === "gone" && hasModules;
  return { release, modulesGone, features: Object.fromEntries(features) };
}

function parseEngineDetails(
  engine: z.output<typeof engineInfo> | undefined,
  daemonJson: Readonly<Record<string, unknown>> | undefined,
): Pick<EngineFacts, "id" | "liveRestore" | "daemonJson" | "addressPools"> {
  const own = addressPools.safeParse(engine?.DefaultAddressPools).data ?? [];
  const ofSwarm = z.array(z.string()).safeParse(engine?.Swarm.Cluster?.DefaultAddrPool).data ?? [];
  const pools = [...own.map(({ Base }) => Base), ...ofSwarm];
  return {
    id: typeof engine?.ID === "string" && engine.ID !== "" ? engine.ID : undefined,
    liveRestore:
      daemonJson?.["live-restore"] === true || engine?.LiveRestoreEnabled === true || undefined,
    daemonJson,
    addressPools: engine && pools.filter((pool) => pool !== SWARM_DEFAULT_POOL),
  };
}

// A file that is no object keeps the engine from starting, which is a fact of its own.
function parseDaemonJson(base64 = ""): Readonly<Record<string, unknown>> | undefined {
  try {
    return z
      .record(z.string(), z.unknown())
      .parse(JSON.parse(Buffer.from(base64, "base64").toString()));
  } catch {
    return undefined;
  }
}

// Phones of an earlier look said the device and the address alone.
function parseAddress(text: string): PhoneAddress {
  const [device = "", address = "", prefix, mtu, dynamic] = text.split(" ");
  return {
    device,
    address,
    prefixLength: numberOf(prefix),
    mtu: numberOf(mtu),
    dynamic: dynamic === undefined ? undefined : dynamic === "dynamic",
  };
}

function parseMemory(first: Lines): ReachablePhone["memory"] {
  const totalBytes = kilobytesOf(first.get("memory-total"));
  const availableBytes = kilobytesOf(first.get("memory-available"));
  if (totalBytes === undefined || availableBytes === undefined) return undefined;
  return { totalBytes, availableBytes };
}

function numberOf(text: string | undefined): number | undefined {
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined;
}

function kilobytesOf(text: string | undefined): number | undefined {
  const number = numberOf(text);
  return number === undefined ? undefined : number * 1024;
}

// None at all is no answer: every kernel has some.
function wordsOf(text = ""): string[] | undefined {
  const words = text.split(" ").filter((word) => word !== "");
  return words.length === 0 ? undefined : words;
}

// The first of the allowed words stands for everything else.
function oneOf<Word extends string>(
  text: string | undefined,
  words: readonly [Word, ...Word[]],
): Word {
  return words.find((word) => word === text) ?? words[0];
}

// Swarm names a node's certificate after it: O is the cluster, CN the node, OU its role.
function parseMembership(
  certificate: string | undefined,
  readSubject: ReadSubject,
  now: number,
): Membership | undefined {
  if (certificate === undefined) return undefined;
  const {
    O: clusterId,
    CN: nodeId,
    OU: role,
    notAfter = "",
  } = readSubject(Buffer.from(certificate, "base64").toString());
  if (clusterId === undefined || nodeId === undefined) return undefined;
  const secondsLeft = Math.round(Date.parse(notAfter) / 1000 - now);
  const manager = role === "swarm-manager";
  return { clusterId, nodeId, manager, ...(Number.isNaN(secondsLeft) ? {} : { secondsLeft }) };
}

function withAddresses(
  membership: Membership | undefined,
  swarm: z.output<typeof engineInfo>["Swarm"] | undefined,
): Membership | undefined {
  if (membership === undefined || !swarm?.NodeAddr) return membership;
  const managers = (swarm.RemoteManagers ?? []).map(({ Addr }) => Addr.replace(/:\d+$/, ""));
  return { ...membership, address: swarm.NodeAddr, managers };
}

function parseSwarm(
  clusterId: string,
  [nodes, services, networks, secrets, configs]: unknown[],
): SwarmFacts {
  return {
    clusterId,
    nodes: entriesOf(nodes, swarmNode).map(swarmNodeOf),
    services: entriesOf(services, named).map(({ Spec }) => ({ name: Spec.Name, spec: Spec })),
    networks: entriesOf(networks, network)
      .filter(({ Scope }) => Scope === "swarm")
      .map(({ Id, Name }) => ({ id: Id, name: Name })),
    secrets: entriesOf(secrets, named).map(({ Spec }) => Spec.Name),
    configs: entriesOf(configs, named).map(({ Spec }) => Spec.Name),
    labelled: [
      ...labelledObjects("service", services),
      ...labelledObjects("network", networks),
      ...labelledObjects("secret", secrets),
      ...labelledObjects("config", configs),
    ],
  };
}

function labelledObjects(kind: LabelledObject["kind"], list: unknown): LabelledObject[] {
  const objects =
    kind === "network"
      ? entriesOf(list, network).map(({ Name, Labels }) => ({ Name, Labels }))
      : entriesOf(list, named).map(({ Spec }) => Spec);
  return objects.flatMap(({ Name, Labels }) => {
    const stack = Labels?.[STACK_LABEL];
    return stack === undefined ? [] : [{ kind, name: Name, stack }];
  });
}

// An entry of another shape is not ours to judge.
function entriesOf<Entry>(list: unknown, schema: z.ZodType<Entry>): Entry[] {
  if (!Array.isArray(list)) return [];
  return list.flatMap((entry: unknown) => {
    const { data } = schema.safeParse(entry);
    return data === undefined ? [] : [data];
  });
}

function swarmNodeOf(data: z.output<typeof swarmNode>): SwarmNode {
  return {
    id: data.ID,
    hostname: data.Description?.Hostname ?? "",
    role: data.Spec.Role,
    availability: data.Spec.Availability,
    state: data.Status.State,
    address: data.Status.Addr ?? "",
    labels: data.Spec.Labels ?? {},
    leader: data.ManagerStatus?.Leader ?? false,
    reachability: data.ManagerStatus?.Reachability ?? "",
  };
}

/** Tells from OpenSSH's words why a phone could not be looked at. */
export function parseSshFailure(stderr: string): UnreachablePhone {
  const detail = stderr.trim().split("\n").at(-1) ?? "";
  if (
    /host key verification failed|identification has changed|no matching host key/i.test(stderr)
  ) {
    const fingerprint = /(SHA256:\S+?)\.?\s/.exec(stderr)?.[1] ?? "";
    return { reachable: false, reason: "wrong host key", detail: fingerprint };
  }
  if (/permission denied/i.test(stderr))
    return { reachable: false, reason: "login refused", detail };
  return { reachable: false, reason: "no answer", detail };
}

/** Whether a phone was looked at and answered. */
export function isReachable(facts: PhoneFacts | undefined): facts is ReachablePhone {
  return facts?.reachable === true;
}
