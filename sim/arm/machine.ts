import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { runProgram } from "../run-program";
import { waitUntil } from "../wait-until";
import { machineDirectory, removeMachineDirectory } from "./arm-directory";
import type { ArmImage } from "./arm-image";
import { tellMachine } from "./machine-monitor";
import { PROCESSORS, type Processor } from "./processors";

/** What an ARM phone starts with. */
export interface MachineParts {
  readonly processor: Processor;
  readonly image: ArmImage;
}

/** An ARM phone and where it belongs. */
export interface MachinePlace {
  readonly lab: string;
  readonly phone: string;
  readonly address: string;
  /** The bridge that is the lab's network. */
  readonly bridge: string;
}

// One core of a phone's four or eight: this machine has none to spare.
const SIZE = ["-smp", "1", "-m", "1024"];
// A power cut ends the emulator, not this machine: what the phone has flushed is safe without flushing it here, which takes long.
const DISK_FORMAT = "qcow2,cache=unsafe";
// Programs at the same addresses each time: else the emulator translates each start of one anew, and dockerd starts itself at every turn.
// No fine timers: Go's programs would ask for thousands of interrupts a second, each of which costs the emulator some 50 microseconds.
const KERNEL_OPTIONS = "console=ttyAMA0 panic=3 quiet norandmaps highres=off";
// What ends with the processes; short, as names of sockets are.
const RUNTIME = "/run/cloudlet-arm";
const RUNTIME_FILES = ["pid", "agent", "monitor"] as const;
const STOP_SECONDS = 20;

/** Where what the phone's kernel and services print is kept, also that of earlier boots. */
export function consoleLog({ lab, phone }: Pick<MachinePlace, "lab" | "phone">): string {
  return join(machineDirectory(lab, phone), "console.log");
}

/** The socket of the guest agent, past the phone's network. */
export function agentSocket(place: MachinePlace): string {
  return runtimeFile(place, "agent");
}

/** Whether the phone has power. */
export function isOn(place: MachinePlace): boolean {
  return runningPid(place) !== undefined;
}

/** Gives the phone power, from whatever an earlier process left; nothing if it has it. */
export async function startMachine(
  place: MachinePlace,
  { processor, image }: MachineParts,
): Promise<void> {
  if (isOn(place)) return;
  const { emulator, hardware } = PROCESSORS[processor];
  mkdirSync(join(RUNTIME, place.lab), { recursive: true, mode: 0o700 });
  for (const kind of RUNTIME_FILES) rmSync(runtimeFile(place, kind), { force: true });
  const tap = await plugIntoBridge(place);
  await runProgram(emulator, [
    ...["-name", `cloudlet-${place.lab}-${place.phone}`, ...hardware, ...SIZE],
    ...["-kernel", image.kernel, "-initrd", image.initramfs, "-append", KERNEL_OPTIONS],
    ...["-nodefaults", "-display", "none", "-rtc", "base=utc"],
    ...disk("phone", join(machineDirectory(place.lab, place.phone), "disk.qcow2"), DISK_FORMAT),
    ...disk("settings", settingsDisk(place), "raw,readonly=on"),
    ...["-netdev", `tap,id=net,ifname=${tap},script=no,downscript=no`],
    ...["-device", `virtio-net-device,netdev=net,mac=${macAddress(place)}`],
    ...["-device", "virtio-rng-device", "-device", "virtio-serial-device"],
    ...["-chardev", `socket,id=agent,path=${agentSocket(place)},server=on,wait=off`],
    ...["-device", "virtserialport,chardev=agent,name=org.qemu.guest_agent.0"],
    ...["-chardev", `file,id=console,path=${consoleLog(place)},append=on`],
    ...["-serial", "chardev:console"],
    ...["-qmp", `unix:${runtimeFile(place, "monitor")},server=on,wait=off`],
    ...["-daemonize", "-pidfile", runtimeFile(place, "pid")],
  ]);
  if (isUnplugged(place)) await setLink(place, false);
}

/** Takes the phone's power away. */
export async function cutPower(place: MachinePlace): Promise<void> {
  const pid = runningPid(place);
  if (pid === undefined) return;
  process.kill(pid, "SIGKILL");
  await waitUntil(`${place.phone}: its QEMU process does not end`, STOP_SECONDS, () =>
    Promise.resolve(!isOn(place)),
  );
}

