import type { MapNode } from "./compose-node";
import { got, quote } from "./describe-value";
import { newestVersion } from "./key-tables";
import { printScalar } from "./print-value";
import type { ProblemList } from "./problem-list";

/** The version of a stack file: its text, and the N of 3.N by whose rules it is checked. */
export interface FileVersion {
  text: string;
  minor: number;
}

/** Reads a file's version, which must be the first file's; none and `3` mean the newest. */
export function fileVersion(
  document: MapNode,
  first: string | undefined,
  problems: ProblemList,
): FileVersion {
  const node = document.entries.get("version");
  const written = node ? (printScalar(node) ?? "<nil>") : "";
  const text = written === "" || written === "3" ? `3.${newestVersion}` : written;
  if (!node) {
    if (first !== undefined && first !== text) refuse(document.origin, text);
    return { text, minor: newestVersion };
  }
  const [, digits = ""] = /^3\.(0|[1-9][0-9]?)$/.exec(text) ?? [];
  const minor = digits === "" ? newestVersion + 1 : Number(digits);
  if (minor > newestVersion) {
    const message = `is not a version that a swarm knows${got(node)}; write "3.${newestVersion}", or leave version out`;
    problems.add("version/unsupported", node.origin, message);
  } else if (first !== undefined && first !== text) {
    refuse(node.origin, text);
  }
  return { text, minor: Math.min(minor, newestVersion) };

  function refuse(origin: MapNode["origin"], found: string): void {
    const message = `all files must have one version, got ${quote(found)} after ${quote(first ?? "")}`;
    problems.add("version/mismatch", origin, message);
  }
}
