import { z } from "zod";
import { parseEngineAnswers } from "./engine-api";
import type {
  Membership,
  PhoneFacts,
  ReachablePhone,
  SwarmFacts,
  SwarmNode,
  UnreachablePhone,
} from "./facts";

/** Takes a PEM certificate apart: the names in its subject. Handed in, because pure code loads no crypto library. */
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
    Cluster: z.object({ ID: z.string() }).nullish(),
  }),
});
const named = z.object({ Spec: z.looseObject({ Name: z.string() }) });
const network = z.object({ Id: z.string(), Name: z.string(), Scope: z.string() });

/** Reads what the facts script printed; undefined when the script did not get to its end. */
export function parseFacts(output: string, readSubject: ReadSubject): ReachablePhone | undefined {
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
      version: engine?.ServerVersion ?? "",
      userHasAccess: first.has("access"),
    },
    membership: parseMembership(first.get("certificate"), readSubject),
    ipVs: first.has("ip_vs"),
    addresses: all("address").map((text) => {
      const [device = "", address = ""] = text.split(" ");
      return { device, address };
    }),
    firewall: oneOf(first.get("firewall"), ["none", "open", "closed"]),
    firewallHash: first.get("drop-in") ?? "",
    repairs: Number.parseInt(first.get("repairs") ?? "", 10) || undefined,
    swarm: cluster && Array.isArray(answers[0]) ? parseSwarm(cluster.ID, answers) : undefined,
  };
}

// The first of the allowed words stands for everything else.
function oneOf<Word extends string>(
  text: string | undefined,
  words: readonly [Word, ...Word[]],
): Word {
  return words.find((word) => word === text) ?? words[0];
}

// Swarm names a node's certificate after it: O is the cluster, CN the node.
function parseMembership(
  certificate: string | undefined,
  readSubject: ReadSubject,
): Membership | undefined {
  if (certificate === undefined) return undefined;
  const { O: clusterId, CN: nodeId } = readSubject(Buffer.from(certificate, "base64").toString());
  return clusterId === undefined || nodeId === undefined ? undefined : { clusterId, nodeId };
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
  };
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
