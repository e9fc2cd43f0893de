import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join, resolve } from "node:path";
import execa from "execa";
import { ConfigError, showValue, type Problem } from "../../config/problem";
import {
  builderConfig,
  buildahCommands,
  buildxCommands,
  type BuildArgs,
  type BuildCommand,
} from "../../images/build-commands";
import { builtImages, explainBuildFailure } from "../../images/build-output";
import { readStackSettings } from "../project";
import { trustedRegistry, type TrustedRegistry } from "./own-registry";
import { requireRegistry } from "./require-registry";

/** What to build, as the command line says it. */
export interface BuildOptions {
  readonly stack: string;
  /** @default the directory's name */
  readonly name?: string;
  readonly tag: string;
  readonly platforms: string;
}

// As registries have them (distribution/reference).
const NAME = /^[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*(\/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*)*$/;
const TAG = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/;
const PLATFORM = /^linux\/[a-z0-9]+(\/v[0-9]+)?$/;

/** Builds the image of a directory for several platforms and pushes it to the cloudlet's registry; its name there. */
export async function buildImage(directory: string, options: BuildOptions): Promise<string> {
  const { config } = readStackSettings(options.stack);
  const name = options.name ?? basename(resolve(directory)).toLowerCase();
  const platforms = options.platforms.split(",");
  const problems = [...checkDirectory(directory), ...checkNames(name, options.tag, platforms)];
  if (problems.length > 0) throw new ConfigError(problems);
  const trusted = trustedRegistry(config, options.stack);
  const args = { directory, platforms, reference: `${trusted.registry}/${name}:${options.tag}` };
  const build = await findBuilder();
  await requireRegistry(trusted);
  const temporary = mkdtempSync(join(tmpdir(), "cloudlet-build-"));
  try {
    await build(args, trusted, temporary);
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
  return args.reference;
}

function checkDirectory(directory: string): Problem[] {
  const files = ["Dockerfile", "Containerfile"].map((name) => join(directory, name));
  if (files.some((file) => statSync(file, { throwIfNoEntry: false })?.isFile())) return [];
  return [{ where: directory, message: "expected a directory with a Dockerfile, got none" }];
}

function checkNames(name: string, tag: string, platforms: readonly string[]): Problem[] {
  const check = (option: string, text: string, pattern: RegExp, expected: string): Problem[] =>
    pattern.test(text)
      ? []
      : [{ where: option, message: `expected ${expected}, got ${showValue(text)}` }];
  return [
    ...check("--name", name, NAME, "a name of lower-case letters, digits and . _ - /"),
    ...check("--tag", tag, TAG, "a tag of letters, digits and . _ -"),
    ...platforms.flatMap((platform) =>
      check("--platforms", platform, PLATFORM, "platforms such as linux/arm/v7,linux/arm64"),
    ),
  ];
}

type Build = (args: BuildArgs, trusted: TrustedRegistry, temporary: string) => Promise<void>;

async function findBuilder(): Promise<Build> {
  if (await succeeds(["buildah", "--version"])) return buildWithBuildah;
  if (await succeeds(["docker", "buildx", "version"])) return buildWithBuildx;
  throw new Error(
    "images:build: expected buildah or docker buildx on this machine, got neither; `apt-get install buildah` (Debian, Ubuntu), or install Docker with its plugin buildx",
  );
}

const buildWithBuildah: Build = async (args, { certificate }, temporary) => {
  writeFileSync(join(temporary, "registry.crt"), certificate);
  const list = `localhost/${basename(temporary).toLowerCase()}`;
  const { build, push, forget } = buildahCommands(args, { list, certificates: temporary });
  const images: string[] = [];
  try {
    images.push(...builtImages(await run(build, args)));
    await run(push, args);
  } finally {
    await succeeds(forget);
    // They are in the registry, and no later build makes use of them.
    if (images.length > 0) await succeeds(["buildah", "rmi", ...images]);
  }
};

const buildWithBuildx: Build = async (args, { registry, certificate }, temporary) => {
  const certificateFile = join(temporary, "registry.crt");
  const configFile = join(temporary, "buildkitd.toml");
  writeFileSync(certificateFile, certificate);
  writeFileSync(configFile, builderConfig(registry, certificateFile));
  // It keeps what it was told when it was made.
  const hash = createHash("sha256").update(registry).update(certificate).digest("hex");
  const builder = `cloudlet-${hash.slice(0, 10)}`;
  const { find, create, build } = buildxCommands(args, { builder, configFile });
  if (!(await succeeds(find))) await run(create, args);
  await run(build, args);
};

async function succeeds([program, ...args]: BuildCommand): Promise<boolean> {
  return !(await execa(program, args, { reject: false, stdin: "ignore" })).failed;
}

// What it says goes to standard error as it comes: standard output has the name alone.
async function run([program, ...args]: BuildCommand, build: BuildArgs): Promise<string> {
  const running = execa(program, args, { all: true, reject: false, stdin: "ignore" });
  running.all?.pipe(process.stderr, { end: false });
  const { failed, exitCode, all = "" } = await running;
  if (!failed) return all;
  const command = [program, ...args.filter((arg) => !arg.startsWith("-")).slice(0, 2)].join(" ");
  const reason = explainBuildFailure(all, build);
  throw new Error(
    `${build.directory}: ${reason ?? `cannot be built and pushed: ${command} ended with ${exitCode}, for the reason above`}`,
  );
}
