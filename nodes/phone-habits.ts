import { FILE_SUMS, STATE_DIRECTORY } from "../observe/facts-scripts";
import type { PlannedNode } from "../plan/plan";

// What a phone does by itself that a server must not: sleep, save power on Wi-Fi, change its MAC address, live in 1970.

/** Read at boot, by OpenRC and systemd alike. */
const MODULES_FILE = "/etc/modules-load.d/cloudlet.conf";
/** What an engine in a swarm needs of a kernel that has them as modules; otherwise loaded when needed, where a failure shows late. */
const MODULES = "overlay br_netfilter vxlan veth nf_conntrack ip_vs ip_vs_rr xt_ipvs";
const ELOGIND_FILE = "/etc/elogind/logind.conf.d/cloudlet.conf";
/** Behind postmarketOS's own 50-random-mac.conf: later files win. */
const WIFI_FILE = "/etc/NetworkManager/conf.d/90-cloudlet.conf";
const SLEEP_TARGETS = "sleep.target suspend.target hibernate.target hybrid-sleep.target";
/** A clock this far behind was never set: phones have no battery for it. */
const CLOCK_BEHIND_SECONDS = 30;
/** A time server on the LAN or behind it answers within seconds, or is not there. */
const CLOCK_SYNC_SECONDS = 20;

const folderOf = (file: string) => file.slice(0, file.lastIndexOf("/"));

// One that is built in or not there at all is no failure: the doctor tells what is missing.
const modulesPart = `modprobe -qa ${MODULES} 2>/dev/null || :
if [ ! -e ${MODULES_FILE} ]; then
  mkdir -p ${folderOf(MODULES_FILE)}
  printf '%s\\n' ${MODULES} > ${MODULES_FILE}
fi
`;

const sleepPart = `if [ -d /run/systemd/system ]; then
  if [ "$(systemctl is-enabled suspend.target 2>/dev/null)" != masked ]; then
    systemctl -q mask ${SLEEP_TARGETS} && : > ${STATE_DIRECTORY}/masked-sleep
  fi
elif [ -d /etc/elogind ]; then
  if [ ! -e ${ELOGIND_FILE} ]; then
    mkdir -p ${folderOf(ELOGIND_FILE)}
    printf '%s\\n' '[Sleep]' AllowSuspend=no AllowHibernation=no AllowHybridSleep=no > ${ELOGIND_FILE}
    loginctl reload >/dev/null 2>&1 || :
  fi
fi
`;

// The MAC address that it has now: the router's reservation is for that one.
function wifiPart({ address }: PlannedNode): string {
  return `device=$(ip -4 -o addr show to ${address} 2>/dev/null | while read -r _ name _; do echo "$name"; break; done)
if [ -n "$device" ] && [ -e "/sys/class/net/$device/phy80211" ]; then
  ! have iw || iw dev "$device" set power_save off 2>/dev/null || :
  if [ -d ${folderOf(WIFI_FILE)} ] && [ ! -e ${WIFI_FILE} ]; then
    printf '%s\\n' '[connection-cloudlet]' "match-device=interface-name:$device" wifi.powersave=2 "wifi.cloned-mac-address=$(cat "/sys/class/net/$device/address")" > ${WIFI_FILE}
    ! have nmcli || nmcli general reload conf >/dev/null 2>&1 || :
  fi
fi
`;
}

