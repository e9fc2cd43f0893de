import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import execa from "execa";
import { z } from "zod";

/** A login at a registry; an identity token stands in `password` under the user name `<token>`, as Docker's helpers give it. */
export interface Credentials {
  readonly username: string;
  readonly password: string;
}

/** Docker's name for Docker Hub in its configuration, which is older than registries' names. */
const DOCKER_HUB = "https://index.docker.io/v1/";

const dockerConfig = z.object({
  auths: z.record(z.string(), z.object({ auth: z.string().optional() })).optional(),
  credsStore: z.string().optional(),
  credHelpers: z.record(z.string(), z.string()).optional(),
});
const helperAnswer = z.object({ Username: z.string(), Secret: z.string() });
const HELPER_NAME = /^[A-Za-z0-9_.-]+$/;

/**
 * The operator's login at a registry, from where `docker login` left it: a credential helper, or `~/.docker/config.json`
 * (`$DOCKER_CONFIG`). Undefined where there is none. `registry` is as in an image's name: `ghcr.io`, `docker.io`.
 */
export async function findCredentials(registry: string): Promise<Credentials | undefined> {
  const config = readDockerConfig();
  const key = registry === "docker.io" ? DOCKER_HUB : registry;
  const helper = config.credHelpers?.[key] ?? config.credsStore;
  const stored = helper === undefined ? undefined : await askHelper(helper, key);
  if (stored !== undefined) return stored;
  const auth = config.auths?.[key]?.auth ?? config.auths?.[`https://${registry}`]?.auth;
  return auth === undefined || auth === "" ? undefined : decode(auth);
}

function readDockerConfig(): z.output<typeof dockerConfig> {
  const directory = process.env.DOCKER_CONFIG ?? join(homedir(), ".docker");
  let text: string;
  try {
    text = readFileSync(join(directory, "config.json"), "utf8");
  } catch {
    return {};
  }
  const parsed = dockerConfig.safeParse(JSON.parse(text));
  return parsed.success ? parsed.data : {};
}

// A helper that knows no login says so with an exit code.
async function askHelper(helper: string, key: string): Promise<Credentials | undefined> {
  if (!HELPER_NAME.test(helper)) return undefined;
  const { stdout, exitCode } = await execa(`docker-credential-${helper}`, ["get"], {
    input: key,
    reject: false,
  });
  if (exitCode !== 0) return undefined;
  const { Username, Secret } = helperAnswer.parse(JSON.parse(stdout));
  return { username: Username, password: Secret };
}

function decode(auth: string): Credentials {
  const text = Buffer.from(auth, "base64").toString();
  const colon = text.indexOf(":");
  return { username: text.slice(0, colon), password: text.slice(colon + 1) };
}

/** The Engine API's header for a login at a registry (`X-Registry-Auth`). */
export function registryAuth({ username, password }: Credentials, registry: string): string {
  const serveraddress = registry === "docker.io" ? DOCKER_HUB : registry;
  const login =
    username === "<token>"
      ? { identitytoken: password, serveraddress }
      : { username, password, serveraddress };
  return Buffer.from(JSON.stringify(login)).toString("base64url");
}
