import { X509Certificate } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import execa from "execa";
import type { Config, NodeConfig } from "../config/config";
import type { Facts, PhoneFacts } from "./facts";
import { factsScript } from "./facts-scripts";
import { isReachable, parseFacts, parseSshFailure } from "./parse-facts";
import { ensureAgent, hasLoginKey } from "./ssh-agent";
import {
  KNOWN_HOSTS,
  knownHostsText,
  MASTERS_FILE,
  ON_MASTER,
  onMasterScript,
  RUN_ON_MASTER,
  RUN_ON_MASTER_SCRIPT,
  SSH_CONFIG,
  sshConfigText,
  WORKSPACE,
} from "./ssh-config";

/** Text of scripts that later steps run on a master, by their path in the workspace. */
export type Tools = Readonly<Record<string, string>>;

/** Writes the files with which the phones are reached; `masters` come in the order in which they should be tried. */
export function writeWorkspace(
  config: Config,
  masters: readonly string[],
  tools: Tools = {},
): void {
  mkdirSync(WORKSPACE, { recursive: true, mode: 0o700 });
  writeFileAtomically(SSH_CONFIG, sshConfigText(config, masters[0] ?? ""), 0o600);
  writeFileAtomically(KNOWN_HOSTS, knownHostsText(config.nodes), 0o600);
  writeFileAtomically(ON_MASTER, onMasterScript(masters), 0o700);
  writeFileAtomically(MASTERS_FILE, declaredMasters(config).join(","), 0o600);
  writeFileAtomically(RUN_ON_MASTER, RUN_ON_MASTER_SCRIPT, 0o700);
  for (const [path, text] of Object.entries(tools)) writeFileAtomically(path, text, 0o600);
}

function declaredMasters({ nodes }: Config): string[] {
  return nodes.filter(({ role }) => role === "master").map(({ key }) => key);
}

// Commands of an earlier run may be reading the file: they see the old one or the new one, never half.
function writeFileAtomically(path: string, text: string, mode: number): void {
  if (readIfThere(path) === text) return;
  writeFileSync(`${path}.${process.pid}`, text, { mode });
  renameSync(`${path}.${process.pid}`, path);
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}

/** How this machine logs in to the phones. */
export interface Access {
  /** Text of the login key, where the settings hold it. */
  readonly privateKey: string | undefined;
  /** A preview may do without a look; an update may not. */
  readonly dryRun: boolean;
}

/**
 * Readies this machine for connections to the phones: OpenSSH's files and an agent with the login key. Returns false where a preview
 * has no key, as in a pull request.
 */
export async function openWorkspace(
  config: Config,
  { privateKey, dryRun }: Access,
): Promise<boolean> {
  const login = { identityFile: config.ssh.identityFile, privateKey };
  writeWorkspace(config, masterOrder(config, new Map()));
  if (dryRun && !hasLoginKey(login)) return false;
  await ensureAgent(login);
  return true;
}

/**
 * Looks at every phone at once, one connection and one read-only script each, and changes nothing on them.
 * A phone that does not answer within its time limit is a fact among the others.
 */
export async function observe(config: Config, canLogIn: boolean): Promise<Facts> {
  if (config.observe === "never") return new Map();
  const seconds = config.observeTimeoutSeconds;
  const look = canLogIn ? (node: NodeConfig) => lookAt(node, seconds) : () => withoutKey(config);
  const looks = config.nodes.map(async (node) => [node.key, await look(node)] as const);
  return new Map(await Promise.all(looks));
}

function withoutKey({ ssh }: Config): PhoneFacts {
  const detail = `there is no key at ${ssh.identityFile}`;
  return { reachable: false, reason: "no answer", detail };
}

async function lookAt({ key }: NodeConfig, seconds: number): Promise<PhoneFacts> {
  const result = await execa("ssh", ["-F", SSH_CONFIG, "-T", key, "sh -s"], {
    input: factsScript(seconds),
    timeout: seconds * 1000,
    reject: false,
  });
  const facts = parseFacts(result.stdout, readSubject);
  if (facts === undefined) {
    return result.timedOut
      ? { reachable: false, reason: "no answer", detail: `no answer within ${seconds} s` }
      : parseSshFailure(result.stderr);
  }
  // A session's groups are its connection's: one opened before the user joined the docker group never gets it.
  if (!facts.engine.userHasAccess)
    await execa("ssh", ["-F", SSH_CONFIG, "-O", "stop", key], { reject: false });
  return facts;
}

/** The names in a certificate's subject, and when it ends as `notAfter`; none where it cannot be read, as after a phone lost power while it wrote the file. */
export function readSubject(pem: string): Readonly<Record<string, string>> {
  try {
    const { subject, validTo } = new X509Certificate(pem);
    const names = subject.split("\n").map((line) => line.split("="));
    const entries = names.map(([name = "", value = ""]) => [name, value]);
    return { ...Object.fromEntries(entries), notAfter: validTo } as Record<string, string>;
  } catch {
    return {};
  }
}

/**
 * The phones to try as a master, in order: declared masters that manage, phones that still manage and no longer shall, declared
 * masters that answer, the other masters.
 */
export function masterOrder(config: Config, facts: Facts): string[] {
  const rank = ({ key, role }: NodeConfig): number => {
    const phone = facts.get(key);
    const manages = isReachable(phone) && phone.swarm !== undefined;
    if (role === "compute") return manages ? 1 : Infinity;
    return manages ? 0 : isReachable(phone) ? 2 : 3;
  };
  return config.nodes
    .filter((node) => rank(node) < Infinity)
    .sort((a, b) => rank(a) - rank(b))
    .map(({ key }) => key);
}
