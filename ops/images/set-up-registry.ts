import { readFileSync, rmSync } from "node:fs";
import { ConfigError } from "../../config/problem";
import { PROJECT, readFileIfThere, readStackSettings } from "../project";
import { setSecret } from "../pulumi";
import { withEntry, writeFileAtomically } from "../settings-file";
import { isFor, makeCertificate } from "./make-certificate";
import { ownRegistry } from "./own-registry";

/** As stacks/registry.yml names it. */
const CERTIFICATE_FILE = "registry.crt";
/** The secret registry_key of stacks/registry.yml. */
const KEY_SETTING = "registryKey";
const STACK_FILE = "stacks/registry.yml";

/** What {@link setUpRegistry} did, one line each; empty where all was there. */
export type Done = readonly string[];

/**
 * Gives the cloudlet's own registry a certificate, and the settings what follows from it: its key, encrypted; that the phones trust
 * it; the registry's stack. What is there stays, unless it is to be made anew.
 */
export async function setUpRegistry(stack: string, renew: boolean): Promise<Done> {
  const { config, secretNames } = readStackSettings(stack);
  const { address, registry } = ownRegistry(config);
  const there = readFileIfThere(CERTIFICATE_FILE)?.toString();
  const done: string[] = [];
  if (there === undefined || renew) {
    const { certificate, key } = await makeCertificate(address);
    // A run that breaks off here leaves no pair that does not fit: without a file, the next one makes both.
    rmSync(CERTIFICATE_FILE, { force: true });
    await setSecret(stack, `${PROJECT}:${KEY_SETTING}`, key);
    writeFileAtomically(CERTIFICATE_FILE, certificate);
    done.push(`${CERTIFICATE_FILE}: a certificate for ${address}, for ten years`);
    done.push(`${settingsPath(stack)}: its key as ${PROJECT}:${KEY_SETTING}, encrypted`);
  } else {
    requireFit(there, { address, hasKey: secretNames.includes(KEY_SETTING), stack });
  }
  return [...done, ...writeSettings(stack, registry)];
}

function requireFit(
  certificate: string,
  { address, hasKey, stack }: { address: string; hasKey: boolean; stack: string },
): void {
  const advice = `\`npm run registry:certificate -- --stack ${stack} --renew\` makes both anew`;
  if (!isFor(address, certificate)) {
    const message = `expected a certificate for the first master's address ${address}, got one for another; ${advice}`;
    throw new ConfigError([{ where: CERTIFICATE_FILE, message }]);
  }
  if (!hasKey) {
    const message = `expected the key of ${CERTIFICATE_FILE}, got none; ${advice}`;
    throw new ConfigError([{ where: `${PROJECT}:${KEY_SETTING}`, message }]);
  }
}

function writeSettings(stack: string, registry: string): Done {
  const { config } = readStackSettings(stack);
  const path = settingsPath(stack);
  const done: string[] = [];
  let text = readFileSync(path, "utf8");
  const { registryCertificates } = config.engine;
  if (registryCertificates[registry] !== CERTIFICATE_FILE) {
    // Where the first master was elsewhere, so was the registry.
    const others = Object.entries(registryCertificates).filter(([, f]) => f !== CERTIFICATE_FILE);
    const entry = { ...Object.fromEntries(others), [registry]: CERTIFICATE_FILE };
    text = withEntry(text, ["config", `${PROJECT}:engine`, "registryCertificates"], entry);
    done.push(`${path}: ${PROJECT}:engine.registryCertificates.${registry}: ${CERTIFICATE_FILE}`);
  }
  if (!config.stacks.some(({ files }) => files.includes(STACK_FILE))) {
    text = withEntry(text, ["config", `${PROJECT}:stacks`, "registry"], { file: STACK_FILE });
    done.push(`${path}: ${PROJECT}:stacks.registry.file: ${STACK_FILE}`);
  }
  if (done.length > 0) writeFileAtomically(path, text);
  return done;
}

function settingsPath(stack: string): string {
  return `Pulumi.${stack}.yaml`;
}
