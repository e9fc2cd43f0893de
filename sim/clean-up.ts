import { rmSync } from "node:fs";
import { removeAllOfArm, removeArmPhones, stopArmPhones } from "./arm/arm-clean-up";
import { enginesToClean, runningEngines, type Engine } from "./engine";
import { cacheDirectory, requireLinuxRoot, type Log } from "./host";
import { withMachineLock } from "./machine-lock";
import { ownEngineHost, removeOwnEngineData, stopOwnEngine } from "./own-engine";
import { LAB_LABEL } from "./phone-container";
import { imagesOf } from "./root-filesystem";

const quiet: Log = () => undefined;

/** Removes all that a lab made, by its label; fine if there is nothing, or only a part of it. */
export async function destroyLab(name: string): Promise<void> {
  requireLinuxRoot();
  await withMachineLock(`lab-${name}`, async () => {
    await removeArmPhones(name);
    for (const engine of await enginesToClean(quiet)) {
      await removeLabelled(engine, `${LAB_LABEL}=${name}`);
    }
  });
}

/**
 * Switches a lab's phones and its registry off, and our own engine with the last of them; their state stays for the
 * next `openLab`.
 */
export async function stopLab(name: string): Promise<void> {
  requireLinuxRoot();
  await withMachineLock(`lab-${name}`, async () => {
    await stopArmPhones(name);
    for (const engine of await runningEngines()) {
      const running = await idsOf(engine, ["ps"], `${LAB_LABEL}=${name}`);
      if (running.length > 0) await engine.docker(["kill", ...running]);
    }
  });
  // Whoever makes images needs the engine, though nothing runs in it.
  await withMachineLock("images", async () => {
    const own = (await runningEngines()).find(({ host }) => host === ownEngineHost);
    if (own !== undefined && (await idsOf(own, ["ps"], LAB_LABEL)).length === 0) {
      await stopOwnEngine(quiet);
    }
  });
}

/** Removes every lab, the images, our own engine and the caches; installed system packages stay. */
export async function removeEverything(log: Log): Promise<void> {
  requireLinuxRoot();
  await removeAllOfArm();
  for (const engine of await enginesToClean(log)) {
    await removeLabelled(engine, LAB_LABEL);
    const images = await imagesOf(engine);
    if (images.size > 0) await engine.docker(["image", "rm", "--force", ...images]);
  }
  await stopOwnEngine(log);
  removeOwnEngineData();
  rmSync(cacheDirectory(), { recursive: true, force: true });
}

async function removeLabelled(engine: Engine, label: string): Promise<void> {
  const containers = await idsOf(engine, ["ps", "--all"], label);
  if (containers.length > 0) await engine.docker(["rm", "--force", "--volumes", ...containers]);
  for (const kind of ["volume", "network"]) {
    const ids = await idsOf(engine, [kind, "ls"], label);
    if (ids.length > 0) await engine.docker([kind, "rm", ...ids]);
  }
}

async function idsOf(engine: Engine, list: readonly string[], label: string): Promise<string[]> {
  const { stdout } = await engine.docker([...list, "--quiet", `--filter=label=${label}`]);
  return stdout.split("\n").filter((id) => id !== "");
}
