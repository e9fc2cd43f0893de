import * as pulumi from "@pulumi/pulumi";

/**
 * Marks as secret every text in a resource's arguments that contains one of the sensitive ones, so that the state keeps it
 * encrypted. The result fits where the arguments did, as every input may be an output.
 */
export function keepSecret<Args extends object>(args: Args, sensitive: readonly string[]): Args;
export function keepSecret(args: object, sensitive: readonly string[]): unknown {
  return keepAny(args, withJsonForms(sensitive));
}

/** A copy of JSON for people's eyes, in which nothing sensitive is left. */
export function maskSecrets(json: string, sensitive: readonly string[]): string {
  return withJsonForms(sensitive).reduce(
    (shown, secret) => shown.replaceAll(secret, "[secret]"),
    json,
  );
}

// Inside JSON a text may look different. The longest first, as one may be a part of another.
function withJsonForms(sensitive: readonly string[]): string[] {
  const texts = sensitive.filter((text) => text !== "");
  const forms = texts.flatMap((text) => [text, JSON.stringify(text).slice(1, -1)]);
  return [...new Set(forms)].sort((a, b) => b.length - a.length);
}

function keepAny(value: unknown, sensitive: readonly string[]): unknown {
  if (typeof value === "string") {
    const holdsOne = sensitive.some((text) => value.includes(text));
    return holdsOne ? pulumi.secret(value) : value;
  }
  if (pulumi.Output.isInstance(value) || typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map((item: unknown) => keepAny(item, sensitive));
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, keepAny(item, sensitive)]),
  );
}
