import { parse, stringify } from "yaml";
import { z } from "zod";
import type { Problem } from "../config/problem";

/** What an image's name stood for when it was looked up. */
export interface LockedImage {
  /** The index's digest where the image has several platforms: `sha256:...`. */
  readonly digest: string;
  /** In Docker's notation: `linux/arm/v7`. */
  readonly platforms: readonly string[];
  /** The day of the look-up, `2026-11-22`. */
  readonly resolved: string;
}

/** Images by their name as the stack file has it. */
export type ImageLock = Readonly<Record<string, LockedImage>>;

const schema = z.strictObject({
  images: z
    .record(
      z.string(),
      z.strictObject({
        digest: z.string().regex(/^sha256:[0-9a-f]{64}$/),
        platforms: z.array(z.string()),
        resolved: z.string(),
      }),
    )
    .default({}),
});

/** Reads a lock file; no text is an empty lock. */
export function parseLock(
  path: string,
  text: string | undefined,
): { lock: ImageLock; problems: Problem[] } {
  if (text === undefined) return { lock: {}, problems: [] };
  const advice = "write it anew with `npm run images:lock`";
  try {
    const parsed = schema.safeParse(parse(text));
    if (parsed.success) return { lock: parsed.data.images, problems: [] };
    const [issue] = parsed.error.issues;
    const message = `expected an image lock, got something else at ${issue?.path.map(String).join(".") || "its top"}; ${advice}`;
    return { lock: {}, problems: [{ where: path, message }] };
  } catch {
    return {
      lock: {},
      problems: [{ where: path, message: `expected YAML, got something else; ${advice}` }],
    };
  }
}

/** Writes a lock file: sorted, so that only what changed shows as changed. */
export function formatLock(lock: ImageLock): string {
  const images = Object.fromEntries(Object.entries(lock).sort(([a], [b]) => (a < b ? -1 : 1)));
  return `# Written by \`npm run images:lock\`: what the stacks' images stand for, so that every phone runs the same build.
${stringify({ images }, { lineWidth: 0 })}`;
}
