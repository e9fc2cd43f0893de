/** The field of a value that came from outside as JSON, undefined if there is none. */
export function jsonField(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}

/** The text in a field of a value that came from outside as JSON, "" if there is none. */
export function jsonText(value: unknown, name: string): string {
  const field = jsonField(value, name);
  return typeof field === "string" ? field : "";
}
