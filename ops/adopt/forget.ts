import { PhoneConnection, type Target } from "./connection";
import { fingerprintOf } from "./host-key";
import { identityPath, publicKeyOf } from "./key-pair";
import { parsePhone } from "./look";
import { agreedHostKey, targetOf, type AdoptOptions } from "./phone";
import { LOOK_SCRIPT, removeKeyScript, REVOKE_SCRIPT } from "./scripts";
import { adoptCommand, removePhone, type SettingsBefore } from "./settings";
import { confirm } from "../confirm";
import { writeFileAtomically } from "../settings-file";
import { Refusal } from "../recovery/swarm-phones";

type Log = (line: string) => void;

/** Which phone to forget; its address only where the settings no longer have it. */
export interface FormerPhone {
  readonly key: string;
  readonly address: string | undefined;
}

interface Forgotten {
  readonly target: Target;
  readonly hostKey: string;
}

/**
 * Undoes {@link adoptPhone}: out of the settings, and no key and no rule of ours on the phone. A phone that cloudlet has set up keeps
 * both until `pulumi up` has undone that, which needs them; then this is called once more, with its address.
 */
export async function forgetPhone(
  before: SettingsBefore,
  { key, address }: FormerPhone,
  options: AdoptOptions,
  log: Log,
): Promise<void> {
  const node = nodeOf(before, key);
  const after = node === undefined ? undefined : removePhone(before, key);
  if (after !== undefined)
    await confirm(
      `take ${key} out of ${before.path}, and the login key off the phone?`,
      options.yes === true,
    );
  const phone = await whereItIs(before, { key, address }, options, log);
  if (after !== undefined) {
    writeFileAtomically(before.path, after.text);
    log(`${before.path}: no longer has ${key}`);
    for (const note of after.notes) log(`note: ${note}`);
  }
  await takeBack(before, key, phone, log);
}

function nodeOf({ settings: { nodes } }: SettingsBefore, key: string) {
  return Object.hasOwn(nodes, key) ? nodes[key] : undefined;
}

async function whereItIs(
  before: SettingsBefore,
  { key, address }: FormerPhone,
  options: AdoptOptions,
  log: Log,
): Promise<Forgotten> {
  const node = nodeOf(before, key);
  const { jumpHost, user } = before.settings.ssh;
  if (node !== undefined) {
    const hostKey = node.hostKey.split(" ").slice(0, 2).join(" ");
    return {
      hostKey,
      target: { user: node.user ?? user, address: node.address, port: node.port, jumpHost },
    };
  }
  if (address === undefined)
    throw new Refusal(
      `--forget: expected a key of ${before.path}, got ${JSON.stringify(key)}; for a phone that is out of it already, say user@address too`,
    );
  const target = await targetOf(address, options.port, jumpHost);
  return { target, hostKey: await agreedHostKey(target, options, log) };
}

async function takeBack(
  before: SettingsBefore,
  key: string,
  { target, hostKey }: Forgotten,
  log: Log,
): Promise<void> {
  const { identityFile } = before.settings.ssh;
  const publicKey = await publicKeyOf(identityFile, false, log);
  const again = `${adoptCommand(before)} ${target.user}@${target.address} --forget ${key}${target.port === 22 ? "" : ` --port ${target.port}`} --host-key-fingerprint ${await fingerprintOf(hostKey)}`;
  let connection: PhoneConnection;
  try {
    connection = await PhoneConnection.open(target, hostKey, identityPath(identityFile), () =>
      Promise.resolve(undefined),
    );
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    log(`note: ${error.message}`);
    log(`note: the login key and the rule for root are still on it; when it is back: ${again}`);
    return;
  }
  try {
    if (parsePhone(await connection.run(LOOK_SCRIPT))?.isSetUp === true) {
      log(
        `note: cloudlet has set ${key} up, so it keeps the login key until that is undone; run npx pulumi up without it, and then: ${again}`,
      );
      return;
    }
    await connection.run(REVOKE_SCRIPT);
    await connection.run(removeKeyScript(publicKey));
    log(`${key}: no longer has cloudlet's login key, nor a rule of ours for root`);
  } finally {
    await connection.close();
  }
}
