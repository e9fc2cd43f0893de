import type { Config, NodeConfig } from "../config/config";

/** The folder, relative to the project, that holds what this machine needs to reach the phones. Never committed. */
export const WORKSPACE = ".cloudlet";
/** Relative, so that no resource input depends on where the project is checked out. */
export const SSH_CONFIG = `${WORKSPACE}/ssh_config`;
export const KNOWN_HOSTS = `${WORKSPACE}/known_hosts`;
export const AGENT_SOCKET = `${WORKSPACE}/agent.sock`;
/** The keys of the declared masters: like {@link ON_MASTER} a file, as it changes with the fleet. */
export const MASTERS_FILE = `${WORKSPACE}/masters`;
/** There if the last `up` of this checkout ended well. */
export const ENDED_WELL = `${WORKSPACE}/ended-well`;
/** Whether a look found a swarm: none, some, or unknown. */
export const SWARM_FOUND = `${WORKSPACE}/swarm-found`;
/** The host name under which a living master can be reached, whichever that is now. */
export const MASTER_ALIAS = "cloudlet-master";
/** Stands for a phone that is no longer in the settings; its address comes with the command. */
export const FORMER_ALIAS = "cloudlet-former";

/**
 * The OpenSSH configuration that serves the docker provider, local commands and our own look at the phones:
 * one multiplexed connection per phone, pinned host keys, keys from the workspace's agent, time limits.
 * `master` is the key of the phone that {@link MASTER_ALIAS} stands for.
 */
export function sshConfigText({ nodes, ssh }: Config, master: string): string {
  const blocks = nodes.map((node) => hostBlock(node.key, node));
  const target = nodes.find(({ key }) => key === master);
  if (target !== undefined) blocks.push(hostBlock(MASTER_ALIAS, target));
  return `# Written by cloudlet on every run; your own ~/.ssh/config is read after it.
${blocks.join("\n")}
Host ${[...nodes.map(({ key }) => key), MASTER_ALIAS, FORMER_ALIAS].join(" ")}
  IdentityAgent ${AGENT_SOCKET}
  UserKnownHostsFile ${KNOWN_HOSTS}
  GlobalKnownHostsFile /dev/null
  StrictHostKeyChecking yes
  BatchMode yes
  PasswordAuthentication no
  KexAlgorithms ^curve25519-sha256
  ConnectTimeout ${ssh.connectTimeoutSeconds}
  ServerAliveInterval 5
  ServerAliveCountMax 3
  ControlMaster auto
  ControlPath ${WORKSPACE}/mux-%C
  ControlPersist 120
  LogLevel ERROR
${ssh.jumpHost === undefined ? "" : `  ProxyJump ${ssh.jumpHost}\n`}
Host *
  Include ~/.ssh/config
`;
}

function hostBlock(name: string, node: NodeConfig): string {
  const [algorithm] = node.hostKey.split(" ");
  return `Host ${name}
  HostName ${node.address}
  Port ${node.port}
  User ${node.user}
  HostKeyAlias ${node.key}
  HostKeyAlgorithms ${algorithm === "ssh-rsa" ? "rsa-sha2-512,rsa-sha2-256" : algorithm}
`;
}

/** The pinned host keys, by the phone's key rather than its address: an address may move, a phone's key may not. */
export function knownHostsText(nodes: readonly NodeConfig[]): string {
  return nodes.map(({ key, hostKey }) => `${key} ${hostKey}\n`).join("");
}

/** With these a phone says that it is no working manager, or may not use its engine at all; 255 is OpenSSH's own. */
const NO_MANAGER = 69;
const NO_ACCESS = 77;
/** Masters that answer and do not manage may be electing a leader, which takes them a few seconds. */
const ELECTION_SECONDS = 15;

/**
 * A script that runs its arguments, a command line for a phone's shell, on the first master that answers as a working
 * Swarm manager. Its text changes with the fleet, so it is a file and not part of any resource's input. Standard input is handed on;
 * what fails on a phone that is no working manager, or breaks off in the middle, is run again on the next one: it must be idempotent,
 * and must not succeed where its docker commands fail.
 */
export function onMasterScript(masters: readonly string[]): string {
  return `#!/bin/sh
# Written by cloudlet: runs "$@" on the first master that answers as a working Swarm manager.
# Asked only where the command fails: the question costs a phone as much as most commands.
manages='docker node ls -q >/dev/null 2>&1 || { docker version >/dev/null 2>&1 && exit ${NO_MANAGER}; exit ${NO_ACCESS}; }'
if [ -t 0 ]; then
  for master in ${masters.join(" ")}; do
    ssh -n -F ${SSH_CONFIG} "$master" "$manages" 2>/dev/null && exec ssh -t -F ${SSH_CONFIG} "$master" "$@"
  done
else
  # Kept, as it may be needed twice.
  input=$(cat; echo .)
  end=$(($(date +%s) + \${ELECTION_SECONDS:-${ELECTION_SECONDS}}))
  answers=yes
  while [ $answers = yes ]; do
    answers=no
    for master in ${masters.join(" ")}; do
      printf %s "\${input%.}" | ssh -F ${SSH_CONFIG} "$master" "( $*
) && exit
status=\\$?
$manages
exit \\$status"
      status=$?
      case $status in
        255) ;;
        ${NO_MANAGER}) answers=yes ;;
        # A connection keeps the groups it was opened with: opened before its user might use docker, it never may. Others may be using it.
        ${NO_ACCESS}) answers=yes; ssh -F ${SSH_CONFIG} -O stop "$master" 2>/dev/null ;;
        *) exit $status ;;
      esac
    done
    [ "$(date +%s)" -lt $end ] || break
    [ $answers = no ] || sleep 1
  done
fi
echo "no master answers as a Swarm manager, tried: ${masters.join(" ")}" >&2
exit ${NO_MANAGER}
`;
}
/** The path of {@link onMasterScript}. */
export const ON_MASTER = `${WORKSPACE}/on-master`;

/** A script that runs a file of shell on a master: "sh run-on-master FILE ARGUMENTS", the latter as one word that a shell reads. */
export const RUN_ON_MASTER_SCRIPT = `#!/bin/sh
# Written by cloudlet: runs the script in the file $1 with the arguments in $2 on a working master.
exec sh ${ON_MASTER} "set -- $2
$(cat "$1")"
`;
/** The path of {@link RUN_ON_MASTER_SCRIPT}. */
export const RUN_ON_MASTER = `${WORKSPACE}/run-on-master`;
