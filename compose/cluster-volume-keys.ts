import { list, listOrDict, section, text, type Section, type Shape } from "./shape";

function open(title: string, shapes: Record<string, Shape>): Section {
  const rules = Object.entries(shapes).map(([key, shape]) => [key, { shape }] as const);
  return { title, converted: Object.fromEntries(rules), openSince: 0 };
}

const size: Shape = { type: "string", format: "size" };
const at = "volumes.*.x-cluster-spec";
const topology = section(open(`${at}.accessibility_requirements.*[]`, { segments: listOrDict }));
const mountVolume = open(`${at}.access_mode.mount_volume`, {
  fs_type: text,
  mount_flags: list(text),
});

/** What a cluster volume is asked to be; checked as Docker does, and not used by a stack. */
export const clusterVolume: Section = open(at, {
  group: text,
  access_mode: section(
    open(`${at}.access_mode`, {
      scope: text,
      sharing: text,
      block_volume: section(open(`${at}.access_mode.block_volume`, {})),
      mount_volume: section(mountVolume),
    }),
  ),
  accessibility_requirements: section(
    open(`${at}.accessibility_requirements`, {
      requisite: list(topology),
      preferred: list(topology),
    }),
  ),
  capacity_range: section(
    open(`${at}.capacity_range`, { required_bytes: size, limit_bytes: size }),
  ),
  availability: text,
});
