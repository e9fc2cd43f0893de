import { types } from "node:util";
import { z } from "zod";
import { findCredentials, type Credentials } from "./credentials";
import type { LockedImage } from "./lock-file";
import { parseImageReference, type ImageReference } from "./image-reference";

const REQUEST_SECONDS = 30;
const INDEX_TYPES = [
  "application/vnd.oci.image.index.v1+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
];
const MANIFEST_TYPES = [
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.docker.distribution.manifest.v2+json",
];

const platform = z.object({
  os: z.string(),
  architecture: z.string(),
  variant: z.string().optional(),
});
const index = z.object({ manifests: z.array(z.object({ platform: platform.optional() })) });
const manifest = z.object({ config: z.object({ digest: z.string() }) });

/** Where a registry answers, when that is not where its name says; for mirrors. */
export interface ResolveOptions {
  /** `http://10.86.0.2:5000`: asked for everything that would come from Docker Hub. */
  readonly mirror?: string;
  readonly today: string;
}

/** Asks a registry what an image's name stands for now. Throws an error that begins with the name and has the registry's own words. */
export async function resolveImage(name: string, options: ResolveOptions): Promise<LockedImage> {
  try {
    return await lookUp(name, options);
  } catch (error) {
    throw new Error(`${name}: ${describe(error)}`, { cause: error });
  }
}

function describe(error: unknown): string {
  if (error instanceof z.ZodError) return "the registry's answer is not an image's";
  if (!types.isNativeError(error)) return String(error);
  if (error.name === "TimeoutError") return `the registry gave no answer in ${REQUEST_SECONDS} s`;
  // fetch says only that it failed; why, its cause says.
  return types.isNativeError(error.cause) ? error.cause.message : error.message;
}

async function lookUp(name: string, { mirror, today }: ResolveOptions): Promise<LockedImage> {
  const reference = parseImageReference(name);
  const base = baseUrl(reference, mirror);
  const response = await get(
    `${base}/manifests/${reference.version}`,
    [...INDEX_TYPES, ...MANIFEST_TYPES].join(", "),
  );
  const digest = response.headers.get("docker-content-digest");
  if (digest === null) throw new Error("the registry gave no digest");
  const body: unknown = await response.json();
  const list = index.safeParse(body);
  const platforms = list.success
    ? list.data.manifests.flatMap((entry) => entry.platform ?? [])
    : [await configPlatform(base, body)];
  const names = platforms.map(platformName).filter((text) => !text.startsWith("unknown"));
  return { digest, platforms: [...new Set(names)].sort(), resolved: today };
}

function baseUrl({ registry, repository }: ImageReference, mirror: string | undefined): string {
  const host = registry === "docker.io" ? "registry-1.docker.io" : registry;
  const origin = registry === "docker.io" && mirror !== undefined ? mirror : `https://${host}`;
  return `${origin}/v2/${repository}`;
}

// An image for one platform says which in its config.
async function configPlatform(base: string, body: unknown): Promise<z.output<typeof platform>> {
  const { digest } = manifest.parse(body).config;
  const response = await get(`${base}/blobs/${digest}`, "*/*");
  return platform.parse(await response.json());
}

function platformName({ os, architecture, variant }: z.output<typeof platform>): string {
  return [os, architecture, variant].filter((part) => part !== undefined && part !== "").join("/");
}

async function get(url: string, accept: string): Promise<Response> {
  const first = await ask(url, { accept });
  const challenge = first.headers.get("www-authenticate");
  const response =
    first.status === 401 && challenge !== null
      ? await ask(url, { accept, authorization: await authorize(challenge, new URL(url).host) })
      : first;
  return answered(response);
}

function ask(url: string | URL, headers: Record<string, string>): Promise<Response> {
  return fetch(url, { headers, signal: AbortSignal.timeout(REQUEST_SECONDS * 1000) });
}

function answered(response: Response): Response {
  const { ok, status, statusText, url } = response;
  if (!ok) throw new Error(`the registry answered ${status} ${statusText} to ${url}`);
  return response;
}

const token = z
  .object({ token: z.string().optional(), access_token: z.string().optional() })
  .transform(({ token, access_token }) => token ?? access_token);

// Distribution's token dance, with the operator's login at that registry where there is one.
async function authorize(challenge: string, host: string): Promise<string> {
  const login = await findCredentials(host === "registry-1.docker.io" ? "docker.io" : host);
  if (/^basic /i.test(challenge) && login !== undefined) return basic(login);
  const fields = Object.fromEntries(
    [...challenge.matchAll(/(\w+)="([^"]*)"/g)].map(([, key = "", value = ""]) => [key, value]),
  );
  if (!/^bearer /i.test(challenge) || fields.realm === undefined)
    throw new Error(`the registry asks for a login: docker login ${host}`);
  const url = new URL(fields.realm);
  for (const key of ["service", "scope"])
    if (fields[key] !== undefined) url.searchParams.set(key, fields[key]);
  const headers = login && { authorization: basic(login) };
  const response = answered(await ask(url, headers ?? {}));
  return `Bearer ${token.parse(await response.json()) ?? ""}`;
}

function basic({ username, password }: Credentials): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
}
