import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { parse, stringify } from "yaml";
import { closeWorkspace } from "../observe/ssh-agent";
import { WORKSPACE } from "../observe/ssh-config";
import { lockStackImages } from "../ops/images/lock-stack-images";
import { PROJECT } from "../ops/project";
import { pulumi, stackOutputs } from "../ops/pulumi";
import { isLockStale, lockDirectory, removeTornFiles } from "../ops/stale-lock";
import { describeCloudlet, runningTasks } from "../ops/what-runs-where";
import { ensureTools, removeTools } from "../toolchain/install";
import { removeEverything, stopLab } from "./clean-up";
import type { Log } from "./host";
import { simulatedHostKey } from "./host-keys";
import { openLab, type Lab, type LabOptions } from "./lab";
import type { PhoneSpec } from "./phone-container";
import { waitUntil } from "./wait-until";

/** The login key of the simulated phones, where the committed settings look for it. */
const IDENTITY_FILE = `${WORKSPACE}/simulated/id_ed25519`;
/** As many phones as `Pulumi.dev.yaml` describes. */
export const DEFAULT_PHONES = 4;
/** As many as a swarm needs to bear the loss of a master. */
export const DEFAULT_ARM_PHONES = 3;
const MOST_PHONES = 12;
/** Each takes a gigabyte of this machine's memory, and its share of the processors. */
const MOST_ARM_PHONES = 6;
/** Health checks and restarts of the coffee shop's parts take a minute at most. */
const START_SECONDS = 180;
/** The same on emulated processors, ten times as slow. */
const ARM_START_SECONDS = 600;
/** An emulated phone's sshd was seen to take longer than the usual three seconds for its first word. */
const ARM_CONNECT_SECONDS = 60;
const ARM_STACK = "simulated-arm";

/** Which phones to simulate. */
export interface SimulationChoice {
  /** Emulated ARM machines instead of containers. */
  readonly arm?: boolean;
  /** One more of them, with a 64-bit processor. */
  readonly aarch64?: boolean;
  /** How many. */
  readonly phones?: number;
}

/** Simulated phones as a Pulumi stack and as a lab. */
interface Simulation {
  readonly stack: string;
  readonly arm: boolean;
  readonly subnet: string;
  readonly phones: readonly PhoneSpec[];
}

function planSimulation({ arm = false, aarch64 = false, phones }: SimulationChoice): Simulation {
  if (aarch64 && !arm) throw new Error("--aarch64: expected --arm beside it");
  const count = phones ?? (arm ? DEFAULT_ARM_PHONES : DEFAULT_PHONES);
  const most = arm ? MOST_ARM_PHONES : MOST_PHONES;
  if (!Number.isInteger(count) || count < 1 || count > most) {
    throw new Error(`--phones: expected a number from 1 to ${most}, got ${count}`);
  }
  return arm ? planArm(count, aarch64) : planContainers(count);
}

function planArm(count: number, aarch64: boolean): Simulation {
  const phones: PhoneSpec[] = Array.from({ length: count }, (_, index) => ({
    name: `pixel-${index + 1}`,
  }));
  if (aarch64) phones.push({ name: `pixel-${count + 1}`, processor: "aarch64" });
  return { stack: ARM_STACK, arm: true, subnet: "10.105.0", phones };
}

