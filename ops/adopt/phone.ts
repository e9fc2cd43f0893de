import { lookup } from "node:dns/promises";
import { shellQuote } from "../../observe/shell-quote";
import type { Role } from "../../config/config";
import { confirm } from "../confirm";
import { PhoneConnection, type AskPassword, type Target } from "./connection";
import { fingerprintOf, shownHostKey } from "./host-key";
import { agree, ask } from "./dialog";
import { publicKeyOf, identityPath } from "./key-pair";
import { describePhone, parsePhone, type AdoptedPhone } from "./look";
import { proposeAddress, proposeKey, proposeRole } from "./proposals";
import { addKeyScript, grantScript, LOOK_SCRIPT, PROBE_SCRIPT, typeOnPhone } from "./scripts";
import {
  addPhone,
  adoptCommand,
  type NodeEntry,
  type SettingsAfter,
  type SettingsBefore,
} from "./settings";
import { writeFileAtomically } from "../settings-file";
import { Refusal } from "../recovery/swarm-phones";

type Log = (line: string) => void;

/** How adopting talks with its user. */
export interface Dialog {
  readonly askPassword: AskPassword;
  readonly log: Log;
}

/** What the user chose beforehand. */
export interface AdoptOptions {
  readonly port: number;
  readonly key?: string | undefined;
  readonly role?: string | undefined;
  readonly address?: string | undefined;
  readonly hostKeyFingerprint?: string | undefined;
  readonly privileges?: boolean | undefined;
  readonly yes?: boolean | undefined;
}

/** Splits `user@address`, and looks a name up: settings hold addresses. */
export async function targetOf(
  text: string,
  port: number,
  jumpHost: string | undefined,
): Promise<Target> {
  const [, user, host] = /^([a-z_][a-z0-9_-]{0,31})@([A-Za-z0-9][A-Za-z0-9.-]*)$/.exec(text) ?? [];
  if (user === undefined || host === undefined)
    throw new Refusal(`expected user@address, got ${JSON.stringify(text)}`);
  if (/^\d+\.\d+\.\d+\.\d+$/.test(host)) return { user, address: host, port, jumpHost };
  const found = await lookup(host, { family: 4 }).catch(() => undefined);
  if (found === undefined)
    throw new Refusal(`${text}: expected an address, or a name that has an IPv4 one`);
  return { user, address: found.address, port, jumpHost };
}

/** Shows the host key that a phone has, and gives it once somebody has agreed, or the expected fingerprint is its own. */
export async function agreedHostKey(
  target: Target,
  { hostKeyFingerprint, yes }: AdoptOptions,
  log: Log,
): Promise<string> {
  const hostKey = await shownHostKey(target);
  const fingerprint = await fingerprintOf(hostKey);
  log(`${target.address} shows the host key ${fingerprint} (${hostKey.split(" ")[0]})`);
  if (hostKeyFingerprint === undefined) {
    log(
      "compare it with what the phone itself says: ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub",
    );
    await confirm("is it the phone's?", yes === true);
  } else if (hostKeyFingerprint !== fingerprint) {
    throw new Refusal(
      `${target.address}: expected the host key ${hostKeyFingerprint}, got ${fingerprint}; nothing was changed`,
    );
  }
  return hostKey;
}

/** Makes a phone ready for cloudlet and writes it into the settings. The settings are tried before anything is changed on the phone. */
export async function adoptPhone(
  before: SettingsBefore,
  target: Target,
  options: AdoptOptions,
  { askPassword, log }: Dialog,
): Promise<void> {
  const hostKey = await agreedHostKey(target, options, log);
  const { identityFile } = before.settings.ssh;
  const connection = await PhoneConnection.open(
    target,
    hostKey,
    identityPath(identityFile),
    askPassword,
  );
  try {
    const phone = parsePhone(await connection.run(LOOK_SCRIPT));
    if (phone === undefined)
      throw new Refusal(
        `${target.address}: expected a Linux phone with a POSIX shell, got an answer without an end`,
      );
    log(`it is: ${describePhone(phone)}`);
    const known = knownAs(before, target, hostKey, phone);
    const planned =
      known === undefined
        ? await planEntry(before, { target, hostKey, phone }, options)
        : undefined;

    const publicKey = await publicKeyOf(identityFile, !before.hasSecretKey, log);
    await connection.run(addKeyScript(publicKey));
    if (!(await connection.acceptsKey(identityPath(identityFile)))) {
      throw new Refusal(
        `${target.address}: expected it to accept ${identityFile} now, got a refusal; has the key a passphrase? then: ssh-add ${identityFile}`,
      );
    }
    log(`it accepts the login key ${identityFile}`);
    if (!phone.isRoot) await grant(connection, { target, phone }, options, { askPassword, log });
    if (planned === undefined)
      log(`${before.path}: has it as ${known} already, and stays as it is`);
    else write(before, planned, log);
  } finally {
    await connection.close();
  }
}

