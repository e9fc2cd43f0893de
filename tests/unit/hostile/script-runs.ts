import { mkdtempSync, readdirSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setUpEngineScript, undoPhoneScript, undoScript } from "../../../nodes/phone-scripts";
import { ON_MASTER, onMasterScript } from "../../../observe/ssh-config";
import type { Plan, PlannedNode } from "../../../plan/plan";
import {
  applyServiceScript,
  createFileScript,
  readyScript,
  removeFileScript,
  removeServiceScript,
  serviceBody,
} from "../../../stacks/stack-scripts";
import { leaveScript } from "../../../swarm/leave-script";
import {
  forceNewClusterScript,
  forgetOldMastersScript,
  leaveOldSwarmScript,
  raftScript,
} from "../../../swarm/recovery-scripts";
import { beginSwarmScript, joinScript } from "../../../swarm/swarm-scripts";
import { runScript, type Shell } from "../../support/shells";
import { SimulatedMaster } from "../../support/simulated-master";
import { SimulatedPhone } from "../../support/simulated-phone";
import { CANARY } from "./hostile-text";

/** What running a script did: every command that it called, with its arguments, and what it sent to an engine. */
export interface ScriptRun {
  /** The script by what it is for, the same for every project. */
  readonly script: string;
  readonly status: number | null;
  readonly stderr: string;
  readonly calls: readonly (readonly string[])[];
  readonly bodies: readonly string[];
  /** The settings of the phone's engine, where the script writes them. */
  readonly daemonJson?: string;
}

/** Runs every script that a plan leads to, on SIMULATED machines whose commands write down how they were called. */
export function runEveryScript(shell: Shell, { nodes, swarm, stacks }: Plan): ScriptRun[] {
  const masters = nodes.filter(({ role }) => role === "master").map(({ key }) => key);
  const onOperator = (script: string, text: string, input = "", role = "master"): ScriptRun =>
    recorded(script, (record) => {
      const machine = new SimulatedMaster(shell, `${record}\n${engineOf(role)}`, {
        ...recordings(record, ["rc-service", "systemctl"]),
        // Runs what it is told, as an sshd hands it to a login shell.
        ssh: `${record}\nfor word; do last=$word; done\nexec ${shell.join(" ")} -c "$last"`,
        [CANARY]: record,
      });
      machine.write(ON_MASTER, onMasterScript(masters));
      machine.write(".cloudlet/masters", masters.join(","));
      return runScript(shell, text, { ...machine.options, input });
    });
  const onPhone = (script: string, text: string, ...args: string[]): ScriptRun => {
    let daemonJson = "";
    const run = recorded(script, (record) => {
      const commands = ["apk", "addgroup", "usermod", "delgroup", "gpasswd", "rc-update"];
      const phone = new SimulatedPhone({
        ...recordings(record, commands),
        docker: `${record}\n${engineOf("master")}`,
        nft: `${record}\ncat >/dev/null`,
        uname: "echo x86_64",
        [CANARY]: record,
      });
      const ended = phone.run(shell, text, ...args);
      if (phone.has("/etc/docker/daemon.json")) daemonJson = phone.read("/etc/docker/daemon.json");
      return ended;
    });
    return { ...run, daemonJson };
  };
  const ofNode = (node: PlannedNode): ScriptRun[] => [
    onOperator(`join ${node.role}`, joinScript(node), "", node.role),
    onOperator(`leave ${node.role}`, leaveScript(node), "", node.role),
    onPhone(`set up ${node.role}`, setUpEngineScript(node), String(node.nextRepair)),
    onPhone(`clean ${node.role}`, undoPhoneScript(node.key, node.user)),
    undoFromAfar(shell, node),
  ];
  return [
    onOperator("begin", beginSwarmScript(swarm.firstMaster)),
    ...nodes.flatMap(ofNode),
    onPhone("ask for the raft", raftScript(swarm.firstMaster.key)),
    onPhone("force a new cluster", forceNewClusterScript(swarm.firstMaster)),
    onPhone("leave an old swarm", leaveOldSwarmScript(swarm.firstMaster.key, "node1")),
    onPhone("forget old masters", forgetOldMastersScript(swarm.firstMaster.key)),
    ...stacks.flatMap(({ services, secrets, configs, readyTimeoutSeconds }) => [
      ...services.flatMap(({ spec }) => [
        onOperator("apply", applyServiceScript(spec), serviceBody(spec)),
        onOperator("remove", removeServiceScript(spec)),
      ]),
      ...filesOf("secret", secrets),
      ...filesOf("config", configs),
      onOperator(
        "ready",
        readyScript({
          services: services.map(({ spec }) => spec.Name),
          timeoutSeconds: Math.min(readyTimeoutSeconds, 1),
        }),
      ),
    ]),
  ];

  function filesOf(
    kind: "secret" | "config",
    files: readonly { readonly spec: { readonly Name: string } }[],
  ): ScriptRun[] {
    return files.flatMap(({ spec }) => [
      onOperator(`create ${kind}`, createFileScript(kind, spec.Name), JSON.stringify(spec)),
      onOperator(`remove ${kind}`, removeFileScript(kind, spec.Name)),
    ]);
  }
}

