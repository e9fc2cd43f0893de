import type { Platform } from "./stand-ins";

/** An image made of programs from Debian's packages, where a stack needs the real ones and not our stand-ins. */
export interface DebianImage {
  /** As stack files write it, without a tag. */
  readonly repository: string;
  readonly tag: string;
  /** What is in it, and what is not as in the original. */
  readonly note: string;
  /** Where in the image which file of the unpacked packages is. */
  readonly programs: Readonly<Record<string, string>>;
  /** Its programs are linked with the C library. */
  readonly linked?: true;
  /** Files of our own, by path; all can be executed. */
  readonly scripts?: Readonly<Record<string, string>>;
  /** Directories that whoever it runs as may write to. */
  readonly writable?: readonly string[];
  readonly entrypoint: readonly string[];
  readonly user?: string;
  readonly workingDirectory?: string;
  readonly ports?: readonly number[];
}

/** The packages that all of these are made of. */
export const DEBIAN_PACKAGES = [
  ...["prometheus", "prometheus-node-exporter", "docker.io", "busybox-static", "libc6"],
  "docker-registry",
] as const;

/** How Debian calls a platform, and where programs of it look for what they are linked with. */
export const DEBIAN_PLATFORMS: Readonly<Record<Platform, DebianPlatform>> = {
  "linux/amd64": cLibrary("amd64", "x86_64-linux-gnu", "lib64/ld-linux-x86-64.so.2"),
  "linux/arm/v7": cLibrary("armhf", "arm-linux-gnueabihf", "lib/ld-linux-armhf.so.3"),
  "linux/arm64": cLibrary("arm64", "aarch64-linux-gnu", "lib/ld-linux-aarch64.so.1"),
};

interface DebianPlatform {
  readonly architecture: string;
  /** As {@link DebianImage.programs}. */
  readonly libraries: Readonly<Record<string, string>>;
}

function cLibrary(architecture: string, directory: string, loader: string): DebianPlatform {
  const library = `lib/${directory}/libc.so.6`;
  const loaderFile = `libc6/lib/${directory}/${loader.split("/").at(-1) ?? ""}`;
  return { architecture, libraries: { [loader]: loaderFile, [library]: `libc6/${library}` } };
}

const SHELL = { "bin/busybox": "busybox-static/bin/busybox" };
const NOBODY = "65534";

/** What Grafana itself asks of its surroundings, before it serves. */
const GRAFANA = `#!/bin/sh
set -eu
needs() { [ -s "$1" ] || { echo "grafana (stand-in): expected $2 at $1, got nothing" >&2; exit 1; }; }
needs "\${GF_SECURITY_ADMIN_PASSWORD__FILE:-/none}" "the password"
for file in /etc/grafana/provisioning/datasources/*.yml /etc/grafana/provisioning/dashboards/*.yml \\
  "\${GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH:-/none}"; do needs "$file" "what it is provisioned with"; done
: >/var/lib/grafana/grafana.db
exec busybox httpd -f -p 3000 -h /srv
`;

/**
 * The images of stacks/monitoring.yml. Their tags are the originals'; the programs are those of Debian 12, which are older:
 * Prometheus 2.42, node exporter 1.5, docker 20.10. Debian has no Grafana.
 */
export const MONITORING_IMAGES: readonly DebianImage[] = [
  {
    repository: "prom/prometheus",
    tag: "v3.13.2",
    note: "Debian's Prometheus as prom/prometheus",
    linked: true,
    programs: {
      ...SHELL,
      "bin/prometheus": "prometheus/usr/bin/prometheus",
      "bin/promtool": "prometheus/usr/bin/promtool",
    },
    writable: ["prometheus"],
    entrypoint: ["/bin/prometheus"],
    user: NOBODY,
    workingDirectory: "/prometheus",
    ports: [9090],
  },
  {
    repository: "prom/node-exporter",
    tag: "v1.11.1",
    note: "Debian's node exporter as prom/node-exporter",
    linked: true,
    programs: {
      "bin/node_exporter": "prometheus-node-exporter/usr/bin/prometheus-node-exporter",
    },
    entrypoint: ["/bin/node_exporter"],
    user: NOBODY,
    ports: [9100],
  },
  {
    repository: "docker",
    tag: "28.5.2-cli",
    note: "Debian's docker command as docker:cli",
    linked: true,
    programs: { ...SHELL, "usr/local/bin/docker": "docker.io/usr/bin/docker" },
    entrypoint: ["docker"],
  },
  {
    repository: "grafana/grafana",
    tag: "12.4.3",
    note: "cloudlet stand-in for grafana/grafana: nothing but its port and its health",
    programs: SHELL,
    scripts: {
      "run.sh": GRAFANA,
      "srv/api/health": '{"database":"ok","version":"stand-in","commit":"none"}\n',
    },
    writable: ["var/lib/grafana"],
    entrypoint: ["/bin/sh", "/run.sh"],
    user: "472",
    ports: [3000],
  },
];

/** The image of stacks/registry.yml, with Debian's program, which is 2.8.2. */
export const REGISTRY_IMAGE: DebianImage = {
  repository: "registry",
  tag: "2.8.3",
  note: "Debian's docker-registry as registry",
  linked: true,
  programs: { "bin/registry": "docker-registry/usr/bin/docker-registry" },
  scripts: {
    "etc/docker/registry/config.yml": `version: 0.1
log: { fields: { service: registry } }
storage:
  cache: { blobdescriptor: inmemory }
  filesystem: { rootdirectory: /var/lib/registry }
http:
  addr: :5000
  headers: { X-Content-Type-Options: [nosniff] }
`,
  },
  writable: ["var/lib/registry"],
  entrypoint: ["/bin/registry", "serve", "/etc/docker/registry/config.yml"],
  ports: [5000],
};
