import * as faults from "../../sim/faults";
import type { Fleet } from "../support/fleet";
import { waitFor } from "../support/wait-for";
import { mastersOf, answers, type Model, type Silence } from "./model";
import type { Step } from "./step";

/** Half an hour: more than phones bear, less than what certificates that are made now bear. */
const CLOCK_SECONDS = -1800;

/** Does to the phones what the step says, before `up`. `before` is the model until then. */
export async function doFault(
  fleet: Fleet,
  before: Model,
  step: Step,
  engineSeconds: number,
): Promise<void> {
  const { lab } = fleet;
  const { phone = "pixel-1", stack = "", kind } = step;
  const service = `${stack}_web`;
  const master = mastersOf(before).find((key) => answers(before, key)) ?? "";
  switch (kind) {
    case "power off":
    case "declare a phone that is off":
      return lab.powerOff(phone);
    case "unplug":
      return lab.unplug(phone);
    case "freeze":
      return lab.freeze(phone);
    case "bring back":
      return bringBack(fleet, before, step, engineSeconds);
    case "reboot":
      return faults.reboot(lab, phone);
    case "stop Docker":
      return faults.stopDocker(lab, phone);
    case "disable Docker":
      return faults.disableDocker(lab, phone);
    case "set the clock back":
      return faults.shiftClock(lab, phone, CLOCK_SECONDS);
    case "fill the disk for a while":
      return fillDiskForAWhile(fleet, phone);
    case "leave the swarm by hand":
      return faults.leaveSwarm(lab, phone);
    case "wipe":
      return faults.wipe(lab, phone, "absent");
    case "reflash with Docker":
      return faults.wipe(lab, phone, "running");
    case "close the firewall":
      return faults.closeFirewall(lab, phone);
    case "label by hand":
      return faults.updateNodeByHand(lab, master, phone, "--label-add=room=by-hand");
    case "drain by hand":
      return faults.updateNodeByHand(lab, master, phone, "--availability=drain");
    case "change the role by hand": {
      const role = mastersOf(before).includes(phone) ? "worker" : "manager";
      return faults.updateNodeByHand(lab, master, phone, `--role=${role}`);
    }
    case "remove a service by hand":
      return faults.removeServiceByHand(lab, master, service);
    case "change a variable by hand":
      return faults.updateServiceByHand(lab, master, service, "--env-add=SETTING=by-hand");
    case "scale by hand":
      return faults.updateServiceByHand(lab, master, service, "--replicas=4");
    default:
      return; // a change of the settings
  }
}

/** Makes a phone answer again. */
export async function endSilence({ lab }: Fleet, phone: string, silence: Silence): Promise<void> {
  if (silence === "off") await lab.powerOn(phone);
  else if (silence === "unplugged") await lab.plug(phone);
  else await lab.thaw(phone);
}

/** Until a preview has seen it. */
async function fillDiskForAWhile({ lab, project }: Fleet, phone: string): Promise<void> {
  await faults.fillDisk(lab, phone);
  try {
    const { output } = await project.preview();
    if (!/MiB free for images, got 0 MiB/.test(output))
      throw new Error(`a preview: expected a word on ${phone}'s full disk, got ${output}`);
  } finally {
    await faults.freeDisk(lab, phone);
  }
}

async function bringBack(
  fleet: Fleet,
  before: Model,
  { phone }: Step,
  engineSeconds: number,
): Promise<void> {
  if (phone === undefined) return;
  await endSilence(fleet, phone, before.silent[phone] ?? "off");
  // The command that `up` prints for a phone that was silent when it left.
  if (before.nodes[phone] === undefined) {
    await waitFor(`${phone}'s engine`, engineSeconds, () =>
      fleet.docker(phone, "version", "-f=yes"),
    );
    await fleet.docker(phone, "swarm", "leave", "--force");
  }
}
