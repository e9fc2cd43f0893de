import { clusterVolume } from "./cluster-volume-keys";
import { service } from "./service-keys";
import {
  boolean,
  dict,
  either,
  list,
  listOrDict,
  nameKeys,
  nothing,
  options,
  section,
  text,
  type KeyRule,
  type Section,
} from "./shape";

const externalName: Section = {
  title: "networks.*.external, volumes.*.external",
  converted: { name: { shape: text } },
};
const externalFile: Section = {
  title: "secrets.*.external, configs.*.external",
  converted: { name: { shape: text } },
  openSince: 0,
};

const ipamPool: Section = {
  title: "networks.*.ipam.config[]",
  converted: { subnet: { shape: text } },
  refused: {
    gateway: { advice: "swarm networks choose the gateway themselves; leave it out" },
    ip_range: { advice: "a swarm network takes only a subnet" },
    aux_addresses: { advice: "a swarm network takes only a subnet" },
  },
};

const ipam: Section = {
  title: "networks.*.ipam",
  converted: { driver: { shape: text }, config: { shape: list(section(ipamPool)) } },
  refused: { options: { advice: "a swarm network takes a driver and subnets only" } },
};

const network: Section = {
  title: "networks.*",
  converted: {
    name: { shape: text, since: 5 },
    driver: { shape: text },
    driver_opts: { shape: options },
    ipam: { shape: section(ipam) },
    external: { shape: either(boolean, section(externalName)) },
    internal: { shape: boolean },
    attachable: { shape: boolean, since: 2 },
    labels: { shape: listOrDict },
  },
  refused: {
    enable_ipv4: { advice: "swarm networks always have IPv4; leave it out" },
    enable_ipv6: { advice: "create the network by hand and declare it external" },
  },
  extensionsSince: 7,
};

const volume: Section = {
  title: "volumes.*",
  converted: {
    name: { shape: text, since: 4 },
    driver: { shape: text },
    driver_opts: { shape: options },
    external: { shape: either(boolean, section(externalName)) },
    labels: { shape: listOrDict },
  },
  ignored: {
    "x-cluster-spec": {
      shape: section(clusterVolume),
      since: 7,
      ignored: "cluster volumes are not created by a stack; create it with docker volume create",
    },
  },
  extensionsSince: 7,
};

const fileObject: Readonly<Record<string, KeyRule>> = {
  name: { shape: text, since: 5 },
  file: { shape: text },
  external: { shape: either(boolean, section(externalFile)) },
  labels: { shape: listOrDict },
  template_driver: { shape: text, since: 8 },
};
const refusedSources = {
  content: { advice: "put the content into a file and name it with file" },
  environment: { advice: "put the value into a file and name it with file" },
};

const secret: Section = {
  title: "secrets.*",
  converted: {
    ...fileObject,
    driver: { shape: text, since: 8 },
    driver_opts: { shape: options, since: 8 },
  },
  refused: refusedSources,
  extensionsSince: 7,
};

const config: Section = {
  title: "configs.*",
  converted: fileObject,
  refused: refusedSources,
  extensionsSince: 7,
};

/** The top level of a stack file, and through it every key that there is. */
export const stackFile: Section = {
  title: "top level",
  converted: {
    version: { shape: text },
    services: { shape: dict(section(service), nameKeys) },
    networks: { shape: dict(either(section(network), nothing), /^/) },
    volumes: { shape: dict(either(section(volume), nothing), nameKeys) },
    secrets: { shape: dict(section(secret), nameKeys), since: 1 },
    configs: { shape: dict(section(config), nameKeys), since: 3 },
  },
  refused: {
    name: { advice: "the stack's name is given when it is deployed" },
    include: { advice: "name the files one after the other instead" },
    models: { advice: "run the model as a service" },
  },
  extensionsSince: 4,
};

/** The newest version of the stack file format, also meant by `3` and by no version at all. */
export const newestVersion = 13;
