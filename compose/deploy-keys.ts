import {
  duration,
  integer,
  list,
  listOrDict,
  number,
  section,
  text,
  type KeyRule,
  type Section,
} from "./shape";

const updateKeys: Readonly<Record<string, KeyRule>> = {
  parallelism: { shape: integer },
  delay: { shape: duration },
  failure_action: { shape: text },
  monitor: { shape: duration },
  max_failure_ratio: { shape: number },
  order: { shape: { type: "string", among: ["start-first", "stop-first"] }, since: 4 },
};

const limits: Section = {
  title: "services.*.deploy.resources.limits",
  converted: {
    cpus: { shape: text },
    memory: { shape: text },
    pids: { shape: integer, since: 9 },
  },
  refused: { devices: { advice: "use reservations.generic_resources" } },
};

const discreteResource: Section = {
  title: "services.*.deploy.resources.reservations.generic_resources[].discrete_resource_spec",
  converted: { kind: { shape: text }, value: { shape: number } },
};

const genericResource: Section = {
  title: "services.*.deploy.resources.reservations.generic_resources[]",
  converted: { discrete_resource_spec: { shape: section(discreteResource) } },
};

const reservations: Section = {
  title: "services.*.deploy.resources.reservations",
  converted: {
    cpus: { shape: text },
    memory: { shape: text },
    generic_resources: { shape: list(section(genericResource)), since: 5 },
  },
  refused: {
    devices: { advice: "use generic_resources, and let the node offer them" },
    pids: { advice: "write limits.pids" },
  },
};

const resources: Section = {
  title: "services.*.deploy.resources",
  converted: { limits: { shape: section(limits) }, reservations: { shape: section(reservations) } },
};

const restartPolicy: Section = {
  title: "services.*.deploy.restart_policy",
  converted: {
    condition: { shape: text },
    delay: { shape: duration },
    max_attempts: { shape: integer },
    window: { shape: duration },
  },
};

const preference: Section = {
  title: "services.*.deploy.placement.preferences[]",
  converted: { spread: { shape: text } },
};

const placement: Section = {
  title: "services.*.deploy.placement",
  converted: {
    constraints: { shape: list(text) },
    preferences: { shape: list(section(preference)), since: 3 },
    max_replicas_per_node: { shape: integer, since: 8 },
  },
};

/** How a service is deployed. */
export const deploy: Section = {
  title: "services.*.deploy",
  converted: {
    mode: { shape: text },
    endpoint_mode: { shape: text, since: 2 },
    replicas: { shape: integer },
    labels: { shape: listOrDict },
    update_config: {
      shape: section({ title: "services.*.deploy.update_config", converted: updateKeys }),
    },
    rollback_config: {
      shape: section({ title: "services.*.deploy.rollback_config", converted: updateKeys }),
      since: 7,
    },
    resources: { shape: section(resources) },
    restart_policy: { shape: section(restartPolicy) },
    placement: { shape: section(placement) },
  },
};
