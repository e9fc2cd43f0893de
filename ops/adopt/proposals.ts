import type { Role } from "../../config/config";

/** Names that say nothing about the phone. */
const NO_NAMES = ["localhost", "alpine", "postmarketos", "phone", "user"];
const LONGEST = 58;

/** What of a phone's own words a key can be made from. */
export interface PhoneNames {
  readonly hostname: string;
  readonly model: string;
}

/** A key for a phone: its host name, or its model where the host name says nothing, and a number where that is taken. */
export function proposeKey({ hostname, model }: PhoneNames, taken: readonly string[]): string {
  const names = [hostname, model].map(asKey);
  const name = names.find((text) => text !== "" && !NO_NAMES.includes(text)) ?? "phone";
  for (let number = 1; ; number += 1) {
    const key = number === 1 ? name : `${name}-${number}`;
    if (!taken.includes(key)) return key;
  }
}

function asKey(text: string): string {
  return text
    .toLowerCase()
    .replace(/\.local$/, "")
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+/, "")
    .replace(/^(cloudlet-)+/, "") // ours
    .slice(0, LONGEST)
    .replace(/-+$/, "");
}

/** A role for one more phone: a master where a swarm of one or three masters comes of it, never of two or four. */
export function proposeRole(declared: readonly Role[]): Role {
  const masters = declared.filter((role) => role === "master").length;
  return masters === 0 || masters === 2 ? "master" : "compute";
}

/** An address of a phone, and the network device that has it. */
export interface PhoneAddress {
  readonly device: string;
  readonly address: string;
}

/** Each phone's address on its USB cable, the same for all. */
const USB_ADDRESS = "172.16.42.1";
/** Devices that no other phone can reach: cables, containers, tunnels. */
const NOT_FOR_OTHERS = /^(lo|usb|rndis|docker|br-|veth|tun|wg|rmnet|wwan)/;

/** The address by which other phones reach this one: the one that was given, unless that is the cable's; then Wi-Fi's. */
export function proposeAddress(given: string, all: readonly PhoneAddress[]): string | undefined {
  const fit = all.filter(
    ({ device, address }) => !NOT_FOR_OTHERS.test(device) && address !== USB_ADDRESS,
  );
  // Not among the phone's own behind a router that translates: then the user knows better.
  const givenDevice = all.find(({ address }) => address === given)?.device;
  if (given !== USB_ADDRESS && (givenDevice === undefined || !NOT_FOR_OTHERS.test(givenDevice)))
    return given;
  return (fit.find(({ device }) => device.startsWith("wl")) ?? fit[0])?.address;
}