// The operator's time comes as the first argument, and may be an old one: a clock is only ever set forward.
function clockPart({ key }: PlannedNode): string {
  return `if [ -d /run/systemd/system ]; then
  if [ "$(timedatectl show -p NTP --value 2>/dev/null)" = no ]; then timedatectl set-ntp true && : > ${STATE_DIRECTORY}/enabled-time; fi
elif [ -e /etc/init.d/chronyd ] && have rc-update; then
  if [ ! -e /etc/runlevels/default/chronyd ]; then rc-update -q add chronyd default >/dev/null; : > ${STATE_DIRECTORY}/enabled-time; fi
  rc-service -q chronyd status >/dev/null 2>&1 || rc-service -q chronyd start >&2 || :
fi
is_behind() { [ "$(date +%s)" -lt $(($1 - ${CLOCK_BEHIND_SECONDS})) ]; }
up_for() { read -r up _ < /proc/uptime; echo "\${up%%.*}"; }
tries=0 since=$(up_for)
while is_behind "$1" && [ $tries -lt ${CLOCK_SYNC_SECONDS} ]; do
  tries=$((tries + 1))
  ! have chronyc || chronyc -a makestep >/dev/null 2>&1 || :
  sleep 1
done
if is_behind "$1"; then
  date -u -s "@$(($1 + $(up_for) - since))" >/dev/null
  echo "${key}: no time server answered within ${CLOCK_SYNC_SECONDS} s, so its clock got the time of the machine that provisions it; it is wrong again after a reboot" >&2
fi
`;
}

// Two phones of one name are told apart by nobody; the engine takes a new one when it starts.
function hostnamePart({ key }: PlannedNode): string {
  return `case " $* " in *" rename "*)
  if [ "$(hostname)" != ${key} ]; then
    [ -e ${STATE_DIRECTORY}/hostname ] || hostname > ${STATE_DIRECTORY}/hostname
    echo ${key} > /etc/hostname
    hostname ${key}
    grep -qw ${key} /etc/hosts 2>/dev/null || echo "127.0.1.1 ${key}" >> /etc/hosts
    mark_restart
  fi ;;
esac
case " $* " in *" machine-id "*)
  rm -f /etc/machine-id
  if have systemd-machine-id-setup; then systemd-machine-id-setup >/dev/null 2>&1 || :; elif have dbus-uuidgen; then dbus-uuidgen --ensure=/etc/machine-id || :; fi
  [ -s /etc/machine-id ] || od -An -N16 -tx1 /dev/urandom | tr -d ' \\n' > /etc/machine-id ;;
esac
`;
}

/**
 * Shell for a phone's root that makes a server of it: modules at boot, no sleep, Wi-Fi awake at one MAC address, a clock that is set.
 * The words "rename" and "machine-id" among the script's arguments, whose first is the time, give it a name and an id of its own.
 * Needs fail, have and mark_restart; comes before the engine is started.
 */
export function habitsPart(node: PlannedNode): string {
  return `${modulesPart}${sleepPart}${wifiPart(node)}${clockPart(node)}${hostnamePart(node)}for file in ${MODULES_FILE} ${ELOGIND_FILE} ${WIFI_FILE}; do
  [ ! -e $file ] || sha256sum $file
done > ${FILE_SUMS}
`;
}

/** Shell for a phone's root: takes back what {@link habitsPart} did, but for a new machine id. */
export const undoHabitsPart = `rm -f ${MODULES_FILE} ${WIFI_FILE}
if [ -e ${ELOGIND_FILE} ]; then rm ${ELOGIND_FILE}; loginctl reload >/dev/null 2>&1 || :; fi
! have nmcli || nmcli general reload conf >/dev/null 2>&1 || :
[ ! -e ${STATE_DIRECTORY}/masked-sleep ] || systemctl -q unmask ${SLEEP_TARGETS}
if [ -e ${STATE_DIRECTORY}/enabled-time ]; then
  if [ -d /run/systemd/system ]; then timedatectl set-ntp false; else rc-update -q del chronyd default >/dev/null; fi
fi
if [ -e ${STATE_DIRECTORY}/hostname ]; then
  sed -i "/^127[.]0[.]1[.]1 $(hostname)\\$/d" /etc/hosts
  cp ${STATE_DIRECTORY}/hostname /etc/hostname
  hostname "$(cat ${STATE_DIRECTORY}/hostname)"
fi
`;
