import { FIND_MACHINE, FIND_ROOT, STATE_DIRECTORY } from "../../observe/facts-scripts";
import { shellQuote } from "../../observe/shell-quote";

/** With what a phone's user can become root. */
export type RootTool = "sudo" | "doas";

/** What marks the files and lines that adopting writes. */
const MARK = "written by cloudlet's adopt";
const SUDO_RULE = "/etc/sudoers.d/cloudlet";
const DOAS_RULE = "/etc/doas.d/cloudlet.conf";

/** A read-only script that prints what the phone is, for {@link parsePhone}. */
export const LOOK_SCRIPT = `PATH=$PATH:/usr/sbin:/sbin
${FIND_ROOT}
say() { printf '%s=%s\\n' "$1" "$2"; }
say hostname "$(hostname)"
${FIND_MACHINE}
say machine "$machine"
for file in /proc/device-tree/model /sys/firmware/devicetree/base/model; do
  if [ -r $file ]; then say model "$(tr -d '\\000' <$file)"; break; fi
done
say privilege "$how"
# postmarketOS has a look-alike of sudo around doas: it does not know -V.
if sudo -V >/dev/null 2>&1; then say tool sudo; elif command -v doas >/dev/null 2>&1; then say tool doas; fi
while read -r name kilobytes _; do case $name in MemTotal:) say memory "$kilobytes"; break ;; esac; done </proc/meminfo
for file in /sys/class/power_supply/*/capacity; do if [ -r "$file" ]; then say battery "$(cat "$file" 2>/dev/null)"; fi; done
ip -4 -o addr show scope global 2>/dev/null | while read -r _ device _ address _; do say address "$device \${address%/*}"; done
if [ -e ${STATE_DIRECTORY} ]; then say set-up yes; fi
say done yes
`;

/** A script that lets a login key in, once however often it runs. */
export function addKeyScript(publicKey: string): string {
  return `set -eu
umask 077
mkdir -p "$HOME/.ssh"
chmod 700 "$HOME/.ssh"
file=$HOME/.ssh/authorized_keys
[ -e "$file" ] || : >"$file"
if ! grep -v '^#' "$file" | grep -qF ${shellQuote(typeAndKey(publicKey))}; then
  # The last line may lack its end.
  [ ! -s "$file" ] || [ -z "$(tail -c 1 "$file")" ] || echo >>"$file"
  printf '%s\\n' ${shellQuote(publicKey)} >>"$file"
fi
chmod 600 "$file"
`;
}

/** A script that no longer lets a login key in; other keys stay. */
export function removeKeyScript(publicKey: string): string {
  return `set -eu
umask 077
file=$HOME/.ssh/authorized_keys
if [ -e "$file" ]; then
  grep -vF ${shellQuote(typeAndKey(publicKey))} "$file" >"$file.cloudlet" || [ $? = 1 ]
  cat "$file.cloudlet" >"$file"
  rm "$file.cloudlet"
fi
`;
}

function typeAndKey(publicKey: string): string {
  return publicKey.split(" ").slice(0, 2).join(" ");
}

/** A script for root that lets a user become root without a password. It checks the rule before it counts: a bad one locks everybody out. */
export function grantScript(tool: RootTool, user: string): string {
  return tool === "sudo"
    ? `set -eu
umask 077
mkdir -p ${SUDO_RULE.slice(0, SUDO_RULE.lastIndexOf("/"))}
printf '%s\\n' ${shellQuote(`# ${MARK}`)} ${shellQuote(`${user} ALL=(ALL) NOPASSWD: ALL`)} >${SUDO_RULE}.new
chmod 440 ${SUDO_RULE}.new
if command -v visudo >/dev/null 2>&1; then visudo -cqf ${SUDO_RULE}.new || { rm ${SUDO_RULE}.new; exit 1; }; fi
mv ${SUDO_RULE}.new ${SUDO_RULE}`
    : `set -eu
umask 077
if [ -d ${DOAS_RULE.slice(0, DOAS_RULE.lastIndexOf("/"))} ]; then file=${DOAS_RULE}; : >$file.new
else file=/etc/doas.conf; grep -vF ${shellQuote(MARK)} $file >$file.new 2>/dev/null || :; fi
printf '%s\\n' ${shellQuote(`permit nopass ${user} # ${MARK}`)} >>$file.new
chmod 600 $file.new
doas -C $file.new || { rm $file.new; exit 1; }
mv $file.new $file`;
}

/** A script for the phone's user that takes back what {@link grantScript} wrote, and nothing else. */
export const REVOKE_SCRIPT = `PATH=$PATH:/usr/sbin:/sbin
${FIND_ROOT}
if [ "$how" != none ]; then
  $root sh -c ${shellQuote(`set -eu
for file in ${SUDO_RULE} ${DOAS_RULE}; do if grep -qsF ${shellQuote(MARK)} $file; then rm $file; fi; done
file=/etc/doas.conf
if grep -qsF ${shellQuote(MARK)} $file; then
  umask 077
  grep -vF ${shellQuote(MARK)} $file >$file.new || [ $? = 1 ]
  mv $file.new $file
fi`)}
fi
`;

/** Says whether root without a password works now. */
export const PROBE_SCRIPT = `${FIND_ROOT}
echo "privilege=$how"
`;

/** What to type on the phone where adopting cannot do it. */
export function typeOnPhone(tool: RootTool | undefined, user: string): string {
  return tool === "sudo"
    ? `echo '${user} ALL=(ALL) NOPASSWD: ALL' | sudo tee ${SUDO_RULE}`
    : `echo 'permit nopass ${user}' | doas tee ${DOAS_RULE}`;
}
