import type { Lab } from "./lab";
import { runProgram } from "./run-program";

const SANDBOX = "/run/docker/netns/1-forgotten";

/**
 * A phone that is a container keeps an interface of this VXLAN number that its engine has forgotten: in a network's sandbox, or beside
 * all of them. Engines do so by themselves, seldom (20.10, moby/libnetwork#1765). The interface is made by this machine's `ip`: the
 * phone's, BusyBox's, cannot.
 */
export async function leaveNetworkBehind(
  lab: Lab,
  phone: string,
  vxlan: number,
  where: "in a sandbox" | "beside all sandboxes",
): Promise<void> {
  const container = ["inspect", "--format", "{{.State.Pid}}", `cloudlet-${lab.name}-${phone}`];
  const { stdout } = await runProgram("docker", ["--host", lab.engineHost, ...container]);
  const pid = stdout.trim();
  const link = ["-t", pid, "-n", "ip", "link"];
  const name = `vx-${vxlan.toString(16).padStart(6, "0")}-forgo`;
  const number = ["id", String(vxlan), "dstport", "4789", "nolearning"];
  await runProgram("nsenter", [...link, "add", name, "type", "vxlan", ...number]);
  if (where === "beside all sandboxes") return;
  await lab.exec(phone, ["sh", "-c", `: >${SANDBOX}; unshare --net=${SANDBOX} true`]);
  const sandbox = `/proc/${pid}/root${SANDBOX}`;
  await runProgram("nsenter", [...link, "set", name, "netns", sandbox]);
}
