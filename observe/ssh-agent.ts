import { existsSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import execa from "execa";
import { ConfigError, showValue } from "../config/problem";
import { AGENT_SOCKET, WORKSPACE } from "./ssh-config";

const AGENT_PID = `${WORKSPACE}/agent.pid`;

/** The key to log in with: a file on this machine, or its text (a secret). */
export interface LoginKey {
  readonly identityFile: string;
  readonly privateKey: string | undefined;
}

/** Whether this machine has the key at all; one in hardware has its public half in a file. */
export function hasLoginKey({ identityFile, privateKey }: LoginKey): boolean {
  const file = expandHome(identityFile);
  return privateKey !== undefined || existsSync(file) || existsSync(`${file}.pub`);
}

/**
 * Makes an agent that holds the login key answer at {@link AGENT_SOCKET}, for OpenSSH and the command provider alike.
 * Uses the user's own agent where that has the key (passphrases, hardware keys), else starts one that forgets it after a day.
 */
export async function ensureAgent({ identityFile, privateKey }: LoginKey): Promise<void> {
  const file = expandHome(identityFile);
  const wanted = privateKey === undefined ? readPublicKey(file) : undefined;
  if (wanted !== undefined && (await holds(AGENT_SOCKET, wanted))) return;

  const users = process.env.SSH_AUTH_SOCK;
  if (users !== undefined && wanted !== undefined && (await holds(users, wanted))) {
    rmSync(AGENT_SOCKET, { force: true });
    symlinkSync(users, AGENT_SOCKET);
    return;
  }
  if (privateKey === undefined && !existsSync(file)) throw badKey(identityFile, "no such file");
  await startOwnAgent();
  const added = await sshAdd(
    AGENT_SOCKET,
    ["-q", "-t", "86400", privateKey === undefined ? file : "-"],
    privateKey,
  );
  if (added.exitCode === 0) return;
  if (privateKey !== undefined) {
    throw new ConfigError([
      {
        where: "cloudlet:sshPrivateKey",
        message: "expected an OpenSSH private key without a passphrase, got something else",
      },
    ]);
  }
  throw badKey(identityFile, describeFailure(added.stderr));
}

function expandHome(path: string): string {
  return path.replace(/^~(?=\/)/, homedir());
}

async function startOwnAgent(): Promise<void> {
  if ((await sshAdd(AGENT_SOCKET, ["-l"])).exitCode <= 1) return;
  rmSync(AGENT_SOCKET, { force: true });
  const { stdout } = await execa("ssh-agent", ["-s", "-a", AGENT_SOCKET]);
  writeFileSync(AGENT_PID, /SSH_AGENT_PID=(\d+)/.exec(stdout)?.[1] ?? "");
}

/** Ends what a project keeps running on this machine: its ssh agent, where it is ours, and its connections to the phones. */
export async function closeWorkspace(projectDirectory: string): Promise<void> {
  const workspace = join(projectDirectory, WORKSPACE);
  const connections = existsSync(workspace)
    ? readdirSync(workspace).filter((name) => name.startsWith("mux-"))
    : [];
  for (const name of connections) {
    await execa("ssh", ["-o", `ControlPath=${name}`, "-O", "exit", "any"], {
      cwd: workspace,
      reject: false,
    });
  }
  const pidFile = join(projectDirectory, AGENT_PID);
  if (!existsSync(pidFile)) return;
  // Only an agent that answers is still ours: another process may have got the number of one that ended.
  const answers = (await sshAdd(join(projectDirectory, AGENT_SOCKET), ["-l"])).exitCode <= 1;
  const SSH_AGENT_PID = readFileSync(pidFile, "utf8");
  if (answers) await execa("ssh-agent", ["-k"], { env: { SSH_AGENT_PID }, reject: false });
  rmSync(pidFile);
}

// ssh-add exits with 0 when the agent holds keys, 1 when it holds none, 2 when there is no agent.
async function sshAdd(
  socket: string,
  args: string[],
  input?: string,
): Promise<{ exitCode: number; stderr: string; stdout: string }> {
  const result = await execa("ssh-add", args, {
    env: { SSH_AUTH_SOCK: socket, SSH_ASKPASS: "", SSH_ASKPASS_REQUIRE: "never", DISPLAY: "" },
    // Input that nobody reads is an error (EPIPE), now and then.
    ...(input === undefined ? { stdin: "ignore" as const } : { input: `${input.trimEnd()}\n` }),
    reject: false,
    detached: true, // no terminal: a passphrase is an answer, not a question
  });
  return { exitCode: result.exitCode ?? 2, stderr: result.stderr, stdout: result.stdout };
}

async function holds(socket: string, publicKey: string): Promise<boolean> {
  const { stdout } = await sshAdd(socket, ["-L"]);
  return stdout.includes(publicKey);
}

function readPublicKey(identityFile: string): string | undefined {
  const path = `${identityFile}.pub`;
  return existsSync(path) ? readFileSync(path, "utf8").split(" ")[1]?.trim() : undefined;
}

function describeFailure(stderr: string): string {
  if (/passphrase/i.test(stderr))
    return "a key with a passphrase; add it to your ssh agent first: ssh-add FILE";
  if (/permissions|too open/i.test(stderr)) return "a file that others can read; chmod 600 it";
  // Of the form `Error loading key "FILE": invalid format`.
  const lastLine = stderr.trim().split("\n").at(-1) ?? "";
  return `ssh-add: ${lastLine.replace(/^Error loading key ".*?": /, "") || "no answer"}`;
}

function badKey(identityFile: string, got: string): ConfigError {
  const message = `expected the private key to log in to the phones with, got ${showValue(identityFile)}: ${got}`;
  return new ConfigError([{ where: "cloudlet:ssh.identityFile", message }]);
}
