import type { NodeConfig } from "../config/config";
import type { ReachablePhone } from "../observe/facts";
import { phonePath, type Finding } from "./preflight-finding";

/** Swarm dates its certificates back by an hour, and no more: beyond that, phones do not trust each other. */
const CLOCK_REFUSED_SECONDS = 3600;
/** A clock that is set over the network is right to the second; half a minute is one that nobody sets, and it drifts on. */
const CLOCK_WARNED_SECONDS = 30;
/** Certificates live 90 days and are renewed from half of that on: one with less than this left was out of reach of its masters. */
const CERTIFICATE_SECONDS = 10 * 86_400;
const MIB = 1024 * 1024;
/** The larger images unpack to some hundred MiB, and Docker needs room for both the old and the new one. */
const LEAST_DISK_BYTES = 1024 * MIB;
/** Docker itself takes about this much. */
const LEAST_MEMORY_BYTES = 128 * MIB;

/** What is wrong with a phone's clock, disk, memory and engine settings. */
export function checkCondition({ key }: NodeConfig, phone: ReachablePhone): Finding[] {
  const where = phonePath(key);
  return [
    checkClock(where, phone),
    checkDisk(where, phone),
    checkMemory(where, phone),
    checkLiveRestore(where, phone),
    checkCertificate(where, phone),
  ].flat();
}

function checkClock(
  where: string,
  { clockAheadSeconds = 0, initSystem }: ReachablePhone,
): Finding[] {
  const off = Math.abs(clockAheadSeconds);
  if (off < CLOCK_WARNED_SECONDS) return [];
  const side = clockAheadSeconds > 0 ? "ahead" : "behind";
  const restart =
    initSystem === "systemd"
      ? "systemctl restart systemd-timesyncd"
      : "rc-service chronyd restart, then chronyc makestep";
  return [
    {
      // One that is behind is set by `up`.
      severity: clockAheadSeconds >= CLOCK_REFUSED_SECONDS ? "refusal" : "warning",
      where,
      message: `expected this machine's time, got a clock that is ${showDuration(off)} ${side}; certificates and image downloads fail when clocks are far apart`,
      fix:
        clockAheadSeconds > 0
          ? `let it reach a time server, and as root there: ${restart}`
          : "`up` lets a time server set it, or else sets it itself; without a time server it is wrong again after a reboot",
    },
  ];
}

function showDuration(seconds: number): string {
  const [size, unit] = (
    [
      [86_400, "day"],
      [3600, "hour"],
      [60, "minute"],
      [1, "second"],
    ] as const
  ).find(([each]) => seconds >= 2 * each || each === 1) ?? [1, "second"];
  return `${Math.floor(seconds / size)} ${unit}s`;
}

function checkDisk(where: string, { freeDiskBytes }: ReachablePhone): Finding[] {
  if (freeDiskBytes === undefined || freeDiskBytes >= LEAST_DISK_BYTES) return [];
  return [
    {
      severity: "warning",
      where,
      message: `expected ${inMib(LEAST_DISK_BYTES)} free for images, got ${inMib(freeDiskBytes)} on the disk of /var/lib/docker`,
      fix: "`docker system prune --all` there removes what no container uses",
    },
  ];
}

function checkMemory(where: string, { memory }: ReachablePhone): Finding[] {
  if (memory === undefined || memory.availableBytes >= LEAST_MEMORY_BYTES) return [];
  return [
    {
      severity: "warning",
      where,
      message: `expected ${inMib(LEAST_MEMORY_BYTES)} of memory available, got ${inMib(memory.availableBytes)} of ${inMib(memory.totalBytes)}`,
      fix: "give its services to other phones with `availability: pause` or placement, or stop what else runs there",
    },
  ];
}

const inMib = (bytes: number) => `${Math.floor(bytes / MIB)} MiB`;

function checkCertificate(where: string, { membership }: ReachablePhone): Finding[] {
  const left = membership?.secondsLeft;
  if (left === undefined || left >= CERTIFICATE_SECONDS) return [];
  const rejoin = "docker swarm leave --force there, and `up` joins it anew";
  return left <= 0
    ? [
        {
          severity: "refusal",
          where,
          message: `expected a valid certificate of the swarm, got one that ended ${showDuration(-left)} ago, as after months in a drawer`,
          fix: `${rejoin}; where a majority of the masters has this, run that on every phone: \`up\` then begins a new swarm with all that is declared, and volumes stay`,
        },
      ]
    : [
        {
          severity: "warning",
          where,
          message: `expected a certificate that is renewed in time, got one for another ${showDuration(left)}`,
          fix: `leave it switched on while a master is; if it does not renew: ${rejoin}`,
        },
      ];
}

function checkLiveRestore(where: string, { engine }: ReachablePhone): Finding[] {
  if (engine.liveRestore !== true) return [];
  return [
    {
      severity: "refusal",
      where,
      message:
        "expected an engine without live-restore, which no engine in a swarm may have, got it switched on",
      fix: 'take "live-restore" out of /etc/docker/daemon.json there and restart Docker',
    },
  ];
}
