import { stringify } from "yaml";
import type { Config } from "../../../config/config";
import { parseConfig } from "../../../config/parse-config";
import { formatLock } from "../../../images/lock-file";
import type { Plan } from "../../../plan/plan";
import { planCloudlet, planStacks } from "../../../plan/plan-cloudlet";
import { SAMPLE_CERTIFICATE } from "../../support/sample-certificate";
import { sampleNode } from "../../support/sample-config";
import { LOCK_PATH, lockedImage } from "../../support/sample-plan";

/** What YAML can hold. */
export type Tree = string | number | boolean | readonly Tree[] | { readonly [key: string]: Tree };

/** All that a user writes: the settings, the values of secret ones, a stack file. */
export type Project = Readonly<Record<"settings" | "secrets" | "stack", Tree>>;

/** A project with something at every place that there is, all of it harmless. */
export const harmless: Project = {
  settings: {
    platform: "linux/amd64",
    ssh: {
      user: "somebody",
      identityFile: "keys/phones",
      jumpHost: "me@gate.example",
      connectTimeoutSeconds: 3,
    },
    nodes: {
      "pixel-1": sampleNode(21, "master", {
        ...{ user: "harmless", port: 22, platform: "linux/amd64", availability: "active" },
        labels: { room: "lab", shelf: "2" },
      }) as Tree,
      "pixel-4": sampleNode(24, "compute", { labels: { window: "north side" } }) as Tree,
    },
    stacks: {
      shop: {
        file: "stacks/shop.yml",
        environment: { PLAIN: "plain text", HIDDEN: { secret: "hiddenWord" } },
        secrets: { given_key: "givenKey" },
      },
    },
    routingMesh: true,
    prune: false,
    engine: {
      logs: { maxSize: "10m", maxFiles: 3 },
      registryMirrors: ["http://mirror.example:5000"],
      registryCertificates: { "registry.example:5000": "registry.crt" },
      bridgePool: "10.210.0.0/16",
      swarmPool: "10.211.0.0/16",
    },
    observe: "auto",
    observeTimeoutSeconds: 15,
    readyTimeoutSeconds: 600,
  },
  secrets: { hiddenWord: "hidden text", givenKey: "key text" },
  stack: {
    services: {
      web: {
        image: "web:1",
        command: ["serve", "--fast", "${PLAIN}"],
        entrypoint: "start now",
        environment: { WORD: "text", FROM_SETTINGS: "${PLAIN}", FROM_SECRET: "${HIDDEN}" },
        labels: { inside: "container label" },
        hostname: "web-host",
        user: "runner",
        working_dir: "/work",
        stop_signal: "SIGUSR1",
        stop_grace_period: "7s",
        isolation: "default",
        cap_add: ["NET_ADMIN"],
        cap_drop: ["CHOWN"],
        dns: ["192.168.1.1"],
        dns_search: ["example.org"],
        extra_hosts: ["other:192.168.1.9"],
        healthcheck: { test: ["CMD", "check", "it"], interval: "9s", retries: 2 },
        logging: { driver: "json-file", options: { tag: "web tag" } },
        sysctls: { "net.core.somaxconn": "100" },
        ulimits: { nofile: 1000 },
        ports: ["8080:80"],
        networks: { cable: { aliases: ["nickname"] } },
        volumes: ["data:/data", { type: "bind", source: "/srv/here", target: "/srv/there" }],
        secrets: ["given_key", { source: "own_key", target: "own-target" }],
        configs: [{ source: "page", target: "/page", uid: "5", mode: 292 }],
        deploy: {
          replicas: 1,
          labels: { outside: "service label" },
          placement: {
            constraints: ["node.labels.room == lab"],
            preferences: [{ spread: "node.labels.shelf" }],
          },
          restart_policy: { condition: "any", delay: "4s" },
          resources: { limits: { memory: "64M" } },
        },
      },
      second: { image: "second:1", networks: ["cable"], deploy: { mode: "global" } },
    },
    networks: {
      cable: {
        driver: "overlay",
        driver_opts: { speed: "slow" },
        labels: { colour: "grey" },
        ipam: { config: [{ subnet: "10.200.0.0/24" }] },
      },
    },
    volumes: { data: { driver: "local", driver_opts: { kind: "soft" }, labels: { size: "big" } } },
    secrets: {
      given_key: { external: true },
      own_key: { file: "./own-key.txt", labels: { wards: "three" } },
    },
    configs: { page: { file: "./page.html", labels: { author: "nobody" } } },
  },
};

