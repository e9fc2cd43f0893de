import { readRegistryCertificates } from "../../../plan/registry-certificates";
import { SAMPLE_CERTIFICATE } from "../../support/sample-certificate";
import { sampleConfig } from "../../support/sample-config";
import { planProblems, samplePlan } from "../../support/sample-plan";

const OWN = "192.168.1.21:5443";
const where = `cloudlet:engine.registryCertificates.${OWN}`;
const PRIVATE_KEY = "-----BEGIN PRIVATE KEY-----\nMIGH\n-----END PRIVATE KEY-----\n";

function read(text: string | undefined) {
  const config = sampleConfig({ engine: { registryCertificates: { [OWN]: "keys/registry.crt" } } });
  return readRegistryCertificates({
    config,
    projectDirectory: "/project",
    readFile: (path) =>
      path === "/project/keys/registry.crt" && text !== undefined ? Buffer.from(text) : undefined,
  });
}

describe("the certificates of registries", () => {
  it.each([
    ["one", SAMPLE_CERTIFICATE, SAMPLE_CERTIFICATE],
    ["several", SAMPLE_CERTIFICATE.repeat(2), SAMPLE_CERTIFICATE.repeat(2)],
    ["one with words around it", `CN = us\n${SAMPLE_CERTIFICATE}\n\nend`, SAMPLE_CERTIFICATE],
    [
      "one beside a private key, which stays here",
      PRIVATE_KEY + SAMPLE_CERTIFICATE,
      SAMPLE_CERTIFICATE,
    ],
  ])("are read from a file: %s", (_, text, expected) => {
    expect(read(text)).toEqual({ certificates: { [OWN]: expected }, problems: [] });
  });

  it.each([
    [
      "no such file; for a registry of the cloudlet's own, `npm run registry:certificate` makes it",
      undefined,
    ],
    ["there is none in it", ""],
    ["there is none in it", PRIVATE_KEY],
    ["what is in it cannot be read as a certificate", SAMPLE_CERTIFICATE.replace("MIIB", "AAAA")],
  ])("are refused with their place: %s", (wrong, text) => {
    expect(read(text).problems).toEqual([
      {
        where,
        message: `expected a file of certificates (PEM), got "keys/registry.crt": ${wrong}`,
      },
    ]);
  });

  it("reach every phone's plan, looked at or not", () => {
    const settings = { engine: { registryCertificates: { [OWN]: "registry.crt" } } };
    const { nodes } = samplePlan({ settings, files: { "registry.crt": SAMPLE_CERTIFICATE } });
    expect(nodes.map(({ registryCertificates }) => registryCertificates)).toEqual(
      nodes.map(() => ({ [OWN]: SAMPLE_CERTIFICATE })),
    );
    expect(planProblems({ settings, files: { "registry.crt": "" } })).toMatchObject([{ where }]);
  });

  it.each(["https://a.example", "a/b", "../x", "-a", "a:", "a b", "a:0", ".a"])(
    "are for a registry as images name it, not for %j",
    (registry) => {
      expect(() => sampleConfig({ engine: { registryCertificates: { [registry]: "x" } } })).toThrow(
        "expected a registry as images name it, such as 192.168.1.21:5443, got",
      );
    },
  );
});
