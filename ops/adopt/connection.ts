import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import execa from "execa";
import { Refusal } from "../recovery/swarm-phones";

/** The environment variable with the password, for where there is no terminal. */
export const PASSWORD_VARIABLE = "CLOUDLET_ADOPT_PASSWORD";
/** A question for a password, as OpenSSH, sudo, sudo-rs and doas ask it. */
const ASKS_PASSWORD = /password[^\n]*:\s*$/i;
const ANSWER_SECONDS = 60;

/** Gives the password: once asked, then remembered. Undefined where there is nobody to ask. */
export type AskPassword = () => Promise<string | undefined>;

/** Where a phone is, and who logs in. */
export interface Target {
  readonly user: string;
  readonly address: string;
  readonly port: number;
  readonly jumpHost: string | undefined;
}

/** How a command on a phone ended. */
interface Ended {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

// Prints the password to OpenSSH when it asks for one, and never where it asks for something else, such as a key's passphrase.
const ASKPASS = `#!/bin/sh
case $1 in *[Pp]assword*) printf '%s\\n' "$${PASSWORD_VARIABLE}" ;; *) exit 1 ;; esac
`;

/** One connection to a phone with a pinned host key, opened once; every step goes through it. */
export class PhoneConnection {
  readonly #directory = mkdtempSync(join(tmpdir(), "cloudlet-adopt-"));
  readonly #target: Target;

  private constructor(target: Target, hostKey: string) {
    this.#target = target;
    writeFileSync(this.#path("known_hosts"), `phone ${hostKey}\n`);
    writeFileSync(this.#path("askpass"), ASKPASS, { mode: 0o700 });
  }

  /** Logs in with a key that the phone already accepts, or else with the password. */
  static async open(
    target: Target,
    hostKey: string,
    identityFile: string,
    askPassword: AskPassword,
  ): Promise<PhoneConnection> {
    const connection = new PhoneConnection(target, hostKey);
    try {
      await connection.#logIn(identityFile, askPassword);
      return connection;
    } catch (error) {
      await connection.close();
      throw error;
    }
  }

  /** Runs a script in the phone's shell; its output. Throws a {@link Refusal} with the phone's words where it fails. */
  async run(script: string): Promise<string> {
    const { exitCode, stdout, stderr } = await this.#ssh(
      [...this.#shared(), "-T"],
      "sh -s",
      script,
    );
    if (exitCode === 0) return stdout;
    throw this.#refusal(stderr.trim() || `exit ${exitCode}`);
  }

  /**
   * Runs a command with a terminal, and answers its question for a password, if it asks: doas takes one from nowhere else.
   * True where the command ends well.
   */
  async runAnswering(command: string, password: string): Promise<boolean> {
    const running = execa("ssh", [...this.#shared(), "-tt", this.#destination(), command], {
      reject: false,
      timeout: ANSWER_SECONDS * 1000,
      maxBuffer: 1024 * 1024,
      stripFinalNewline: false,
    });
    let said = "";
    let answered = false;
    running.stdout?.on("data", (data: Buffer) => {
      said = (said + data.toString()).slice(-200);
      if (!ASKS_PASSWORD.test(said)) return;
      // Asked a second time, it was wrong: another try would only lock the user out.
      if (answered) running.kill();
      else running.stdin?.write(`${password}\n`);
      answered = true;
      said = "";
    });
    return (await running).exitCode === 0;
  }

  /** Whether a new login with this key alone works. */
  async acceptsKey(identityFile: string): Promise<boolean> {
    const options = [
      "-o",
      "ControlPath=none",
      "-o",
      "BatchMode=yes",
      "-o",
      "IdentitiesOnly=yes",
      "-i",
      identityFile,
    ];
    return (await this.#ssh([...options, ...this.#pinned()], "true")).exitCode === 0;
  }

  /** Ends the connection, and forgets what was needed for it. */
  async close(): Promise<void> {
    await execa("ssh", [...this.#shared(), "-O", "exit", this.#destination()], { reject: false });
    rmSync(this.#directory, { recursive: true, force: true });
  }

  async #logIn(identityFile: string, askPassword: AskPassword): Promise<void> {
    const master = ["-o", "ControlMaster=yes", "-o", "ControlPersist=600", ...this.#shared()];
    const withKey = await this.#ssh(["-o", "BatchMode=yes", "-i", identityFile, ...master], "true");
    if (withKey.exitCode === 0) return;
    if (!/permission denied/i.test(withKey.stderr)) throw this.#refusal(lastLine(withKey.stderr));
    const password = await askPassword();
    if (password === undefined) {
      throw this.#refusal(
        `expected a login key that it accepts, or its password in ${PASSWORD_VARIABLE}, as there is no terminal to ask on`,
      );
    }
    const withPassword = await this.#ssh(
      ["-o", "PubkeyAuthentication=no", "-o", "NumberOfPasswordPrompts=1", ...master],
      "true",
      "",
      {
        [PASSWORD_VARIABLE]: password,
        SSH_ASKPASS: this.#path("askpass"),
        SSH_ASKPASS_REQUIRE: "force",
        DISPLAY: "none",
      },
    );
    if (withPassword.exitCode !== 0) throw this.#refusal(lastLine(withPassword.stderr));
  }

  async #ssh(
    options: readonly string[],
    command: string,
    input?: string,
    env: Readonly<Record<string, string>> = {},
  ): Promise<Ended> {
    const result = await execa("ssh", [...options, this.#destination(), command], {
      ...(input === undefined ? { stdin: "ignore" as const } : { input }),
      env,
      reject: false,
      timeout: ANSWER_SECONDS * 1000,
    });
    return { exitCode: result.exitCode ?? -1, stdout: result.stdout, stderr: result.stderr };
  }

  #shared(): string[] {
    return [...this.#pinned(), "-o", `ControlPath=${this.#path("mux")}`];
  }

  #pinned(): string[] {
    const { port, jumpHost } = this.#target;
    const options = [
      "HostKeyAlias=phone",
      `UserKnownHostsFile=${this.#path("known_hosts")}`,
      "GlobalKnownHostsFile=/dev/null",
      "StrictHostKeyChecking=yes",
      "ConnectTimeout=10",
      "LogLevel=ERROR",
    ];
    return [
      ...options.flatMap((option) => ["-o", option]),
      "-p",
      String(port),
      ...(jumpHost === undefined ? [] : ["-J", jumpHost]),
    ];
  }

  #destination(): string {
    return `${this.#target.user}@${this.#target.address}`;
  }

  #path(name: string): string {
    return join(this.#directory, name);
  }

  #refusal(words: string): Refusal {
    return new Refusal(`${this.#destination()}: ${words}`);
  }
}

function lastLine(text: string): string {
  return text.trim().split("\n").at(-1) || "it does not let anybody in, and does not say why";
}
