import type { FileReference } from "./compose-config";
import { Fields } from "./read-fields";

/** The secrets or configs of a service in the long form. */
export function normaliseFileReferences(
  fields: Fields,
  key: "secrets" | "configs",
): FileReference[] | undefined {
  return fields.items(key)?.flatMap((item): FileReference[] => {
    const { origin } = item;
    if (item.kind === "string") {
      return [{ origin, source: item.value, target: "", uid: "", gid: "" }];
    }
    if (item.kind !== "map") return [];
    const reference = new Fields(item, fields.problems);
    return [
      {
        origin,
        source: reference.text("source"),
        target: reference.text("target"),
        uid: reference.text("uid"),
        gid: reference.text("gid"),
        mode: reference.count("mode", 32),
      },
    ];
  });
}
