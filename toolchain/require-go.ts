import execa from "execa";

/** From this version on, Go fetches by itself the newer version that a module asks for. */
const oldest = [1, 21] as const;

/** Throws, with what to install on this machine, unless there is a Go that can build the tools. */
export async function requireGo(): Promise<void> {
  const found = await output("go", ["env", "GOVERSION"], { GOTOOLCHAIN: "local" });
  if (isRecent(found)) return;
  const got = found === "" ? "none" : found;
  throw new Error(
    `toolchain: Go ${oldest.join(".")} or newer is needed to build the Pulumi tools, got ${got}; ` +
      (await advice()),
  );
}

/** Whether a version, as Go or a package manager writes it, will do. */
export function isRecent(version: string): boolean {
  const [, major, minor] = /(\d+)\.(\d+)/.exec(version) ?? [];
  if (!major || !minor) return false;
  const [oldestMajor, oldestMinor] = oldest;
  return +major > oldestMajor || (+major === oldestMajor && +minor >= oldestMinor);
}

async function advice(): Promise<string> {
  const debian = /Candidate: (?:\d+:)?(\S+)/.exec(
    await output("apt-cache", ["policy", "golang-go"]),
  )?.[1];
  if (debian && isRecent(debian)) return "install it with: apt-get install golang-go";
  const alpine = /^go-(\S+)/m.exec(await output("apk", ["list", "--available", "go"]))?.[1];
  if (alpine && isRecent(alpine)) return "install it with: apk add go";
  const old = debian ?? alpine;
  return `install it from https://go.dev/dl${old ? ` (this system's own is ${old})` : ""}`;
}

/** What a command prints, "" if it is missing or fails. */
async function output(command: string, args: string[], env = {}): Promise<string> {
  const result = await execa(command, args, { env, reject: false });
  return result.failed ? "" : result.stdout;
}