/** A place where something is written: a value by the path to it, or a key, which changes wherever that word stands. */
export interface Place {
  readonly part: keyof Project;
  readonly path: readonly string[];
  readonly isKey: boolean;
}

/** Every value and every key of a project. */
export function placesOf(project: Project): Place[] {
  return (["settings", "secrets", "stack"] as const).flatMap((part) =>
    placesBelow(project[part]).map((place) => ({ part, ...place })),
  );
}

function placesBelow(tree: Tree, path: readonly string[] = []): Omit<Place, "part">[] {
  if (typeof tree !== "object") return [{ path, isKey: false }];
  return Object.entries(tree).flatMap(([key, below]) => [
    ...(Array.isArray(tree) ? [] : [{ path: [...path, key], isKey: true }]),
    ...placesBelow(below, [...path, key]),
  ]);
}

/** How a failing test names a place. */
export function describePlace({ part, path, isKey }: Place): string {
  return `${[part, ...path].join(".")}${isKey ? " (key)" : ""}`;
}

/** The project with this text at that place. */
export function put(project: Project, { part, path, isKey }: Place, text: string): Project {
  // A stack file's dollars that are no variables are doubled.
  const written = part === "stack" ? text.replaceAll("$", "$$$$") : text;
  if (!isKey) return { ...project, [part]: setAt(project[part], path, written) };
  const old = path.at(-1) ?? "";
  return { ...project, [part]: renameAll(project[part], old, isKey ? text : written) };
}

function setAt(tree: Tree, [first, ...rest]: readonly string[], text: string): Tree {
  if (first === undefined || typeof tree !== "object") return text;
  const change = ([key, below]: [string, Tree]): [string, Tree] => [
    key,
    key === first ? setAt(below, rest, text) : below,
  ];
  const entries = Object.entries(tree as Record<string, Tree>).map(change);
  return Array.isArray(tree) ? entries.map(([, below]) => below) : Object.fromEntries(entries);
}

function renameAll(tree: Tree, old: string, text: string): Tree {
  if (typeof tree !== "object") return tree === old ? text : tree;
  if (Array.isArray(tree)) return tree.map((below: Tree) => renameAll(below, old, text));
  return Object.fromEntries(
    Object.entries(tree as Record<string, Tree>).map(([key, below]) => [
      key === old ? text : key,
      renameAll(below, old, text),
    ]),
  );
}

/** What the program makes of a project. Throws a ConfigError where it refuses it. */
export function planProject({ settings, secrets, stack }: Project): { config: Config; plan: Plan } {
  const values = secrets as Readonly<Record<string, string>>;
  const config = parseConfig({
    values: settings as Readonly<Record<string, unknown>>,
    secretNames: Object.keys(values),
  });
  const lock = formatLock(Object.fromEntries(imagesOf(stack).map((i) => [i, lockedImage(i)])));
  const certificateFiles = Object.values(config.engine.registryCertificates);
  const stackFiles = config.stacks.flatMap(({ files }) => files);
  const stackPlans = planStacks({
    config,
    secrets: values,
    lockPath: LOCK_PATH,
    projectDirectory: "/project",
    readFile: (path) => {
      const inProject = path.slice("/project/".length);
      if (inProject === LOCK_PATH) return Buffer.from(lock);
      if (certificateFiles.includes(inProject)) return Buffer.from(SAMPLE_CERTIFICATE);
      return Buffer.from(stackFiles.includes(inProject) ? stringify(stack) : `content of a file\n`);
    },
  });
  const facts = new Map<string, never>();
  return { config, plan: planCloudlet({ config, stackPlans, facts, dryRun: true, now: 0 }) };
}

// Wherever a hostile key has put them.
function imagesOf(tree: Tree): string[] {
  if (typeof tree !== "object") return [];
  return Object.entries(tree).flatMap(([key, below]: [string, Tree]) =>
    key === "image" && typeof below === "string" ? below.replaceAll("$$", "$") : imagesOf(below),
  );
}
