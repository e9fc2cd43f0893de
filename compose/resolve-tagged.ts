import { resolveScalar, type Scalar } from "./resolve-scalar";

const standard = "tag:yaml.org,2002:";
const kinds: Readonly<Record<string, Scalar["kind"]>> = {
  bool: "boolean",
  float: "float",
  int: "integer",
  null: "null",
  timestamp: "time",
};

/**
 * Types a scalar with its explicit tag (`!!str 5`), as gopkg.in/yaml.v3 does; undefined when the
 * text does not fit the tag. Tags that Go does not know leave a string.
 */
export function resolveTagged(tag: string, text: string): Scalar | undefined {
  const name = tag.startsWith(standard) ? tag.slice(standard.length) : "";
  if (name === "binary") return decodeBase64(text);
  const wanted = Object.hasOwn(kinds, name) ? kinds[name] : undefined;
  if (wanted === undefined) return { kind: "string", value: text };
  const scalar = resolveScalar(text);
  if (wanted === "float" && scalar.kind === "integer") {
    return { kind: "float", value: Number(scalar.value) };
  }
  return scalar.kind === wanted ? scalar : undefined;
}

function decodeBase64(text: string): Scalar | undefined {
  const compact = text.replace(/[\r\n]/g, "");
  if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(compact)) {
    return undefined;
  }
  return { kind: "string", value: Buffer.from(compact, "base64").toString("utf8") };
}
