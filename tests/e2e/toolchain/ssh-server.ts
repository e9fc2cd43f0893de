import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import execa from "execa";
import { until } from "./pulumi-program";

const sshd = "/usr/sbin/sshd";

/** A real OpenSSH server on loopback, with keys and settings of its own, for the user who runs the tests. */
export class SshServer {
  readonly host = "127.0.0.1";
  readonly user = userInfo().username;
  /** The key to log in with, as text. */
  readonly privateKey: string;
  /** The key that the server shows, as a line of authorized_keys. */
  readonly hostKey: string;

  private constructor(
    readonly directory: string,
    readonly port: number,
    private readonly process: execa.ExecaChildProcess,
  ) {
    this.privateKey = readFileSync(join(directory, "user"), "utf8");
    this.hostKey = readFileSync(join(directory, "host.pub"), "utf8").trim();
  }

  /** Starts a server and waits until it answers. Throws with the reason if it does not. */
  static async start(): Promise<SshServer> {
    if (!existsSync(sshd)) throw new Error(`${sshd}: not found; install openssh-server`);
    const directory = mkdtempSync(join(tmpdir(), "cloudlet-sshd-"));
    const port = await freePort();
    for (const name of ["host", "user"]) await makeKey(join(directory, name));
    writeFileSync(join(directory, "config"), configuration(directory, port));
    if (process.getuid?.() === 0) mkdirSync("/run/sshd", { recursive: true, mode: 0o755 });
    let log = "";
    const child = execa(sshd, ["-D", "-e", "-f", join(directory, "config")], { reject: false });
    child.stderr?.on("data", (text: Buffer) => (log += text.toString()));
    const server = new SshServer(directory, port, child);
    try {
      await until("sshd listens", () => {
        if (child.exitCode !== null) throw new Error(`sshd ended with ${child.exitCode}:\n${log}`);
        return log.includes("Server listening");
      });
    } catch (problem) {
      await server.stop();
      throw new Error(`sshd did not start; it said:\n${log}`, { cause: problem });
    }
    return server;
  }

  async stop(): Promise<void> {
    this.process.kill("SIGTERM");
    await this.process;
    rmSync(this.directory, { recursive: true, force: true });
  }
}

/** An SSH agent that holds one key; ends with `stop`. */
export class SshAgent {
  private constructor(private readonly process: execa.ExecaChildProcess) {}

  static async start(socket: string, keyFile: string): Promise<SshAgent> {
    const child = execa("ssh-agent", ["-D", "-a", socket], { reject: false, stdio: "ignore" });
    await until("ssh-agent listens", () => existsSync(socket));
    chmodSync(keyFile, 0o600);
    await execa("ssh-add", ["-q", keyFile], { env: { SSH_AUTH_SOCK: socket } });
    return new SshAgent(child);
  }

  async stop(): Promise<void> {
    this.process.kill("SIGTERM");
    await this.process;
  }
}

/** A port on loopback on which nothing listens. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      const port = typeof address === "object" && address ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}

async function makeKey(file: string): Promise<void> {
  await execa("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "test", "-f", file]);
}

function configuration(directory: string, port: number): string {
  return `
ListenAddress 127.0.0.1
Port ${port}
HostKey ${directory}/host
AuthorizedKeysFile ${directory}/user.pub
PidFile none
PermitRootLogin prohibit-password
PasswordAuthentication no
KbdInteractiveAuthentication no
UsePAM no
StrictModes no
AcceptEnv ACCEPTED PULUMI_COMMAND_*
MaxStartups 100
LogLevel INFO
`;
}
