import { z } from "zod";
import type { EngineAnswer } from "../observe/engine-api";
import type { LockedImage } from "./lock-file";

const distribution = z.object({
  Descriptor: z.object({ digest: z.string() }),
  Platforms: z
    .array(z.object({ os: z.string(), architecture: z.string(), variant: z.string().optional() }))
    .nullish(),
});
const refusal = z.object({ message: z.string() });

/** Reads what an engine says of an image (`GET /distribution/NAME/json`). Throws an error with the name and the engine's own words. */
export function parseDistribution(
  name: string,
  answer: EngineAnswer | undefined,
  today: string,
): LockedImage {
  if (answer === undefined) throw new Error(`${name}: the master's engine gave no answer`);
  const found = distribution.safeParse(answer.body);
  if (answer.status !== 200 || !found.success) {
    const said = refusal.safeParse(answer.body).data?.message ?? `status ${answer.status}`;
    throw new Error(`${name}: the master's engine cannot look it up: ${said}`);
  }
  const { Descriptor, Platforms } = found.data;
  const names = (Platforms ?? [])
    .filter(({ os }) => os !== "unknown" && os !== "")
    .map(({ os, architecture, variant }) => [os, architecture, variant].filter(Boolean).join("/"));
  return { digest: Descriptor.digest, platforms: [...new Set(names)].sort(), resolved: today };
}

/** The requests that ask an engine for images, with the operator's logins: `[name, X-Registry-Auth]`. */
export function distributionRequests(
  images: readonly (readonly [string, string | undefined])[],
): string {
  return images
    .map(([name, auth], index) => {
      const headers = [
        `GET /distribution/${name}/json HTTP/1.1`,
        "Host: docker",
        ...(auth === undefined ? [] : [`X-Registry-Auth: ${auth}`]),
        ...(index === images.length - 1 ? ["Connection: close"] : []),
      ];
      return `${headers.join("\r\n")}\r\n\r\n`;
    })
    .join("");
}
