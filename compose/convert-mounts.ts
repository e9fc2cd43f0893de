import type { ComposeConfig, MountConfig } from "./compose-config";
import { quote } from "./describe-value";
import { omitEmpty, toRecord } from "./omit-empty";
import type { Place, ProblemList } from "./problem-list";
import { scopedName, stackLabels } from "./scoped-name";
import type { Mount } from "./swarm-spec";

/** What the parts of a stack share while they are converted. */
export interface ConvertContext {
  stack: string;
  config: ComposeConfig;
  problems: ProblemList;
  /** Where a key path stands in the files. */
  place: (path: string) => Place;
}

// Which options each type of mount takes, and whether its source may or must be there.
const kinds: Readonly<
  Record<string, { options: readonly string[]; source: "required" | "optional" | "none" }>
> = {
  volume: { options: ["volume"], source: "optional" },
  bind: { options: ["bind"], source: "required" },
  tmpfs: { options: ["tmpfs"], source: "none" },
  npipe: { options: ["bind"], source: "required" },
  cluster: { options: [], source: "required" },
  image: { options: [], source: "required" },
};

/** One volume of a service as the Engine mounts it; undefined where it had to be refused. */
export function convertMount(mount: MountConfig, context: ConvertContext): Mount | undefined {
  const type = mount.type === "" ? "volume" : mount.type;
  if (!isAllowed(mount, type, context)) return undefined;
  const result: Mount = omitEmpty({
    Type: mount.type,
    Source: mount.source,
    Target: mount.target,
    ReadOnly: mount.readOnly,
    Consistency: mount.consistency,
  });
  if (type === "volume") return mount.source === "" ? result : withVolume(result, mount, context);
  if (type === "cluster") return withClusterVolume(result, mount, context);
  if (mount.bind) result.BindOptions = omitEmpty({ Propagation: mount.bind.propagation });
  if (mount.tmpfs) result.TmpfsOptions = omitEmpty({ SizeBytes: mount.tmpfs.sizeBytes });
  return result;
}

function isAllowed(mount: MountConfig, type: string, { problems }: ConvertContext): boolean {
  const { origin } = mount;
  const kind = Object.hasOwn(kinds, type) ? kinds[type] : undefined;
  if (!kind) {
    const message = `has an unknown type, got ${quote(type)}; write volume, bind, tmpfs, npipe or cluster`;
    problems.addMerged("convert/mount-type", origin, message);
    return false;
  }
  if (kind.source === "required" && mount.source === "") {
    problems.addMerged("convert/mount-source", origin, `is of type ${type} and needs a source`);
  }
  if (kind.source === "none" && mount.source !== "") {
    const message = `is of type ${type} and takes no source, got ${quote(mount.source)}; remove it`;
    problems.addMerged("convert/mount-source", origin, message);
  }
  const given = { bind: mount.bind, volume: mount.volume, tmpfs: mount.tmpfs };
  const wrong = Object.entries(given).filter(
    ([name, options]) => options && !kind.options.includes(name),
  );
  for (const [name] of wrong) {
    const message = `is of type ${type}, which takes no ${name} options; remove ${name}`;
    problems.addMerged("convert/mount-options", origin, message);
  }
  const isSourceRight =
    kind.source === "optional" || (mount.source === "") === (kind.source === "none");
  return isSourceRight && wrong.length === 0;
}

function withVolume(result: Mount, mount: MountConfig, context: ConvertContext): Mount | undefined {
  const { stack, config } = context;
  const volume = config.volumes.get(mount.source);
  if (!volume) return refuseUndefined(mount, context);
  const Source = volume.name || scopedName(stack, mount.source);
  const options = omitEmpty({ NoCopy: mount.volume?.noCopy, Subpath: mount.volume?.subpath });
  if (volume.external) return { ...result, Source, VolumeOptions: options };
  const hasDriver = volume.driver !== "" || volume.driverOpts !== undefined;
  const Options = volume.driverOpts?.size ? toRecord(volume.driverOpts) : undefined;
  return {
    ...result,
    Source,
    VolumeOptions: {
      ...options,
      Labels: stackLabels(stack, volume.labels),
      ...(hasDriver && { DriverConfig: { Name: volume.driver, ...(Options && { Options }) } }),
    },
  };
}

// A group of cluster volumes is outside of any stack, and its name stays as it is.
function withClusterVolume(
  result: Mount,
  mount: MountConfig,
  context: ConvertContext,
): Mount | undefined {
  if (mount.source.startsWith("group:")) return { ...result, ClusterOptions: {} };
  const volume = context.config.volumes.get(mount.source);
  if (!volume) return refuseUndefined(mount, context);
  const Source = volume.name || scopedName(context.stack, mount.source);
  return { ...result, Source, ClusterOptions: {} };
}

function refuseUndefined({ origin, source }: MountConfig, { problems }: ConvertContext): undefined {
  const message = `uses a volume that is not defined, got ${quote(source)}; define it under the top-level volumes, or begin a path with ./`;
  problems.addMerged("convert/undefined-volume", origin, message);
}
