import { X509Certificate } from "node:crypto";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import {
  isFor,
  makeCertificate,
  type CertificateWithKey,
} from "../../../ops/images/make-certificate";
import { ownRegistry } from "../../../ops/images/own-registry";
import { requireRegistry } from "../../../ops/images/require-registry";
import { SAMPLE_CERTIFICATE } from "../../support/sample-certificate";
import { sampleConfig } from "../../support/sample-config";

const ADDRESS = "127.0.0.1";
let made: CertificateWithKey;
let server: Server;
let registry: string;
let status = 200;

beforeAll(async () => {
  made = await makeCertificate(ADDRESS);
  server = createServer({ cert: made.certificate, key: made.key }, (_, answer) => {
    answer.writeHead(status).end("{}");
  });
  await new Promise<void>((resolve) => server.listen(0, ADDRESS, resolve));
  registry = `${ADDRESS}:${(server.address() as AddressInfo).port}`;
});

afterAll(() => {
  server.close();
});

describe("the certificate of the cloudlet's own registry", () => {
  it("is for the one address, as a server, for ten years, and fits its key", () => {
    const certificate = new X509Certificate(made.certificate);
    expect(certificate.subjectAltName).toBe(`IP Address:${ADDRESS}`);
    expect(certificate.keyUsage).toEqual(["1.3.6.1.5.5.7.3.1"]);
    const years = (Date.parse(certificate.validTo) - Date.now()) / (365 * 24 * 3600 * 1000);
    expect(years).toBeCloseTo(10, 1);
    expect(made.key).toMatch(/^-----BEGIN PRIVATE KEY-----\n[\s\S]+\n-----END PRIVATE KEY-----\n$/);
    expect(made.certificate).not.toContain("PRIVATE");
  });

  it.each([
    ["192.168.1.21", SAMPLE_CERTIFICATE, true],
    ["192.168.1.22", SAMPLE_CERTIFICATE, false],
    ["192.168.1.21", "no certificate", false],
  ])("is for %s: %#", (address, certificate, expected) => {
    expect(isFor(address, certificate)).toBe(expected);
  });

  it("is for the first master", () => {
    expect(ownRegistry(sampleConfig())).toEqual({
      address: "192.168.1.21",
      registry: "192.168.1.21:5443",
    });
  });
});

describe("before a build, the registry", () => {
  const complaint = (certificate: string) =>
    requireRegistry({ registry, certificate }).then(
      () => "",
      (error: unknown) => (error as Error).message,
    );

  it("is right where it answers with its certificate", async () => {
    expect(await complaint(made.certificate)).toBe("");
  });

  it("is refused with another certificate", async () => {
    expect(await complaint(SAMPLE_CERTIFICATE)).toBe(
      `${registry}: it shows another certificate than the one in the settings (self-signed certificate); \`npm run up\` gives it that one`,
    );
  });

  it("is refused where it is something else", async () => {
    status = 401;
    expect(await complaint(made.certificate)).toContain("(it answered 401, ");
    status = 200;
  });

  it("is refused where nothing answers", async () => {
    await new Promise((resolve) => server.close(resolve));
    expect(await complaint(made.certificate)).toMatch(
      /^127\.0\.0\.1:\d+: the cloudlet's own registry does not answer \(connect ECONNREFUSED .*\); `npm run status` /,
    );
  });
});