// Its script for the phone is run as root there; here the phone does not answer.
function undoFromAfar(shell: Shell, node: PlannedNode): ScriptRun {
  return recorded(`undo ${node.role}`, (record) => {
    const silent = { ssh: `${record}\nexit 255`, [CANARY]: record };
    const machine = new SimulatedMaster(shell, record, silent);
    machine.write(".cloudlet/ssh_config", "");
    machine.write(".cloudlet/known_hosts", "");
    const run = runScript(shell, undoScript(node), machine.options);
    return { ...run, stderr: run.stderr + machine.file(".cloudlet/known_hosts") };
  });
}

function recorded(
  script: string,
  run: (record: string) => { status: number | null; stderr: string },
): ScriptRun {
  const directory = mkdtempSync(join(tmpdir(), "cloudlet-record-"));
  // One file for each process, as several write at once.
  const record = `RECORD=${directory}/$$; printf '%s\\0' $(($# + 1)) "\${0##*/}" "$@" >>"$RECORD.calls"`;
  const { status, stderr } = run(record);
  const read = (ending: string) =>
    readdirSync(directory)
      .filter((name) => name.endsWith(ending))
      .map((name) => readFileSync(join(directory, name), "utf8"));
  return {
    script,
    status,
    stderr,
    calls: read(".calls").flatMap(takeCalls),
    bodies: read(".body"),
  };
}

function takeCalls(text: string): string[][] {
  const words = text.split("\0").slice(0, -1);
  const calls: string[][] = [];
  for (let at = 0; at < words.length; at += Number(words[at]) + 1)
    calls.push(words.slice(at + 1, at + 1 + Number(words[at])));
  return calls;
}

function recordings(record: string, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.map((name) => [name, record]));
}

/** An engine of shell in a swarm that takes everything; what is sent to it is kept. */
const engineOf = (role: string) => `case "$1 $2" in
  "swarm join-token") echo "    docker swarm join --token SWMTKN-1-x-y 192.168.1.21:2377" ;;
  "node ls") case $* in *cloudlet.node=*) ;; *) echo node1 ;; esac ;;
  "node inspect") case $4 in
    *cloudlet.labels*) echo "" ;;
    *Spec.Role*Status.State*) echo "${role === "master" ? "manager ready reachable" : "worker ready "}" ;;
    *Spec.Role*) echo worker ;;
    *Status.State*) echo down ;;
    *) echo "" ;;
  esac ;;
  "info --format") case $3 in *NodeAddr*) if grep -qs dial-stdio "$CALLS"; then echo "active node1"; else echo "inactive node1"; fi ;; *NodeID*) echo node1 ;; *) echo inactive ;; esac ;;
  "service inspect") echo "no such service" >&2; exit 1 ;;
  "secret inspect" | "config inspect") echo "s|never|never|" ;;
  "service ls") ;;
  "system dial-stdio")
    read -r request
    while read -r line && line=\${line%?} && [ -n "$line" ]; do
      case $line in Content-Length:*) length=\${line#*: } ;; esac
    done
    head -c "$length" >"$RECORD.body"
    case $request in */swarm/join*) status=200 ;; *) status=201 ;; esac
    printf 'HTTP/1.1 %s X\\r\\n\\r\\n{}\\n' "$status" ;;
esac`;