function planContainers(count: number): Simulation {
  const isDefault = count === DEFAULT_PHONES;
  return {
    arm: false,
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

/** The phones of a started simulation as they are, for faults. */
export async function openSimulation(stack: string, log: Log): Promise<Lab> {
  const simulation = simulatedStacks().includes(stack) && existsSync(IDENTITY_FILE);
  if (!simulation) {
    throw new Error(
      `--stack: expected one that \`npm start\` has started, got ${JSON.stringify(stack)}`,
    );
  }
  const [, count] = /^simulated(\d+)$/.exec(stack) ?? [];
  const { subnet, arm } = planSimulation(
    stack === ARM_STACK ? { arm: true } : { phones: Number(count ?? DEFAULT_PHONES) },
  );
  return openLab({ ...labOptions({ stack, arm, subnet, phones: [] }, log), asItIs: true });
}

/** From nothing, or from whatever is there, to a running cloudlet on simulated phones. */
export async function startSimulation(choice: SimulationChoice, log: Log): Promise<void> {
  const simulation = planSimulation(choice);
  const { stack, arm } = simulation;
  await ensureTools({ log });
  if (stack !== "dev") writeSettings(simulation);
  const lab = await openLab(labOptions(simulation, log));
  log("looking up the stand-in images in the registry of the simulated phones");
  await lockStackImages({ stack, mirror: `http://${lab.registry}` });
  log(`pulumi up --stack ${stack}`);
  await freeStack(stack, log);
  await pulumi(["stack", "select", "--create", stack]);
  await pulumi(["up", "--stack", stack, "--yes", "--skip-preview"]);
  // After a stop, an up that changes nothing ends before the phones have started their tasks again.
  const seconds = arm ? ARM_START_SECONDS : START_SECONDS;
  await waitUntil("tasks: expected all of them running", seconds, async () => {
    const tasks = await runningTasks();
    return tasks.length > 0 && tasks.every(({ state }) => state === "running");
  });
  log(await describeCloudlet(stack));
  log(farewell(stack, await stackOutputs(stack)));
}

function labOptions({ stack, arm, subnet, phones }: Simulation, log: Log): LabOptions {
  return {
    name: labOf(stack),
    machines: arm ? "arm" : "container",
    subnet: `${subnet}.0/24`,
    phones,
    identityFile: IDENTITY_FILE,
    log,
  };
}

// An `up` that was killed leaves the stack locked, and sometimes half a file.
async function freeStack(stack: string, log: Log): Promise<void> {
  if (!isLockStale(lockDirectory(PROJECT, stack))) return;
  log("an earlier pulumi up was killed: freeing the stack that it had locked");
  removeTornFiles(PROJECT, stack);
  await pulumi(["cancel", "--stack", stack, "--yes"]);
}

// The four phones' settings with other phones in them; the same passwords, as they are encrypted with the same salt.
function writeSettings({ stack, arm, subnet, phones }: Simulation): void {
  const settings = parse(readFileSync("Pulumi.dev.yaml", "utf8")) as {
    config: Record<string, unknown>;
  };
  const alike = phones.filter(({ processor }) => processor === undefined);
  const masters = alike.length < 3 ? 1 : 3;
  if (arm) {
    settings.config["cloudlet:platform"] = "linux/arm/v7";
    settings.config["cloudlet:observeTimeoutSeconds"] = 90;
    settings.config["cloudlet:routingMesh"] = "true"; // their own kernels have ip_vs
    settings.config["cloudlet:ssh"] = {
      identityFile: IDENTITY_FILE,
      connectTimeoutSeconds: ARM_CONNECT_SECONDS,
    };
  }
  settings.config["cloudlet:nodes"] = Object.fromEntries(
    phones.map(({ name, processor }, index) => [
      name,
      {
        address: `${subnet}.${11 + index}`,
        role: index < masters ? "master" : "compute",
        hostKey: simulatedHostKey(name).publicKey,
        ...(processor === "aarch64" && { platform: "linux/arm64" }),
      },
    ]),
  );
  writeFileSync(
    settingsFile(stack),
    `# Written by \`npm start\`: SIMULATED phones.\n${stringify(settings)}`,
  );
}

// A lab's name is part of a network device's, and those are short.
const labOf = (stack: string): string => (stack === ARM_STACK ? "arm" : stack);

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
    await stopLab(labOf(stack));
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
    (name) => /^Pulumi\.(simulated(?:\d+|-arm))\.yaml$/.exec(name)?.[1] ?? [],
  );
  return existsSync(settingsFile("dev")) ? ["dev", ...others] : others;
}
