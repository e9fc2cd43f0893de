import type { Lab } from "./lab";
import type { PhoneSpec } from "./phone-container";

// What happens to phones behind cloudlet's back, besides what a lab does itself (power, network, frozen): each is a line of shell on a phone.

const FILLER = "/var/simulated-filler";

/** Shell as root on a phone, past its network; its output. */
async function run(lab: Lab, phone: string, script: string): Promise<string> {
  return (await lab.exec(phone, ["sh", "-c", script])).stdout.trim();
}

/** A power cut that is over at once; returns when the phone's sshd answers. */
export async function reboot(lab: Lab, phone: string): Promise<void> {
  await lab.powerOff(phone);
  await lab.powerOn(phone);
}

/** The phone's clock goes wrong by so many seconds; it is set again by whoever sets clocks, or by the next boot. */
export async function shiftClock(lab: Lab, phone: string, seconds: number): Promise<void> {
  requireOwnKernel(lab, phone, "clock");
  await run(lab, phone, `date -u -s "@$(($(date +%s) + ${seconds}))" >/dev/null`);
}

/** Nothing more can be written to the phone's disk, by root neither. */
export async function fillDisk(lab: Lab, phone: string): Promise<void> {
  requireOwnKernel(lab, phone, "disk");
  // Taking all of it at once fails, as there is no room for the file's own bookkeeping, and leaves a few blocks.
  const most = `fallocate -l $(($(stat -f -c '%f * %S' /))) ${FILLER} 2>/dev/null`;
  await run(lab, phone, `${most}; dd if=/dev/zero bs=4k >>${FILLER} 2>/dev/null || :`);
}

/** Takes back what {@link fillDisk} did, also where the phone's power is cut at once. */
export async function freeDisk(lab: Lab, phone: string): Promise<void> {
  await run(lab, phone, `rm -f ${FILLER} && sync`);
}

// A container's would be this machine's.
function requireOwnKernel(lab: Lab, phone: string, what: string): void {
  if (!lab.ownKernels) {
    throw new Error(
      `${phone}: expected a phone with a ${what} of its own, got a container; use ARM phones`,
    );
  }
}

export async function stopDocker(lab: Lab, phone: string): Promise<void> {
  await run(lab, phone, "rc-service -q docker stop");
}

/** Docker is not started at the next boot. */
export async function disableDocker(lab: Lab, phone: string): Promise<void> {
  await run(lab, phone, "rc-update -q del docker default");
}

export async function leaveSwarm(lab: Lab, phone: string): Promise<void> {
  await run(lab, phone, "docker swarm leave --force");
}

/** The phone is made anew, as after a reflash: nothing is left on it but its host key. */
export async function wipe(
  lab: Lab,
  phone: string,
  docker: NonNullable<PhoneSpec["docker"]>,
): Promise<void> {
  const { address } = lab.phone(phone);
  await lab.removePhone(phone);
  await lab.addPhone({ name: phone, docker });
  if (lab.phone(phone).address !== address)
    throw new Error(`${phone}: expected its old address ${address} after the wipe`);
}

/** What cloudlet opened for the other phones is closed, now and after a boot. */
export async function closeFirewall(lab: Lab, phone: string): Promise<void> {
  await run(
    lab,
    phone,
    `rm -f /etc/nftables.d/55_cloudlet.nft
nft -a list chain inet filter input | sed -n 's/.*jump cloudlet.*handle \\([0-9]*\\).*/\\1/p' | while read -r handle; do nft delete rule inet filter input handle "$handle"; done
nft flush chain inet filter cloudlet
nft delete chain inet filter cloudlet`,
  );
}

/** Every SSH session to the phone breaks off; what it had started there goes on. */
export async function cutSshSessions(lab: Lab, phone: string): Promise<void> {
  const { user } = lab.phone(phone);
  await run(
    lab,
    phone,
    `for process in /proc/[0-9]*; do
  case $(tr '\\0' ' ' 2>/dev/null <"$process/cmdline") in "sshd: ${user}"*) kill -9 "\${process#/proc/}" 2>/dev/null || : ;; esac
done`,
  );
}

/** What somebody types on a master, past cloudlet. */
async function docker(lab: Lab, master: string, ...args: string[]): Promise<string> {
  return (await lab.exec(master, ["docker", ...args])).stdout.trim();
}

function entryOf(lab: Lab, master: string, phone: string): Promise<string> {
  return docker(lab, master, "node", "ls", "-q", `--filter=node.label=cloudlet.node=${phone}`);
}

/** Somebody changes a phone's entry in the swarm by hand, with options such as `--label-add=room=x` or `--availability=drain`. */
export async function updateNodeByHand(
  lab: Lab,
  master: string,
  phone: string,
  option: string,
): Promise<void> {
  await docker(lab, master, "node", "update", option, await entryOf(lab, master, phone));
}

export async function removeServiceByHand(
  lab: Lab,
  master: string,
  service: string,
): Promise<void> {
  await docker(lab, master, "service", "rm", service);
}

/** The same for a service, with options such as `--env-add=A=b` or `--replicas=4`; does not wait for its tasks. */
export async function updateServiceByHand(
  lab: Lab,
  master: string,
  service: string,
  option: string,
): Promise<void> {
  await docker(lab, master, "service", "update", "--detach", option, service);
}
