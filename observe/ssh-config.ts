import type { Config, NodeConfig } from "../config/config";

/** The folder, relative to the project, that holds what this machine needs to reach the phones. Never committed. */
export const WORKSPACE = ".cloudlet";
/** Relative, so that no resource input depends on where the project is checked out. */
export const SSH_CONFIG = `${WORKSPACE}/ssh_config`;
export const KNOWN_HOSTS = `${WORKSPACE}/known_hosts`;
export const AGENT_SOCKET = `${WORKSPACE}/agent.sock`;
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

/** With these a script on a phone says that it is no working manager, or may not use its engine at all; 255 is OpenSSH's own. */
const NO_MANAGER = 69;
const NO_ACCESS = 77;

/**
 * A script that runs its arguments, a command line for a phone's shell, on the first master that answers as a working
 * Swarm manager. Its text changes with the fleet, so it is a file and not part of any resource's input. Standard input is handed on;
 * what breaks off in the middle is run again on the next master.
 */
export function onMasterScript(masters: readonly string[]): string {
  return `#!/bin/sh
# Written by cloudlet: runs "$@" on the first master that answers as a working Swarm manager.
manages='docker node ls -q >/dev/null 2>&1 || { docker version >/dev/null 2>&1 && exit ${NO_MANAGER}; exit ${NO_ACCESS}; }'
# A terminal stays connected; anything else is kept, as it may be needed twice.
[ -t 0 ] || input=$(cat; echo .)
for master in ${masters.join(" ")}; do
  if [ -t 0 ]; then
    ssh -n -F ${SSH_CONFIG} "$master" "$manages" 2>/dev/null && exec ssh -t -F ${SSH_CONFIG} "$master" "$@"
    status=$?
  else
    printf %s "\${input%.}" | ssh -F ${SSH_CONFIG} "$master" "$manages
$*"
    status=$?
    case $status in ${NO_MANAGER}|${NO_ACCESS}|255) ;; *) exit $status ;; esac
  fi
  # A connection keeps the groups it was opened with: opened before its user might use docker, it never may. Others may be using it.
  [ $status != ${NO_ACCESS} ] || ssh -F ${SSH_CONFIG} -O stop "$master" 2>/dev/null
done
echo "no master answers as a Swarm manager, tried: ${masters.join(" ")}" >&2
exit ${NO_MANAGER}
`;
}
/** The path of {@link onMasterScript}. */
export const ON_MASTER = `${WORKSPACE}/on-master`;

/** A script that runs a file of shell with arguments on a master: "sh run-on-master FILE ARGUMENT...". Standard input is the file's. */
export const RUN_ON_MASTER_SCRIPT = `#!/bin/sh
# Written by cloudlet: runs the script in the file $1 with the other arguments on a working master.
file=$1
shift
words=
for word; do
  # The dot keeps newlines at the end.
  word=$(printf %s. "$word" | sed "s/'/'\\\\\\\\''/g")
  words="$words '\${word%.}'"
done
exec sh ${ON_MASTER} "set --$words
$(cat "$file")"
`;
/** The path of {@link RUN_ON_MASTER_SCRIPT}. */
export const RUN_ON_MASTER = `${WORKSPACE}/run-on-master`;
