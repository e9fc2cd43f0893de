import { X509Certificate } from "node:crypto";
import type { Config } from "../config/config";
import { showValue, type Problem } from "../config/problem";
import type { StackFiles } from "./read-stack";

/** Certificates (PEM) by the registry that they are trusted for. */
export type RegistryCertificates = Readonly<Record<string, string>>;

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g;

/** Reads the certificates that the settings name. Nothing else that is in such a file gets further than here. */
export function readRegistryCertificates({
  config,
  projectDirectory,
  readFile,
}: Pick<StackFiles, "config" | "projectDirectory" | "readFile">): {
  certificates: RegistryCertificates;
  problems: Problem[];
} {
  const problems: Problem[] = [];
  const read = declared(config).map(([registry, path]): [string, string] => {
    const bytes = readFile(`${projectDirectory}/${path}`);
    const blocks = bytes && (Buffer.from(bytes).toString().match(CERTIFICATE) ?? []);
    const wrong = whatIsWrong(blocks);
    if (wrong !== undefined) {
      problems.push({
        where: `cloudlet:engine.registryCertificates.${registry}`,
        message: `expected a file of certificates (PEM), got ${showValue(path)}: ${wrong}`,
      });
    }
    return [registry, (blocks ?? []).map((block) => `${block}\n`).join("")];
  });
  return { certificates: Object.fromEntries(read), problems };
}

function declared({ engine }: Config): [registry: string, path: string][] {
  return Object.entries(engine.registryCertificates).sort(([a], [b]) => (a < b ? -1 : 1));
}

function whatIsWrong(blocks: readonly string[] | undefined): string | undefined {
  if (blocks === undefined) {
    return "no such file; for a registry of the cloudlet's own, `npm run registry:certificate` makes it";
  }
  if (blocks.length === 0) return "there is none in it";
  return blocks.every(isCertificate) ? undefined : "what is in it cannot be read as a certificate";
}

function isCertificate(block: string): boolean {
  try {
    return new X509Certificate(block).raw.length > 0;
  } catch {
    return false;
  }
}
