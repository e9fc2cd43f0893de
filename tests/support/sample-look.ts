import { parseConfig } from "../../config/parse-config";
import { readSettingsFile } from "../../config/settings-file";
import type { PhoneFacts, SwarmNode } from "../../observe/facts";
import { livingOf } from "../../ops/overview/living";
import { overviewOfSettings } from "../../ops/overview/of-settings";
import type { ColourScheme } from "../../ops/overview/colours";
import type { LookedAt } from "../../ops/status/look";
import type { ServiceView, TaskView } from "../../ops/status/swarm-view";
import { NO_NEEDS } from "../../plan/preflight";
import { declaredEntry, declaredPhone, swarmOf } from "./sample-facts";

const AT = new Date("2026-11-23T06:10:00Z");
const STACK = `services:
  web:
    image: nginx
    ports: ["8080:80"]
    deploy: { mode: global }
  api:
    image: api
    deploy: { replicas: 3 }
  db:
    image: db
    deploy: { placement: { constraints: ["node.labels.cloudlet.node == pixel-4"] } }
`;

/** What a sampled look found of a cloudlet of declared phones. */
export interface SampleLook {
  /** How many phones; the first three are masters. */
  readonly phones: number;
  readonly facts?: Readonly<Record<string, PhoneFacts>>;
  /** Changes of the phones' entries in the swarm. */
  readonly entries?: Readonly<Record<string, Partial<SwarmNode>>>;
  readonly strangers?: readonly SwarmNode[];
  readonly services?: readonly ServiceView[];
  /** No master answers for the swarm. */
  readonly blind?: boolean;
  readonly scheme?: ColourScheme;
}

const settingsOf = (phones: number): string =>
  `config:
  cloudlet:nodes:
${Array.from({ length: phones }, (_, index) => index + 1)
  .map(
    (n) =>
      `    pixel-${n}: { address: 192.168.1.${20 + n}, role: ${n > 3 ? "compute" : "master"}, hostKey: ssh-ed25519 AAAAkey${n} }`,
  )
  .join("\n")}
  cloudlet:stacks: { shop: { file: stacks/shop.yml } }
`;

/** What such a look brings up. */
export function sampleLook(sample: SampleLook): LookedAt {
  const text = settingsOf(sample.phones);
  const config = parseConfig(readSettingsFile("Pulumi.home.yaml", text, "cloudlet"));
  const entries = config.nodes.map((node) => ({
    ...declaredEntry(node),
    ...sample.entries?.[node.key],
  }));
  const swarm = swarmOf([...entries, ...(sample.strangers ?? [])]);
  const manages = sample.blind === true ? undefined : swarm;
  const facts = config.nodes.map((node): [string, PhoneFacts] => [
    node.key,
    sample.facts?.[node.key] ?? {
      ...declaredPhone(config, node),
      swarm: node.role === "master" ? manages : undefined,
    },
  ]);
  return {
    config,
    declared: { services: new Map(), needs: NO_NEEDS, problems: [] },
    facts: new Map(facts),
    view: manages && { services: sample.services ?? [] },
    built: new Map(),
  };
}

/** The picture of such a look. */
export function drawLook(sample: SampleLook): string {
  return overviewOfSettings({
    path: "Pulumi.home.yaml",
    text: settingsOf(sample.phones),
    projectDirectory: "/project",
    readFile: (path) => (path === "/project/stacks/shop.yml" ? Buffer.from(STACK) : undefined),
    living: livingOf(sampleLook(sample), AT),
    scheme: sample.scheme ?? "as the reader likes it",
  });
}

/** A running task on a phone. */
export const taskOn = (phone: string, more: Partial<TaskView> = {}): TaskView => ({
  slot: 1,
  phone,
  phoneIsReady: true,
  wanted: "running",
  state: "running",
  since: "2026-11-23T06:00:00Z",
  error: "",
  containerId: "c",
  ...more,
});

/** A service of the sampled stack, or of none. */
export function serviceWith(
  name: string,
  replicas: number | undefined,
  tasks: readonly TaskView[],
): ServiceView {
  return {
    name,
    stack: name.startsWith("shop_") ? "shop" : undefined,
    mode: replicas === undefined ? "global" : "replicated",
    replicas,
    image: "image",
    changedAt: "2026-11-23T06:00:00Z",
    update: undefined,
    constraints: [],
    tasks,
  };
}

/** A phone that is off, two tasks of one service on one phone, a service that lacks one, one that cannot run, and a stranger. */
export const TROUBLED: SampleLook = {
  phones: 4,
  facts: {
    "pixel-4": { reachable: false, reason: "no answer", detail: "No route to host" },
  },
  entries: {
    "pixel-2": { leader: true },
    "pixel-3": { availability: "drain" },
    "pixel-4": { state: "down" },
  },
  strangers: [
    {
      id: "k3n6q0w8",
      hostname: "old-laptop",
      role: "worker",
      availability: "active",
      state: "ready",
      address: "192.168.1.77",
      labels: {},
      leader: false,
      reachability: "",
    },
  ],
  services: [
    serviceWith("lone", 1, [taskOn("pixel-1")]),
    serviceWith("shop_api", 3, [
      taskOn("pixel-1"),
      taskOn("pixel-1", { slot: 2 }),
      taskOn("pixel-4", { slot: 3, phoneIsReady: false }),
    ]),
    serviceWith("shop_db", 1, [taskOn("pixel-4", { phoneIsReady: false })]),
    serviceWith(
      "shop_web",
      undefined,
      ["pixel-1", "pixel-2", "k3n6q0w8"].map((phone) => taskOn(phone)),
    ),
  ],
};
