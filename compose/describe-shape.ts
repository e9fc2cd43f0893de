import type { ComposeNode } from "./compose-node";
import type { Section, Shape } from "./shape";

const names: Readonly<Record<Shape["type"], string>> = {
  any: "anything",
  string: "a string",
  integer: "an integer",
  number: "a number",
  boolean: "true or false",
  null: "nothing",
  list: "a list",
  dict: "a mapping",
  section: "a mapping",
  either: "",
};

/** What a value may be, in words: `a string or a list`. */
export function describeShapes(shapes: readonly Shape[]): string {
  const words = [...new Set(shapes.map(({ type }) => names[type]))];
  const last = words.pop() ?? "";
  return words.length > 0 ? `${words.join(", ")} or ${last}` : last;
}

/** How to write a value of the wrong type, where there is an obvious way; else nothing. */
export function typeHint(node: ComposeNode, shapes: readonly Shape[]): string {
  const takes = (type: Shape["type"]) => shapes.some((shape) => shape.type === type);
  const isScalar = node.kind !== "list" && node.kind !== "map" && node.kind !== "null";
  if (takes("string") && isScalar) return "; put it in quotes";
  const isText = node.kind === "string";
  if (isText && (takes("integer") || takes("number")) && /^[-+.\d]+$/.test(node.value)) {
    return node.written === undefined
      ? "; remove the quotes"
      : "; Docker does not turn a variable into a number here";
  }
  if (isText && takes("boolean")) {
    return node.written === undefined
      ? "; write true or false without quotes"
      : "; Docker does not turn a variable into true or false here";
  }
  if (isText && takes("list")) return "; write it as a list, with - before each item";
  return "";
}

/** The key that was probably meant, spelled a little differently; else nothing. */
export function suggestKey(key: string, { converted, ignored }: Section): string {
  const plain = (text: string) => text.toLowerCase().replace(/[-_]/g, "").replace(/s$/, "");
  const known = [...Object.keys(converted), ...Object.keys(ignored ?? {})];
  const close = known.find((candidate) => plain(candidate) === plain(key));
  return close === undefined ? "" : `; did you mean ${close}`;
}
