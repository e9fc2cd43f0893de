import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { parse, stringify } from "yaml";
import { closeWorkspace } from "../observe/ssh-agent";
import { WORKSPACE } from "../observe/ssh-config";
import { lockStackImages } from "../ops/lock-stack-images";
import { PROJECT } from "../ops/project";
import { pulumi, stackOutputs } from "../ops/pulumi";
import { isLockStale, lockDirectory, removeTornFiles } from "../ops/stale-lock";
import { describeCloudlet, runningTasks } from "../ops/what-runs-where";
import { ensureTools, removeTools } from "../toolchain/install";
import { removeEverything, stopLab } from "./clean-up";
import type { Log } from "./host";
import { simulatedHostKey } from "./host-keys";
import { openLab } from "./lab";
import type { PhoneSpec } from "./phone-container";
import { waitUntil } from "./wait-until";

/** The login key of the simulated phones, where the committed settings look for it. */
const IDENTITY_FILE = `${WORKSPACE}/simulated/id_ed25519`;
/** As many phones as `Pulumi.dev.yaml` describes. */
export const DEFAULT_PHONES = 4;
const MOST_PHONES = 12;
/** Health checks and restarts of the coffee shop's parts take a minute at most. */
const START_SECONDS = 180;

/** Simulated phones as a lab and as a Pulumi stack, which have one name. */
interface Simulation {
  readonly stack: string;
  readonly subnet: string;
  readonly phones: readonly PhoneSpec[];
}

function planSimulation(count: number): Simulation {
  if (!Number.isInteger(count) || count < 1 || count > MOST_PHONES) {
    throw new Error(`--phones: expected a number from 1 to ${MOST_PHONES}, got ${count}`);
  }
  const isDefault = count === DEFAULT_PHONES;
  return {
    stack: isDefault ? "dev" : `simulated${count}`,
    // Any other number has a network of its own, so that it does not disturb the four.
    subnet: isDefault ? "10.86.0" : `10.86.${count}`,
    // Some have Docker that nobody started, some have none, as phones come.
    phones: Array.from({ length: count }, (_, index) => ({
      name: `pixel-${index + 1}`,
      docker: index % 4 < 2 ? "stopped" : "absent",
    })),
  };
}

/** From nothing, or from whatever is there, to a running cloudlet on simulated phones. */
export async function startSimulation(count: number, log: Log): Promise<void> {
  const simulation = planSimulation(count);
  const { stack, subnet, phones } = simulation;
  await ensureTools({ log });
  if (count !== DEFAULT_PHONES) writeSettings(simulation);
  const lab = await openLab({
    name: stack,
    subnet: `${subnet}.0/24`,
    phones,
    identityFile: IDENTITY_FILE,
    log,
  });
  log("looking up the stand-in images in the registry of the simulated phones");
  await lockStackImages({ stack, mirror: `http://${lab.registry}` });
  log(`pulumi up --stack ${stack}`);
  await freeStack(stack, log);
  await pulumi(["stack", "select", "--create", stack]);
  await pulumi(["up", "--stack", stack, "--yes", "--skip-preview"]);
  // After a stop, an up that changes nothing ends before the phones have started their tasks again.
  await waitUntil("tasks: expected all of them running", START_SECONDS, async () => {
    const tasks = await runningTasks();
    return tasks.length > 0 && tasks.every(({ state }) => state === "running");
  });
  log(await describeCloudlet(stack));
  log(farewell(stack, await stackOutputs(stack)));
}

// An `up` that was killed leaves the stack locked, and sometimes half a file.
async function freeStack(stack: string, log: Log): Promise<void> {
  if (!isLockStale(lockDirectory(PROJECT, stack))) return;
  log("an earlier pulumi up was killed: freeing the stack that it had locked");
  removeTornFiles(PROJECT, stack);
  await pulumi(["cancel", "--stack", stack, "--yes"]);
}

// The four phones' settings with other phones in them; the same passwords, as they are encrypted with the same salt.
function writeSettings({ stack, subnet, phones }: Simulation): void {
  const settings = parse(readFileSync("Pulumi.dev.yaml", "utf8")) as {
    config: Record<string, unknown>;
  };
  const masters = phones.length < 3 ? 1 : 3;
  settings.config["cloudlet:nodes"] = Object.fromEntries(
    phones.map(({ name }, index) => [
      name,
      {
        address: `${subnet}.${11 + index}`,
        role: index < masters ? "master" : "compute",
        hostKey: simulatedHostKey(name).publicKey,
      },
    ]),
  );
  writeFileSync(
    settingsFile(stack),
    `# Written by \`npm start\`: SIMULATED phones.\n${stringify(settings)}`,
  );
}

const settingsFile = (stack: string): string => `Pulumi.${stack}.yaml`;

function farewell(
  stack: string,
  { addresses }: { addresses: Readonly<Record<string, readonly string[]>> },
): string {
  const open = Object.entries(addresses).flatMap(([service, urls]) =>
    urls.map((url) => `  ${url}  ${service}`),
  );
  return `
These phones are SIMULATED, and their images are stand-ins. Open:
${open.join("\n")}

Go on with the usual commands, in a shell in which you have typed
  export PULUMI_CONFIG_PASSPHRASE=
  npx pulumi preview --stack ${stack}
The panel's user is admin, its password: npx pulumi config get portainerPassword --stack ${stack}
npm run stop switches the phones off, npm run clean removes all that npm start made.`;
}

/** Switches the simulated phones off; what is on them stays. */
export async function stopSimulation(log: Log): Promise<void> {
  await closeWorkspace(process.cwd());
  for (const stack of simulatedStacks()) {
    log(`switching off the simulated phones of stack ${stack}`);
    await stopLab(stack);
  }
}

/** Removes all that `npm start` ever made here: phones, state, keys, tools; system packages stay. */
export async function cleanSimulation(log: Log): Promise<void> {
  await closeWorkspace(process.cwd());
  await removeEverything(log);
  for (const stack of simulatedStacks()) {
    rmSync(`images.${stack}.lock.yml`, { force: true });
    rmSync(`.state/.pulumi/stacks/cloudlet/${stack}.json`, { force: true });
    if (stack !== "dev") rmSync(settingsFile(stack));
  }
  rmSync(WORKSPACE, { recursive: true, force: true });
  await removeTools({ log });
}

function simulatedStacks(): string[] {
  const others = readdirSync(".").flatMap(
    (name) => /^Pulumi\.(simulated\d+)\.yaml$/.exec(name)?.[1] ?? [],
  );
  return existsSync(settingsFile("dev")) ? ["dev", ...others] : others;
}
