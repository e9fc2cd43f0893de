import {
  boolean,
  either,
  integer,
  number,
  options,
  section,
  strings,
  text,
  type Section,
  type Shape,
} from "./shape";

/** How a service uses a secret or config, in the long form. */
export const fileReference: Section = {
  title: "services.*.secrets[], services.*.configs[]",
  converted: {
    source: { shape: text },
    target: { shape: text },
    uid: { shape: text },
    gid: { shape: text },
    mode: { shape: number },
  },
  openSince: 0,
};

/** The credentials of a Windows container. */
export const credentialSpec: Section = {
  title: "services.*.credential_spec",
  converted: {
    config: { shape: text, since: 8 },
    file: { shape: text },
    registry: { shape: text },
  },
};

/** How a service is on a network. */
export const attachment: Section = {
  title: "services.*.networks.*",
  converted: {
    aliases: { shape: strings },
    driver_opts: { shape: options, since: 13 },
  },
  ignored: {
    ipv4_address: { shape: text, ignored: "a swarm gives the addresses itself" },
    ipv6_address: { shape: text, ignored: "a swarm gives the addresses itself" },
  },
  refused: {
    gw_priority: { advice: "a swarm chooses the gateway itself" },
    interface_name: { advice: "a swarm names its network interfaces itself" },
    link_local_ips: { advice: "a swarm gives the addresses itself" },
    mac_address: { advice: "a swarm gives the addresses itself" },
    priority: { advice: "a swarm sorts the networks by name" },
  },
};

const longPort: Section = {
  title: "services.*.ports[]",
  converted: {
    target: { shape: integer },
    published: { shape: integer },
    protocol: { shape: text },
    mode: { shape: text },
  },
  refused: {
    app_protocol: { advice: "leave it out" },
    host_ip: { advice: "a swarm publishes on all addresses of its nodes" },
    name: { advice: "leave it out" },
  },
};

/** A published port. */
export const port: Shape = either(
  { type: "number", format: "ports" },
  { type: "string", format: "ports" },
  section(longPort, 2),
);

const longMount: Section = {
  title: "services.*.volumes[]",
  converted: {
    type: { shape: text },
    source: { shape: text },
    target: { shape: text },
    read_only: { shape: boolean },
    consistency: { shape: text },
    bind: {
      shape: section({
        title: "services.*.volumes[].bind",
        converted: { propagation: { shape: text } },
        openSince: 0,
      }),
    },
    volume: {
      shape: section({
        title: "services.*.volumes[].volume",
        converted: { nocopy: { shape: boolean }, subpath: { shape: { type: "any" } } },
        openSince: 0,
      }),
    },
    tmpfs: {
      shape: section({
        title: "services.*.volumes[].tmpfs",
        converted: { size: { shape: { type: "integer", minimum: 0 } } },
        openSince: 0,
      }),
      since: 6,
    },
  },
  refused: {
    cluster: { advice: "leave it out: a cluster volume has no options here" },
    image: { advice: "leave it out: a mount of an image has no options here" },
  },
  required: ["type"],
};

/** A mount of a service. */
export const mount: Shape = either(text, section(longMount, 2));