function knownAs(
  before: SettingsBefore,
  { address }: Target,
  hostKey: string,
  phone: AdoptedPhone,
): string | undefined {
  const itsOwn = [address, ...phone.addresses.map((one) => one.address)];
  const [key, node] =
    Object.entries(before.settings.nodes).find(
      ([, one]) =>
        one.address === address ||
        (itsOwn.includes(one.address) && one.hostKey.startsWith(hostKey)),
    ) ?? [];
  if (key === undefined || node === undefined) return undefined;
  if (node.hostKey.startsWith(hostKey)) return key;
  throw new Refusal(
    `cloudlet:nodes.${key}: has this address and another host key; if the phone there was replaced, take the old one out first: ${adoptCommand(before)} --forget ${key}`,
  );
}

interface Planned extends SettingsAfter {
  readonly key: string;
  readonly role: string;
}

interface Seen {
  readonly target: Target;
  readonly hostKey: string;
  readonly phone: AdoptedPhone;
}

async function planEntry(
  before: SettingsBefore,
  { target, hostKey, phone }: Seen,
  options: AdoptOptions,
): Promise<Planned> {
  const { nodes, ssh, platform } = before.settings;
  const address = options.address ?? proposeAddress(target.address, phone.addresses);
  if (address === undefined)
    throw new Refusal(
      `${target.address}: expected an address that other phones can reach, got none; connect its Wi-Fi, or say --address`,
    );
  if (phone.platform === undefined)
    throw new Refusal(
      `${target.address}: expected a machine that is armv7l, armv8l, aarch64 or x86_64, got ${phone.machine}`,
    );
  const silent = options.yes === true;
  const key =
    options.key ??
    (await ask("its key in the settings?", proposeKey(phone, Object.keys(nodes)), silent));
  if (Object.hasOwn(nodes, key))
    throw new Refusal(
      `cloudlet:nodes.${key}: expected a key that no phone has, got the one of ${nodes[key]?.address}; choose another with --key, or take that phone out: ${adoptCommand(before)} --forget ${key}`,
    );
  const proposal = proposeRole(Object.values(nodes).map(({ role }) => role));
  const role = options.role ?? (await ask("its role, master or compute?", proposal, silent));
  const entry: NodeEntry = {
    address,
    role: role as Role, // what it is, the settings' own check says below
    hostKey,
    ...(target.user === ssh.user ? {} : { user: target.user }),
    ...(target.port === 22 ? {} : { port: target.port }),
    ...(phone.platform === platform ? {} : { platform: phone.platform }),
  };
  return { ...addPhone(before, key, entry), key, role };
}

async function grant(
  connection: PhoneConnection,
  { target: { user, address }, phone: { tool } }: Pick<Seen, "target" | "phone">,
  { privileges }: AdoptOptions,
  { askPassword, log }: Dialog,
): Promise<void> {
  const missing = (why: string) => {
    log(
      `note: ${user} cannot become root on ${address} without a password, ${why}; pulumi up needs that; type on the phone: ${typeOnPhone(tool, user)}`,
    );
  };
  if (tool === undefined) return missing("and there is neither sudo nor doas");
  const question = `${user} needs root without a password; may a rule for ${tool} be written that gives it?`;
  if (!(await agree(question, privileges === true)))
    return missing("and no rule was written, as --privileges was not given");
  const password = await askPassword();
  if (password === undefined) return missing("and there is no password to write a rule with");
  await connection.runAnswering(`${tool} sh -c ${shellQuote(grantScript(tool, user))}`, password);
  if (/=none$/m.test(await connection.run(PROBE_SCRIPT)))
    return missing(`and ${tool} did not let it write a rule`);
  log(`${user} becomes root without a password, by a rule for ${tool}`);
}

function write({ path }: SettingsBefore, { text, notes, key, role }: Planned, log: Log): void {
  writeFileAtomically(path, text);
  log(`${path}: has it as ${key}, ${role}`);
  for (const note of notes) log(`note: ${note}`);
  log(
    notes.length === 0
      ? "now run: npx pulumi preview"
      : "adopt more phones, or change roles, before the next pulumi up",
  );
}
