import execa from "execa";
import { SSH_CONFIG } from "../../observe/ssh-config";

/** Runs OpenSSH to a phone of the settings in this terminal; its exit code, which is the command's own, becomes ours. */
export async function runSsh(args: readonly string[]): Promise<void> {
  const { exitCode } = await execa("ssh", ["-F", SSH_CONFIG, ...args], {
    stdio: "inherit",
    reject: false,
  });
  process.exitCode = exitCode ?? 1;
}
