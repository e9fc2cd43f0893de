import { deploy } from "./deploy-keys";
import { attachment, credentialSpec, fileReference, mount, port } from "./service-part-keys";
import {
  boolean,
  command,
  dict,
  duration,
  either,
  integer,
  list,
  listOrDict,
  nameKeys,
  nothing,
  number,
  optionalOptions,
  section,
  strings,
  text,
  textOrList,
  type KeyRule,
  type RefusedKey,
  type Section,
} from "./shape";

const healthcheck: Section = {
  title: "services.*.healthcheck",
  converted: {
    test: { shape: command },
    disable: { shape: boolean },
    interval: { shape: duration },
    timeout: { shape: duration },
    retries: { shape: number },
    start_period: { shape: duration, since: 4 },
    start_interval: { shape: duration, since: 12 },
  },
};

const logging: Section = {
  title: "services.*.logging",
  converted: {
    driver: { shape: text },
    options: { shape: optionalOptions },
  },
};

const ulimit: Section = {
  title: "services.*.ulimits.*",
  converted: { soft: { shape: integer }, hard: { shape: integer } },
  required: ["soft", "hard"],
};

const build: Section = {
  title: "services.*.build",
  converted: {
    context: { shape: text },
    dockerfile: { shape: text },
    args: { shape: listOrDict },
    cache_from: { shape: strings, since: 2 },
    labels: { shape: listOrDict, since: 3 },
    network: { shape: text, since: 4 },
    target: { shape: text, since: 4 },
    shm_size: { shape: either(integer, text), since: 5 },
    extra_hosts: { shape: listOrDict, since: 9 },
  },
  openSince: 11,
};

const converted: Readonly<Record<string, KeyRule>> = {
  cap_add: { shape: strings },
  cap_drop: { shape: strings },
  command: { shape: command },
  configs: { shape: list(either(text, section(fileReference))), since: 3 },
  credential_spec: { shape: section(credentialSpec), since: 3 },
  depends_on: { shape: strings },
  deploy: { shape: either(section(deploy), nothing) },
  dns: { shape: textOrList },
  dns_search: { shape: textOrList },
  entrypoint: { shape: command },
  env_file: { shape: textOrList },
  environment: { shape: listOrDict },
  extra_hosts: { shape: listOrDict },
  healthcheck: { shape: section(healthcheck) },
  hostname: { shape: text },
  image: { shape: text },
  init: { shape: boolean, since: 7 },
  isolation: { shape: text, since: 5 },
  labels: { shape: listOrDict },
  logging: { shape: section(logging) },
  networks: {
    shape: either(strings, dict(either(section(attachment), nothing), nameKeys)),
  },
  ports: { shape: list(port, "unique") },
  read_only: { shape: boolean },
  restart: { shape: text },
  secrets: { shape: list(either(text, section(fileReference))), since: 1 },
  stdin_open: { shape: boolean },
  stop_grace_period: { shape: duration },
  stop_signal: { shape: text },
  sysctls: { shape: listOrDict },
  tty: { shape: boolean },
  ulimits: { shape: dict(either(integer, section(ulimit)), /^/) },
  user: { shape: text },
  volumes: { shape: { type: "list", items: mount, uniqueBefore: 2 } },
  working_dir: { shape: text },
};

