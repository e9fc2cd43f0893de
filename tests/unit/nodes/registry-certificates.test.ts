import { setUpEngineScript, undoPhoneScript } from "../../../nodes/phone-scripts";
import { FILE_SUMS } from "../../../observe/facts-scripts";
import type { RegistryCertificates } from "../../../plan/registry-certificates";
import { SAMPLE_CERTIFICATE } from "../../support/sample-certificate";
import { samplePlannedNode } from "../../support/sample-node";
import { shells } from "../../support/shells";
import { SimulatedPhone } from "../../support/simulated-phone";

const DIRECTORY = "/etc/docker/certs.d";
const OWN = "192.168.1.21:5443";
const OTHER = "registry.example";
const fileOf = (registry: string) => `${DIRECTORY}/${registry}/cloudlet.crt`;

describe.each(shells)("in %s", (_, shell) => {
  const setUp = (phone: SimulatedPhone, registryCertificates: RegistryCertificates) => {
    const script = setUpEngineScript({ ...samplePlannedNode("compute"), registryCertificates });
    expect(phone.run(shell, script, "7")).toMatchObject({ status: 0, stderr: "" });
  };
  const sums = (phone: SimulatedPhone) =>
    phone
      .read(FILE_SUMS)
      .split("\n")
      .filter((line) => line.includes("certs.d"));

  it("gives the engine each registry's certificates, as they are, and writes down what they are", () => {
    const phone = new SimulatedPhone();
    const two = `${SAMPLE_CERTIFICATE}${SAMPLE_CERTIFICATE}`;
    setUp(phone, { [OWN]: SAMPLE_CERTIFICATE, [OTHER]: two });
    expect(phone.read(fileOf(OWN))).toBe(SAMPLE_CERTIFICATE);
    expect(phone.read(fileOf(OTHER))).toBe(two);
    expect(phone.has(`${fileOf(OWN)}.new`)).toBe(false);
    expect(sums(phone)).toHaveLength(2);
    // Neither a restart nor a word to the engine.
    expect(phone.calls().filter((call) => call.startsWith("rc-service"))).toEqual([]);
  });

  it("writes them anew where somebody changed them, and no checksum twice", () => {
    const phone = new SimulatedPhone();
    setUp(phone, { [OWN]: SAMPLE_CERTIFICATE });
    phone.write(fileOf(OWN), "something else");
    setUp(phone, { [OWN]: SAMPLE_CERTIFICATE });
    expect(phone.read(fileOf(OWN))).toBe(SAMPLE_CERTIFICATE);
    expect(sums(phone)).toHaveLength(1);
  });

  it("takes away what is declared no more, and leaves what is others'", () => {
    const phone = new SimulatedPhone();
    phone.write(`${DIRECTORY}/${OTHER}/ca.crt`, "theirs");
    setUp(phone, { [OWN]: SAMPLE_CERTIFICATE, [OTHER]: SAMPLE_CERTIFICATE });
    setUp(phone, {});
    expect(phone.has(`${DIRECTORY}/${OWN}`)).toBe(false);
    expect(phone.has(fileOf(OTHER))).toBe(false);
    expect(phone.read(`${DIRECTORY}/${OTHER}/ca.crt`)).toBe("theirs");
    expect(sums(phone)).toEqual([]);
  });

  it("tells a registry from one whose name begins alike", () => {
    const phone = new SimulatedPhone();
    setUp(phone, { [`${OTHER}:5000`]: SAMPLE_CERTIFICATE, [OTHER]: SAMPLE_CERTIFICATE });
    setUp(phone, { [`${OTHER}:5000`]: SAMPLE_CERTIFICATE });
    expect(phone.has(fileOf(`${OTHER}:5000`))).toBe(true);
    expect(phone.has(fileOf(OTHER))).toBe(false);
  });

  it("undone, leaves nothing, nor the directories that were made for it", () => {
    const phone = new SimulatedPhone();
    setUp(phone, { [OWN]: SAMPLE_CERTIFICATE });
    const undone = phone.run(shell, undoPhoneScript("pixel-4", "cloudlet"));
    expect(undone).toMatchObject({ status: 0, stderr: "" });
    expect(phone.has(DIRECTORY)).toBe(false);
  });
});
