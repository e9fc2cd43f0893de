import type { ComposeNode } from "./compose-node";
import { printScalar } from "./print-value";
import type { Origin } from "./source-file";

const secretWord = /pass|secret|token|key|cred|auth|private/i;

/** Whether a variable or key is called like something that must not be printed. */
export function isSecretName(name: string): boolean {
  return secretWord.test(name);
}

/** Whether what stands here may be a secret: any environment, and keys that are called like one. */
export function isPrivate({ path, name }: Origin): boolean {
  return /\.environment\b/.test(path) || isSecretName(name);
}

/** `, got "8080"`: a value for a message, as it is written; only its type if it may be secret. */
export function got(node: ComposeNode): string {
  if (isPrivate(node.origin)) return `, got a ${node.kind}`;
  switch (node.kind) {
    case "null":
      return ", got nothing";
    case "list":
    case "map":
      return `, got a ${node.kind === "list" ? "list" : "mapping"}`;
    case "string":
      return `, got ${quote(node.written ?? node.value)}`;
    default:
      return `, got ${printScalar(node) ?? ""}`;
  }
}

/** A text in quotes on one line, shortened where it is long. */
export function quote(text: string): string {
  const short = text.length > 80 ? `${text.slice(0, 77)}...` : text;
  return JSON.stringify(short);
}
