import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import type { Tool } from "./tool";

/** What the language host's bundle is made of, besides its own source. */
const bundled = ["@pulumi/pulumi", "@grpc/grpc-js", "google-protobuf"];

/** Names what a build of the tool would give: the same for the same source, recipe and platform. */
export function fingerprint(tool: Tool): string {
  const hash = createHash("sha256");
  const add = (text: string | Buffer) => hash.update(`${text.length}:`).update(text);
  add(`${process.platform}/${process.arch}`);
  add(readFileSync(join(__dirname, "build-tool.ts")));
  add(readFileSync(join(__dirname, "versions.ts")));
  add(JSON.stringify(tool));
  for (const file of sourceFiles(join(__dirname, tool.source))) {
    add(file);
    add(readFileSync(join(__dirname, tool.source, file)));
  }
  if (!tool.goPackage) for (const name of bundled) add(packageManifest(name));
  return hash.digest("hex").slice(0, 32);
}

function sourceFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
}

function packageManifest(name: string): Buffer {
  return readFileSync(createRequire(__filename).resolve(`${name}/package.json`));
}
