import type { NodeConfig } from "../config/config";
import type { ReachablePhone } from "../observe/facts";
import { phonePath, type Finding } from "./preflight-finding";

/** A phone of the settings that answered. */
export interface LookedAt {
  readonly node: NodeConfig;
  readonly phone: ReachablePhone;
}

/** Engine 29 speaks with engine 25 and later alone (API 1.44), four releases back. */
const MOST_RELEASES_APART = 4;
/** The engine whose API broke the panel's older versions (portainer#12925). */
const ENGINE_THAT_BREAKS_PANELS = 29;

/** What two phones must not have in common, and what all should. */
export function checkFleet(phones: readonly LookedAt[]): Finding[] {
  return [...checkClones(phones), ...checkCopies(phones), ...checkVersions(phones)];
}

// One engine or one certificate for two phones: the swarm knows one of them at a time, and each throws the other out.
function checkClones(phones: readonly LookedAt[]): Finding[] {
  const engines = duplicates(phones, ({ phone }) => phone.engine.id);
  const members = duplicates(phones, ({ phone }) => phone.membership?.nodeId);
  const describe = (what: string, { node, others }: Duplicate): Finding => ({
    severity: "refusal",
    where: phonePath(node.key),
    message: `expected ${what} of its own, got that of ${others}: one is a copy of the other, and a swarm takes both for one phone`,
    fix: `on ${node.key}, as root: stop Docker, rm -rf /var/lib/docker/swarm /var/lib/docker/engine-id /etc/docker/key.json, start Docker`,
  });
  return [
    ...engines.map((each) => describe("an engine id", each)),
    ...members.map((each) => describe("a node certificate", each)),
  ];
}

/** Something that each phone should have for itself, though a swarm works without it. */
interface OwnThing {
  readonly name: string;
  readonly read: (each: LookedAt) => string | undefined;
  readonly fix: (key: string) => string;
}

const ownThings: readonly OwnThing[] = [
  {
    name: "hostname",
    read: ({ phone }) => phone.hostname,
    fix: (key) => `\`up\` names it ${key}`,
  },
  {
    name: "machine id",
    read: ({ phone }) => phone.machineId,
    fix: (key) =>
      `on ${key}, as root: rm /etc/machine-id; dbus-uuidgen --ensure=/etc/machine-id, and reboot`,
  },
  {
    name: "host key",
    read: ({ node }) => node.hostKey,
    fix: (key) =>
      `on ${key}, as root: rm /etc/ssh/ssh_host_*; ssh-keygen -A; restart sshd, and write its new key into the settings`,
  },
];

// The first sign of copied images.
function checkCopies(phones: readonly LookedAt[]): Finding[] {
  return ownThings.flatMap(({ name, read, fix }) =>
    duplicates(phones, read).map(({ node, others, value }) => ({
      severity: "warning",
      where: phonePath(node.key),
      message: `expected a ${name} of its own, got ${value.slice(0, 40)}, which ${others} has too`,
      fix: fix(node.key),
    })),
  );
}

interface Duplicate {
  readonly node: NodeConfig;
  readonly value: string;
  /** Those before it in the settings that have the same. */
  readonly others: string;
}

function duplicates(
  phones: readonly LookedAt[],
  read: (each: LookedAt) => string | undefined,
): Duplicate[] {
  return phones.flatMap((each, index) => {
    const value = read(each);
    if (value === undefined || value === "") return [];
    const twins = phones.slice(0, index).filter((other) => read(other) === value);
    if (twins.length === 0) return [];
    return [{ node: each.node, value, others: twins.map(({ node }) => node.key).join(", ") }];
  });
}

function checkVersions(phones: readonly LookedAt[]): Finding[] {
  const known = phones
    .flatMap(({ node, phone }) => {
      const { version } = phone.engine;
      const release = releaseOf(version);
      return release === undefined ? [] : [{ key: node.key, version, release }];
    })
    .sort((a, b) => a.release - b.release);
  const [oldest, newest] = [known[0], known.at(-1)];
  if (oldest === undefined || newest === undefined) return [];
  if (newest.release - oldest.release <= MOST_RELEASES_APART) return [];
  return [
    {
      severity: "warning",
      where: phonePath(oldest.key),
      message: `expected engines of about one age, got ${oldest.version}, but ${newest.key} has ${newest.version}`,
      fix: `upgrade Docker on ${oldest.key}: apk upgrade docker, or apt-get install docker.io`,
    },
  ];
}

/** Counts Docker's yearly releases: 20.10 was followed by 23. */
function releaseOf(version: string): number | undefined {
  const major = majorOf(version);
  if (major === undefined) return undefined;
  return major >= 23 ? major - 22 : major - 20;
}

function majorOf(version: string): number | undefined {
  const major = /^(\d+)\./.exec(version)?.[1];
  return major === undefined ? undefined : Number(major);
}

/** What is known of the panel's images and the engines that they would meet. */
export function checkPanel(phones: readonly LookedAt[], images: readonly string[]): Finding[] {
  const tooNew = phones.filter(
    ({ phone }) => (majorOf(phone.engine.version) ?? 0) >= ENGINE_THAT_BREAKS_PANELS,
  );
  const [first] = tooNew;
  if (first === undefined) return [];
  const names = tooNew.map(({ node }) => node.key).join(", ");
  return images.filter(breaksOnNewEngines).map((image) => ({
    severity: "warning",
    where: phonePath(first.node.key),
    message: `expected an engine that ${image} can talk to, got ${first.phone.engine.version} on ${names}, whose API it does not know`,
    fix: "take Portainer 2.33.5 or later in the stack file",
  }));
}

// 2.33.5 and 2.36 were the first to work; of 2.33.4 nothing is known.
function breaksOnNewEngines(image: string): boolean {
  const version =
    /(?:^|\/)portainer\/(?:portainer-ce|portainer-ee|agent):(\d+)\.(\d+)(?:\.(\d+))?/.exec(image);
  if (version === null) return false;
  const [, major, minor, patch = Number.NaN] = version.map(Number);
  if (major !== 2 || minor === undefined) return major === 1;
  return minor < 33 || (minor === 33 && patch <= 3) || minor === 34 || minor === 35;
}
