import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { SpawnSyncReturns } from "node:child_process";
import { fakeCommands, runScript, type Shell } from "./shells";

// Every command with which a script could change this machine; docker answers, and there is no firewall.
const harmless = {
  uname: "echo armv7l",
  apk: "",
  "apt-get": "exit 1",
  usermod: "",
  addgroup: "",
  gpasswd: "",
  delgroup: "",
  nft: "exit 1",
  modprobe: "exit 1",
  docker: "",
  dockerd: "",
  "rc-update": "",
  "rc-service": "",
  systemctl: "exit 1",
  timedatectl: "",
  chronyc: "exit 1",
  loginctl: "exit 1",
  nmcli: "exit 1",
  iw: "exit 1",
  "dbus-uuidgen": "exit 1",
  "systemd-machine-id-setup": "exit 1",
};
const quiet = {
  id: "case $1 in -u) echo 0 ;; -nG) echo wheel docker ;; *) echo root ;; esac",
  timeout: 'shift; exec "$@"',
  sleep: "",
  hostname:
    '[ $# = 0 ] || { echo "hostname $*" >> "$ROOT/calls"; echo "$1" > "$ROOT/name"; }; cat "$ROOT/name" 2>/dev/null || echo pixel-4',
  ip: "exit 1",
  date: 'case $* in *-s*) echo "date $*" >> "$ROOT/calls" ;; *) cat "$ROOT/clock" 2>/dev/null || echo 1795000000 ;; esac',
};

/**
 * A SIMULATED phone for the scripts that run on one as root: they run here, with stand-ins for every command that would
 * change the machine, and with all of /var, /etc, /run and /proc and /sys moved into a directory of the phone's own.
 */
export class SimulatedPhone {
  readonly #root = mkdtempSync(join(tmpdir(), "cloudlet-phone-"));
  readonly #bin: string;

  /** `commands` are bodies of stand-ins, laid over harmless ones; every call is written down. */
  constructor(commands: Readonly<Record<string, string>> = {}) {
    this.write("/calls", "");
    this.write("/run/there");
    this.write("/proc/uptime", "100.25 90.00\n");
    const logged = Object.entries({ ...harmless, ...commands }).map(([name, body]) => [
      name,
      `echo "$(basename "$0") $*" >> "$ROOT/calls"\n${body}`,
    ]);
    this.#bin = fakeCommands({ ...quiet, ...(Object.fromEntries(logged) as typeof harmless) });
  }

  run(shell: Shell, script: string, ...args: string[]): SpawnSyncReturns<string> {
    const moved = script.replace(/(?<![\w./-])\/(var|etc|run|proc|sys)\//g, `${this.#root}/$1/`);
    const result = runScript(shell, moved, {
      args,
      env: { PATH: `${this.#bin}:${process.env.PATH}`, ROOT: this.#root },
    });
    return { ...result, stderr: result.stderr.replaceAll(this.#root, "") };
  }

  /** Name and arguments of every call of a stand-in so far. */
  calls(): string[] {
    return this.read("/calls").replaceAll(this.#root, "").split("\n").slice(0, -1);
  }

  read(path: string): string {
    return readFileSync(join(this.#root, path), "utf8");
  }

  has(path: string): boolean {
    return existsSync(join(this.#root, path));
  }

  write(path: string, text = ""): void {
    mkdirSync(dirname(join(this.#root, path)), { recursive: true });
    writeFileSync(join(this.#root, path), text);
  }

  remove(path: string): void {
    rmSync(join(this.#root, path), { recursive: true });
  }
}
