import { versions } from "./versions";

/** Takes one line for the user. */
export type Log = (line: string) => void;

/** A program that Pulumi needs, and how to come by it. */
export interface Tool {
  /** What the user is told. */
  readonly title: string;
  /** Where the engine expects it, within the Pulumi home. */
  readonly file: string;
  /** The folder of its source here, from which it can be built. */
  readonly source: string;
  /** The Go package to build there; undefined: it is TypeScript, to be bundled. */
  readonly goPackage?: string;
  /** The Go linker's further flags. */
  readonly linkerFlags?: readonly string[];
  /** What a bundle is made of besides its own source: modules that change with their version. */
  readonly bundles?: readonly string[];
  /** What to expect when nothing is downloaded or compiled yet. */
  readonly buildTime: string;
  /** The arguments of `pulumi plugin install` that fetch it from the vendor; undefined: it comes with the CLI. */
  readonly plugin?: readonly string[];
}

const cliFolder = `versions/${versions.cli}/bin`;

/** The CLI, which comes with the language host when it comes from the vendor. */
export const cli: Tool = {
  title: `the Pulumi CLI ${versions.cli}`,
  file: `${cliFolder}/pulumi`,
  source: "cli",
  goPackage: "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
  linkerFlags: [`-X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v${versions.cli}`],
  buildTime: "5 minutes",
};

/** What runs programs that are written for Node.js. */
export const languageHost: Tool = {
  title: "the language host for Node.js",
  file: `${cliFolder}/pulumi-language-nodejs`,
  source: "language-nodejs",
  bundles: [
    "./versions",
    "@pulumi/pulumi/package.json",
    "@grpc/grpc-js/package.json",
    "google-protobuf/package.json",
  ],
  buildTime: "a second",
};

/** All tools, in the order in which they are built: the slowest last. */
export const tools: readonly Tool[] = [
  languageHost,
  provider("command", versions.command, "2 minutes"),
  provider("docker", versions.docker, "4 minutes"),
  cli,
];

function provider(name: string, version: string, buildTime: string): Tool {
  return {
    title: `the ${name} provider ${version}`,
    file: `plugins/resource-${name}-v${version}/pulumi-resource-${name}`,
    source: `${name}-provider`,
    goPackage: ".",
    buildTime,
    plugin: ["resource", name, version],
  };
}
