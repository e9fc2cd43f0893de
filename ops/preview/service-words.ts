import { code, word } from "./markdown";
import { showLeaf, type ValueChange } from "./value-changes";

/** Parts of a service in a stack file's words, by path in the Engine API's shape or the docker provider's. */
const WORDS: readonly (readonly [path: RegExp, word: string])[] = [
  [/containerspec\.healthcheck/i, "healthcheck"],
  [/containerspec\.(command|args|commands)\b/i, "command"],
  [/containerspec\.mounts/i, "volumes"],
  [/containerspec\.secrets/i, "secrets"],
  [/containerspec\.configs/i, "configs"],
  [/containerspec\.labels/i, "container labels"],
  [/containerspec\.hosts/i, "extra_hosts"],
  [/containerspec\.stopgraceperiod/i, "stop_grace_period"],
  [/(tasktemplate|taskspec)\.networks/i, "networks"],
  [/(tasktemplate|taskspec)\.placement/i, "placement"],
  [/(tasktemplate|taskspec)\.resources/i, "resources"],
  [/(tasktemplate|taskspec)\.restartpolicy/i, "restart_policy"],
  [/(tasktemplate|taskspec)\.logdriver/i, "logging"],
  [/^endpointspec\.ports/i, "ports"],
  [/^endpointspec/i, "endpoint_mode"],
  [/^updateconfig/i, "update_config"],
  [/^rollbackconfig/i, "rollback_config"],
  [/^labels/i, "labels"],
  [/^mode/i, "mode"],
];

/** Where the Engine API has the image of a service. */
export const IMAGE_PATH = "TaskTemplate.ContainerSpec.Image";
const IMAGE = /containerspec\.image$/i;
const REPLICAS = /^mode\.\w+\.(replicas|totalcompletions)$/i;
const VARIABLE = /containerspec\.env\.(.*)$/i;
/** The docker CLI's own note of the image as it was written. */
const IMAGE_LABEL = /^labels\.com\.docker\.stack\.image$/i;

/** What changes in a service, each part once, in a stack file's words. */
export function serviceWords(changes: readonly ValueChange[]): string[] {
  return [...new Set(changes.flatMap(wordsOf))];
}

function wordsOf({ path, before, after }: ValueChange): string[] {
  if (IMAGE_LABEL.test(path)) return [];
  if (IMAGE.test(path)) return [imageWords(showLeaf(before), showLeaf(after))];
  if (REPLICAS.test(path) && before !== undefined && after !== undefined)
    return [`replicas ${word(showLeaf(before))} → ${word(showLeaf(after))}`];
  const variable = VARIABLE.exec(path)?.[1];
  if (variable !== undefined) return [`environment ${code(variable)}`];
  const known = WORDS.find(([part]) => part.test(path))?.[1];
  return [known ?? code(path.split(".").at(-1) ?? path)];
}

function imageWords(before: string, after: string): string {
  const [oldName = "", oldDigest] = before.split("@");
  const [newName = "", newDigest] = after.split("@");
  if (oldName !== newName) return `image ${code(oldName)} → ${code(newName)}`;
  return `image ${code(newName)}, another build (${code(shortDigest(oldDigest))} → ${code(shortDigest(newDigest))})`;
}

function shortDigest(digest = "no digest"): string {
  return digest.replace("sha256:", "").slice(0, 12);
}
