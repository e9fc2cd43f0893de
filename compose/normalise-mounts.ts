import { bindPath, type Directories } from "./bind-path";
import type { MountConfig } from "./compose-config";
import type { StringNode } from "./compose-node";
import { got } from "./describe-value";
import { parseVolume } from "./parse-volume";
import type { ProblemList } from "./problem-list";
import { Fields } from "./read-fields";

/** The volumes of a service in the long form, with the sources of binds made absolute. */
export function normaliseMounts(
  fields: Fields,
  directories: Directories,
): MountConfig[] | undefined {
  const { problems } = fields;
  return fields.items("volumes")?.flatMap((item): MountConfig[] => {
    const mount = item.kind === "string" ? readShort(item, problems) : undefined;
    const long = item.kind === "map" ? readLong(new Fields(item, problems)) : undefined;
    const found = mount ?? long;
    if (!found) return [];
    if (found.type !== "bind") return [found];
    if (found.source === "") {
      problems.add(
        "load/bind-source",
        found.origin,
        "is a bind and has no source; name a path of the node",
      );
      return [];
    }
    if (found.source.startsWith("~") && directories.homeDirectory === "") {
      problems.warn(
        "surprise/no-home",
        found.origin,
        "begins with ~, and the home directory is not known",
      );
      return [{ ...found, source: bindPath(`./${found.source}`, directories) }];
    }
    return [{ ...found, source: bindPath(found.source, directories) }];
  });
}

function readShort(node: StringNode, problems: ProblemList): MountConfig | undefined {
  const { origin } = node;
  const volume = parseVolume(node.value);
  if (typeof volume === "string") {
    const message = `is not a volume: ${volume}${got(node)}; write "source:target"`;
    problems.add("decode/volume", origin, message);
    return undefined;
  }
  if (volume.unknown.length > 0) {
    const options = volume.unknown.join(", ");
    const message = `has options that Docker does not know here and leaves out, got ${options}`;
    problems.warn("ignored/volume-option", origin, message);
  }
  if (volume.isDriveTrap) {
    const message = `reads as a path on a Windows drive, as in Docker${got(node)}; give the volume a longer name`;
    problems.warn("surprise/one-letter-volume", origin, message);
  }
  const { type, source, target, readOnly, propagation, noCopy } = volume;
  return {
    ...{ origin, type, source, target, readOnly, consistency: "" },
    bind: propagation === "" ? undefined : { propagation },
    volume: noCopy ? { noCopy, subpath: "" } : undefined,
  };
}

function readLong(fields: Fields): MountConfig {
  const [bind, volume, tmpfs] = ["bind", "volume", "tmpfs"].map((key) => fields.fields(key));
  return {
    origin: fields.origin,
    type: fields.text("type"),
    source: fields.text("source"),
    target: fields.text("target"),
    readOnly: fields.flag("read_only"),
    consistency: fields.text("consistency"),
    bind: bind && { propagation: bind.text("propagation") },
    volume: volume && { noCopy: volume.flag("nocopy"), subpath: readSubpath(volume) },
    tmpfs: tmpfs && { sizeBytes: tmpfs.whole("size") ?? 0 },
  };
}

// The schema does not speak of it, so its type is looked at here.
function readSubpath(volume: Fields): string {
  const node = volume.node("subpath");
  if (node && node.kind !== "string" && node.kind !== "null") {
    volume.problems.add(
      "decode/type",
      node.origin,
      `must be a string${got(node)}; put it in quotes`,
    );
  }
  return volume.text("subpath");
}
