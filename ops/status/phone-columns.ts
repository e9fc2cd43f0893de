import { showDuration, showShare } from "./text";
import type { Column } from "./table";
import type { PhoneStatus } from "./status-shape";

/** A clock that is set over the network is right to the second. */
const RIGHT_CLOCK_SECONDS = 2;

/** The phones as columns, what tells them apart first. */
export function phoneColumns(phones: readonly PhoneStatus[]): Column[] {
  const column = (
    head: string,
    show: (phone: PhoneStatus) => string | undefined,
    atLeast?: number,
  ): Column => ({
    head,
    cells: phones.map((phone) => show(phone) ?? ""),
    ...(atLeast === undefined ? {} : { atLeast }),
  });
  return [
    column("phone", ({ key }) => key),
    column("role", showRole),
    column("state", ({ state }) => state),
    column("address", ({ address }) => address),
    column("engine", ({ engine }) => engine?.version.replace(/\+.*/, "")),
    column("what it is", ({ model, machine }) => [model, machine].filter(Boolean).join(", "), 16),
    column("load", ({ load, processors }) => shareOf(load?.toFixed(1), processors)),
    column(
      "free memory",
      ({ memory }) => memory && showShare(memory.availableBytes, memory.totalBytes),
    ),
    column("free disk", ({ disk }) => disk && showShare(disk.freeBytes, disk.totalBytes)),
    column("heat", ({ temperatures: [hottest] }) => hottest && `${Math.round(hottest.celsius)} °C`),
    column("battery", showBattery),
    column("up for", ({ uptimeSeconds }) =>
      uptimeSeconds === undefined ? "" : showDuration(uptimeSeconds),
    ),
    column("clock", ({ clockAheadSeconds }) => showClock(clockAheadSeconds)),
  ];
}

const shareOf = (part: string | undefined, whole: number | undefined) =>
  part === undefined || whole === undefined ? part : `${part}/${whole}`;

// Only a master can lead.
function showRole({ role, leader }: PhoneStatus): string {
  if (!leader) return role;
  return role === "master" ? "leader" : `${role}, leads`;
}

const CHARGE: Readonly<Record<string, string>> = {
  Charging: "rising",
  Discharging: "falling",
  "Not charging": "held",
  Full: "full",
};

function showBattery({ battery }: PhoneStatus): string {
  const { percent, status = "" } = battery ?? {};
  const share = percent === undefined ? "" : `${percent} % `;
  return `${share}${CHARGE[status] ?? ""}`.trim();
}

function showClock(ahead: number | undefined): string {
  if (ahead === undefined) return "";
  if (Math.abs(ahead) <= RIGHT_CLOCK_SECONDS) return "right";
  return `${ahead > 0 ? "+" : "-"}${showDuration(Math.abs(ahead))}`;
}
