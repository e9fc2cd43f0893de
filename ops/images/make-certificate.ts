import { X509Certificate } from "node:crypto";
import execa from "execa";

const TEN_YEARS = 3650;

/** A certificate and its private key (PEM). */
export interface CertificateWithKey {
  readonly certificate: string;
  readonly key: string;
}

/** Makes a certificate for an address that vouches for itself. Its key is on no disk and in no command line. */
export async function makeCertificate(address: string): Promise<CertificateWithKey> {
  const args = [
    ...["req", "-x509", "-nodes", "-days", String(TEN_YEARS), "-subj", "/CN=cloudlet registry"],
    ...["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-keyout", "-"],
    ...["-addext", `subjectAltName=IP:${address}`, "-addext", "extendedKeyUsage=serverAuth"],
  ];
  const { stdout, stderr, failed, exitCode } = await execa("openssl", args, { reject: false });
  if (failed) {
    // There is no exit code of a program that did not start.
    const isMissing = (exitCode as number | undefined) === undefined;
    throw new Error(
      isMissing
        ? "openssl: expected it on this machine, got none; `apt-get install openssl`"
        : `openssl: cannot make a certificate for ${address}: ${stderr}`,
    );
  }
  return { certificate: block(stdout, "CERTIFICATE"), key: block(stdout, "PRIVATE KEY") };
}

function block(text: string, kind: string): string {
  const found = new RegExp(`-----BEGIN ${kind}-----[\\s\\S]*?-----END ${kind}-----`).exec(text);
  if (found === null) throw new Error(`openssl: expected a ${kind.toLowerCase()}, got none`);
  return `${found[0]}\n`;
}

/** Whether a file's first certificate is for this address. */
export function isFor(address: string, certificate: string): boolean {
  try {
    return new X509Certificate(certificate).checkIP(address) !== undefined;
  } catch {
    return false;
  }
}
