import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  MASTERS_FILE,
  ON_MASTER,
  RUN_ON_MASTER,
  RUN_ON_MASTER_SCRIPT,
  SWARM_FOUND,
} from "../../observe/ssh-config";
import { STACK_TOOLS } from "../../stacks/stack-tools";
import { fakeCommands, type RunOptions, type Shell } from "./shells";

/**
 * A SIMULATED master for scripts that are meant for one: its `docker` is a few lines of shell, and what a script sends
 * to it over SSH runs here. Proves what a script does with the answers, not that an engine gives them.
 */
export class SimulatedMaster {
  readonly #directory = mkdtempSync(join(tmpdir(), "cloudlet-master-"));
  readonly options: RunOptions;

  /**
   * `docker` is the body of the stand-in; `$CALLS` is the file that holds one line for each call so far, `$WHERE` says
   * whether it runs on the master or on a phone. Other `commands` are laid over this machine's.
   */
  constructor(shell: Shell, docker: string, commands: Readonly<Record<string, string>> = {}) {
    const calls = join(this.#directory, "calls");
    writeFileSync(calls, "");
    mkdirSync(join(this.#directory, ".cloudlet"));
    // The real one asks each master for an answer first; here there is one, and it answers. ssh makes one line of all words.
    this.write(ON_MASTER, `WHERE=master exec ${shell.join(" ")} -c "$*"\n`);
    this.write(MASTERS_FILE, "pixel-1,pixel-2,pixel-3");
    this.write(SWARM_FOUND, "unknown");
    this.write(RUN_ON_MASTER, RUN_ON_MASTER_SCRIPT);
    for (const [path, text] of Object.entries(STACK_TOOLS)) this.write(path, text);
    const bin = fakeCommands({
      docker: `echo "$*" >> "$CALLS"\n${docker}`,
      // A phone is this machine too: its script runs here, once it is written down who was asked.
      ssh: `for arg; do host=$last; last=$arg; done
echo "ssh $host" >> "$CALLS"
WHERE=phone exec ${shell.join(" ")} -c "$last"`,
      timeout: 'shift; exec "$@"',
      sleep: "",
      systemctl: "exit 1",
      "rc-service": "exit 1",
      ...commands,
    });
    this.options = {
      cwd: this.#directory,
      env: { PATH: `${bin}:${process.env.PATH}`, CALLS: calls },
    };
  }

  /** The arguments of every call of docker so far. */
  calls(): string[] {
    return readFileSync(join(this.#directory, "calls"), "utf8").split("\n").slice(0, -1);
  }

  /** A file that the scripts left in the project. */
  file(path: string): string {
    return readFileSync(join(this.#directory, path), "utf8");
  }

  write(path: string, text: string): void {
    writeFileSync(join(this.#directory, path), text);
  }
}