/** Removes the phone and its disk, in whatever state it is. */
export async function removeMachine(place: MachinePlace): Promise<void> {
  await cutPower(place);
  await runProgram("ip", ["link", "delete", tapName(place)], { allowFailure: true });
  for (const kind of RUNTIME_FILES) rmSync(runtimeFile(place, kind), { force: true });
  removeMachineDirectory(place.lab, place.phone);
}

/** Removes what is left of a lab without phones, or of all. */
export function removeRuntimeDirectory(lab = ""): void {
  rmSync(join(RUNTIME, lab), { recursive: true, force: true });
}

export async function resetMachine(place: MachinePlace): Promise<void> {
  await tell(place, "system_reset");
}

export async function freezeMachine(place: MachinePlace): Promise<void> {
  await tell(place, "stop");
}

export async function thawMachine(place: MachinePlace): Promise<void> {
  await tell(place, "cont");
}

/** Pulls the network cable or plugs it in; that lasts over power cuts. */
export async function setPlugged(place: MachinePlace, plugged: boolean): Promise<void> {
  if (plugged) rmSync(unpluggedMark(place), { force: true });
  else writeFileSync(unpluggedMark(place), "");
  if (isOn(place)) await setLink(place, plugged);
}

export function isUnplugged(place: MachinePlace): boolean {
  return existsSync(unpluggedMark(place));
}

/** The archive that the phone unpacks at its first boot. */
export function settingsDisk({ lab, phone }: MachinePlace): string {
  return join(machineDirectory(lab, phone), "settings.tar");
}

/** Makes the phone's disk: all of the image's, and room for changes. */
export async function makeDisk({ lab, phone }: MachinePlace, base: string): Promise<void> {
  const path = join(machineDirectory(lab, phone), "disk.qcow2");
  await runProgram("qemu-img", ["create", "-q", "-f", "qcow2", "-b", base, "-F", "raw", path]);
}

function disk(id: string, path: string, format: string): string[] {
  return [
    ...["-drive", `if=none,id=${id},file=${path.replaceAll(",", ",,")},format=${format}`],
    ...["-device", `virtio-blk-device,drive=${id},serial=${id}`],
  ];
}

function tell(place: MachinePlace, execute: string, args?: object): Promise<void> {
  const command = args === undefined ? { execute } : { execute, arguments: args };
  return tellMachine(runtimeFile(place, "monitor"), command);
}

function setLink(place: MachinePlace, up: boolean): Promise<void> {
  return tell(place, "set_link", { name: "net", up });
}

// Made again each time: the bridge may be another than last time.
async function plugIntoBridge(place: MachinePlace): Promise<string> {
  const tap = tapName(place);
  await runProgram("ip", ["tuntap", "add", tap, "mode", "tap"], { allowFailure: true });
  await runProgram("ip", ["link", "set", tap, "master", place.bridge, "up"]);
  return tap;
}

// Names of network devices have at most 15 characters, and a lab's name may have 12.
function tapName({ lab, address }: MachinePlace): string {
  const hash = createHash("sha256").update(lab).digest("hex").slice(0, 6);
  return `cla-${hash}-${address.split(".")[3] ?? ""}`;
}

/** Local, unicast, and another for each address. */
function macAddress({ address }: MachinePlace): string {
  const octets = address.split(".").map((octet) => Number(octet).toString(16).padStart(2, "0"));
  return ["52", "54", ...octets].join(":");
}

function unpluggedMark({ lab, phone }: MachinePlace): string {
  return join(machineDirectory(lab, phone), "unplugged");
}

function runtimeFile({ lab, phone }: MachinePlace, kind: (typeof RUNTIME_FILES)[number]): string {
  return join(RUNTIME, lab, `${phone}.${kind}`);
}

// The file may be of an earlier run, and its number somebody else's by now.
function runningPid(place: MachinePlace): number | undefined {
  const file = runtimeFile(place, "pid");
  if (!existsSync(file)) return undefined;
  const pid = Number(readFileSync(file, "utf8").trim());
  return commandLine(pid).includes(file) ? pid : undefined;
}

function commandLine(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8");
  } catch {
    return "";
  }
}
