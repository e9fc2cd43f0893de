/** An image for which simulated phones get a stand-in of ours. */
export interface StandIn {
  /** As stack files write it, without a tag. */
  readonly repository: string;
  readonly tags: readonly string[];
  /** Which part of the stand-in program it is. */
  readonly mode: string;
  readonly ports?: readonly number[];
  readonly volumes?: readonly string[];
  /** @default all platforms */
  readonly platforms?: readonly Platform[];
}

/** Platforms for which stand-ins are built, as images name them. */
export const PLATFORMS = ["linux/amd64", "linux/arm/v7", "linux/arm64"] as const;
/** One of the platforms for which stand-ins are built. */
export type Platform = (typeof PLATFORMS)[number];

const COFFEE_TAGS = ["latest", "v2"]; // the second is for tests of updates

/** Every image of the stacks and of the tests. Nothing of the originals is in them. */
export const STAND_INS: readonly StandIn[] = [
  {
    repository: "portainer/portainer-ce",
    tags: ["2.27.9", "2.33.5", "latest"],
    mode: "portainer",
    ports: [8000, 9000, 9443],
    volumes: ["/data"],
  },
  { repository: "portainer/agent", tags: ["2.27.9", "2.33.5", "latest"], mode: "agent" },
  {
    repository: "postgres",
    tags: ["14-alpine", "16-alpine"],
    mode: "postgres",
    ports: [5432],
    volumes: ["/var/lib/postgresql/data"],
  },
  {
    repository: "rabbitmq",
    tags: ["3.11-management-alpine", "3.13-management-alpine"],
    mode: "rabbitmq",
    ports: [5672, 15672],
  },
  coffee("product", [5001]),
  coffee("counter", [5002]),
  coffee("barista"),
  coffee("kitchen"),
  coffee("proxy", [5000]),
  coffee("web", [8888]),
  { repository: "cloudlet/probe", tags: ["1", "2"], mode: "probe", ports: [8080] },
  { repository: "cloudlet/stubborn", tags: ["1"], mode: "stubborn", ports: [8080] },
  { repository: "cloudlet/crash", tags: ["1"], mode: "crash" },
  builtFor("amd64-only", "linux/amd64"),
  builtFor("arm64-only", "linux/arm64"),
  builtFor("arm32-only", "linux/arm/v7"),
];

function builtFor(name: string, platform: Platform): StandIn {
  const repository = `cloudlet/${name}`;
  return { repository, tags: ["1"], mode: "probe", ports: [8080], platforms: [platform] };
}

function coffee(mode: string, ports: readonly number[] = []): StandIn {
  const repository = `juangonzalout/go-coffeeshop-${mode}`;
  return { repository, tags: COFFEE_TAGS, mode, ports };
}
