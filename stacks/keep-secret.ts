import * as pulumi from "@pulumi/pulumi";
import { withJsonForms } from "../plan/mask-secrets";

/**
 * Marks as secret every text in a resource's arguments that contains one of the sensitive ones, so that the state keeps it
 * encrypted. The result fits where the arguments did, as every input may be an output.
 */
export function keepSecret<Args extends object>(args: Args, sensitive: readonly string[]): Args;
export function keepSecret(args: object, sensitive: readonly string[]): unknown {
  return keepAny(args, withJsonForms(sensitive));
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