const ignored: Section["ignored"] = {
  build: {
    shape: either(text, section(build)),
    ignored: "a swarm does not build images; build and push it, then name it with image",
  },
  cgroup_parent: { shape: text, ignored: "a swarm has no such setting" },
  cgroupns_mode: { shape: text, since: 9, ignored: "a swarm has no such setting" },
  container_name: { shape: text, ignored: "a swarm names its containers itself" },
  devices: { shape: strings, ignored: "a swarm service cannot use devices of its node" },
  domainname: { shape: text, ignored: "a swarm has no such setting; put it into hostname" },
  expose: {
    shape: list(either(text, number), "unique"),
    ignored: "services on one network reach each other on every port",
  },
  external_links: { shape: strings, ignored: "use a network that both services are on" },
  ipc: { shape: text, ignored: "a swarm has no such setting" },
  links: { shape: strings, ignored: "services on one network reach each other by name" },
  mac_address: { shape: text, ignored: "a swarm has no such setting" },
  network_mode: { shape: text, ignored: "name the network (such as host) under networks" },
  oom_score_adj: {
    shape: integer,
    since: 13,
    ignored: "docker stack deploy accepts it and does not send it",
  },
  pid: { shape: either(text, nothing), ignored: "a swarm has no such setting" },
  privileged: {
    shape: boolean,
    ignored: "a swarm has no such setting; name what it needs in cap_add",
  },
  security_opt: { shape: strings, ignored: "a swarm has no such setting" },
  shm_size: {
    shape: either(number, text),
    ignored: "a swarm has no such setting; mount a tmpfs volume at /dev/shm",
  },
  tmpfs: {
    shape: textOrList,
    ignored: "docker stack deploy does not send it; write a volume of type tmpfs",
  },
  userns_mode: { shape: text, ignored: "a swarm has no such setting" },
};

const limits = "set limits with deploy.resources";
const sizes = "set the memory with deploy.resources";
const refused: Readonly<Record<string, RefusedKey>> = {
  extends: { forbidden: true, advice: "write the service out, or share parts with YAML anchors" },
  volume_driver: { forbidden: true, advice: "set driver on a volume under the top-level volumes" },
  volumes_from: { forbidden: true, advice: "share a volume of the top-level volumes by name" },
  cpu_quota: { forbidden: true, advice: limits },
  cpu_shares: { forbidden: true, advice: limits },
  cpuset: { forbidden: true, advice: limits },
  mem_limit: { forbidden: true, advice: sizes },
  memswap_limit: { forbidden: true, advice: sizes },
  annotations: { advice: "use deploy.labels" },
  attach: { advice: "follow the output with docker service logs" },
  blkio_config: { advice: limits },
  cgroup: { advice: "a swarm has no such setting" },
  cpu_count: { advice: limits },
  cpu_percent: { advice: limits },
  cpu_period: { advice: limits },
  cpu_rt_period: { advice: limits },
  cpu_rt_runtime: { advice: limits },
  cpus: { advice: "write deploy.resources.limits.cpus, as a string" },
  develop: { advice: "it is for docker compose watch; leave it out" },
  device_cgroup_rules: { advice: "a swarm service cannot use devices of its node" },
  dns_opt: { advice: "use dns and dns_search" },
  gpus: { advice: "use deploy.resources.reservations.generic_resources" },
  group_add: { advice: "set the group with user, as user:group" },
  interface_name: { advice: "a swarm names its network interfaces itself" },
  label_file: { advice: "write the labels under labels" },
  mem_reservation: { advice: "write deploy.resources.reservations.memory" },
  mem_swappiness: { advice: sizes },
  models: { advice: "run the model as a service" },
  oom_kill_disable: { advice: sizes },
  pids_limit: { advice: "write deploy.resources.limits.pids" },
  platform: { advice: "place the service with deploy.placement.constraints" },
  post_start: { advice: "do it in the image's entrypoint" },
  pre_stop: { advice: "do it in the image's entrypoint" },
  profiles: { advice: "put the service into a stack file of its own" },
  provider: { advice: "name an image" },
  pull_policy: { advice: "a swarm pulls what its image names; leave it out" },
  runtime: { advice: "set the engine's default runtime on the nodes" },
  scale: { advice: "write deploy.replicas" },
  storage_opt: { advice: "set the driver_opts of a volume" },
  use_api_socket: { advice: "bind /var/run/docker.sock as a volume" },
  uts: { advice: "a swarm has no such setting" },
};

/** The keys of a service. */
export const service: Section = {
  title: "services.*",
  converted,
  ignored,
  refused,
  extensionsSince: 7,
};
