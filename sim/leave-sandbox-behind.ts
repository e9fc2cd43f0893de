import type { Lab } from "./lab";
import { runProgram } from "./run-program";

const SANDBOX = "/run/docker/netns/1-forgotten";

/**
 * A phone that is a container keeps the sandbox of a network that its engine has forgotten, with an interface of this VXLAN number.
 * Engines do so by themselves, seldom (20.10, moby/libnetwork#1765). The interface is made by this machine's `ip`: the phone's, BusyBox's,
 * cannot.
 */
export async function leaveSandboxBehind(lab: Lab, phone: string, vxlan: number): Promise<void> {
  await lab.exec(phone, ["sh", "-c", `: >${SANDBOX}; unshare --net=${SANDBOX} true`]);
  const container = ["inspect", "--format", "{{.State.Pid}}", `cloudlet-${lab.name}-${phone}`];
  const { stdout } = await runProgram("docker", ["--host", lab.engineHost, ...container]);
  const pid = stdout.trim();
  const link = ["-t", pid, "-n", "ip", "link"];
  const number = ["id", String(vxlan), "dstport", "4789", "nolearning"];
  await runProgram("nsenter", [...link, "add", "forgotten", "type", "vxlan", ...number]);
  const sandbox = `/proc/${pid}/root${SANDBOX}`;
  await runProgram("nsenter", [...link, "set", "forgotten", "netns", sandbox]);
}
