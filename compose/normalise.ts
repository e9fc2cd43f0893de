import { filePath } from "./bind-path";
import type {
  ComposeConfig,
  FileObjectConfig,
  NetworkConfig,
  ServiceConfig,
  VolumeConfig,
} from "./compose-config";
import type { MapNode } from "./compose-node";
import type { EnvironmentSource } from "./normalise-environment";
import { normaliseService } from "./normalise-service";
import type { ProblemList } from "./problem-list";
import { Fields } from "./read-fields";

/** What all parts of one file share. */
interface Context {
  source: EnvironmentSource;
  version: number;
  problems: ProblemList;
}

/** Brings one file into the long form, with every short form written out and files found. */
export function normalise(document: MapNode, context: Context): ComposeConfig {
  const { source, problems } = context;
  const section = (key: string) => document.entries.get(key);
  const read = <T>(key: string, make: (name: string, node: MapNode) => T): Map<string, T> => {
    const result = new Map<string, T>();
    const node = section(key);
    if (node?.kind !== "map") return result;
    for (const [name, entry] of node.entries) {
      // A network or volume with nothing after its name is like one with an empty mapping.
      const empty: MapNode = { kind: "map", origin: entry.origin, entries: new Map() };
      if (entry.kind === "map") result.set(name, make(name, entry));
      else if (entry.kind === "null" && key !== "services") result.set(name, make(name, empty));
    }
    return result;
  };
  return {
    services: read<ServiceConfig>("services", (name, node) =>
      normaliseService(name, node, source, problems),
    ),
    networks: read("networks", (name, node) => readNetwork(name, node, context)),
    volumes: read("volumes", (name, node) => readVolume(name, node, context)),
    secrets: read("secrets", (name, node) => readFileObject(name, node, context)),
    configs: read("configs", (name, node) => readFileObject(name, node, context)),
  };
}

function readNetwork(key: string, node: MapNode, context: Context): NetworkConfig {
  const fields = new Fields(node, context.problems);
  const ipam = fields.fields("ipam");
  const pools = ipam?.items("config") ?? [];
  return {
    ...readCommon(key, fields, { ...context, renamedIn: 5 }),
    driver: fields.text("driver"),
    driverOpts: fields.pairs("driver_opts"),
    internal: fields.flag("internal"),
    attachable: fields.flag("attachable"),
    ipam: {
      driver: ipam?.text("driver") ?? "",
      subnets: pools.flatMap((pool) =>
        pool.kind === "map" ? [new Fields(pool, context.problems).text("subnet")] : [],
      ),
    },
  };
}

function readVolume(key: string, node: MapNode, context: Context): VolumeConfig {
  const fields = new Fields(node, context.problems);
  const volume = {
    ...readCommon(key, fields, { ...context, renamedIn: 4 }),
    driver: fields.text("driver"),
    driverOpts: fields.pairs("driver_opts"),
  };
  const set = [
    ...(volume.driver === "" ? [] : ["driver"]),
    ...(volume.driverOpts?.size ? ["driver_opts"] : []),
    ...(volume.labels?.size ? ["labels"] : []),
  ];
  const [first] = set;
  const conflict = volume.external && first !== undefined ? fields.node(first) : undefined;
  if (conflict) {
    const message = "cannot be set on an external volume; remove it, or external";
    context.problems.add("load/external-conflict", conflict.origin, message);
  }
  return volume;
}

function readFileObject(key: string, node: MapNode, context: Context): FileObjectConfig {
  const fields = new Fields(node, context.problems);
  const common = readCommon(key, fields, { ...context, renamedIn: 5 });
  const driver = fields.text("driver");
  const file = fields.text("file");
  const named = fields.node("file");
  if (!common.external && driver !== "" && file !== "" && named) {
    const message = "cannot stand beside driver: the driver gives the content; remove one of them";
    context.problems.add("load/driver-and-file", named.origin, message);
  }
  return {
    ...common,
    driver,
    driverOpts: fields.pairs("driver_opts"),
    templateDriver: fields.text("template_driver"),
    fileWritten: file,
    fileOrigin: file === "" ? undefined : named?.origin,
    file: common.external || driver !== "" ? file : filePath(file, context.source),
  };
}

function readCommon(
  key: string,
  fields: Fields,
  { version, problems, renamedIn }: Context & { renamedIn: number },
) {
  const external = fields.fields("external");
  const node = fields.node("external");
  const oldName = external?.text("name") ?? "";
  const isExternal = external !== undefined || fields.flag("external");
  const name = fields.text("name");
  if (node && oldName !== "" && name !== "") {
    const message = "cannot name it when name does too; only use name";
    problems.add("load/external-name-conflict", node.origin, message);
  } else if (node && oldName !== "" && version >= renamedIn) {
    const message = `is an old form; write external: true and name: ${oldName}`;
    problems.warn("surprise/external-name", node.origin, message);
  }
  const chosen = oldName === "" ? name : oldName;
  return {
    origin: fields.origin,
    name: isExternal && chosen === "" ? key : chosen,
    external: isExternal,
    labels: fields.pairs("labels"),
  };
}
