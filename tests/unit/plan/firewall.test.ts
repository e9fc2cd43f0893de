import { createHash } from "node:crypto";
import { firewallText, sha256 } from "../../../plan/firewall";

describe("firewallText", () => {
  it("opens Swarm's ports to the peers and to nobody else, and starts from nothing each time", () => {
    expect(firewallText(["192.168.1.22", "192.168.1.21"]))
      .toBe(`# Written by cloudlet: the other phones of the cloudlet may reach Swarm's ports.
add chain inet filter cloudlet
flush chain inet filter cloudlet
add rule inet filter cloudlet ip saddr { 192.168.1.21, 192.168.1.22 } tcp dport { 2377, 7946 } accept
add rule inet filter cloudlet ip saddr { 192.168.1.21, 192.168.1.22 } udp dport { 4789, 7946 } accept
insert rule inet filter input jump cloudlet
`);
  });

  it("opens nothing for a phone that is alone, as an empty set is no valid rule", () => {
    expect(firewallText([])).not.toContain("saddr");
  });

  it("does not depend on the order of the peers, or every phone would be set up anew", () => {
    expect(firewallText(["10.0.0.9", "10.0.0.10"])).toBe(firewallText(["10.0.0.10", "10.0.0.9"]));
  });
});

it("hashes as sha256sum does, to be compared with what the phone says", () => {
  expect(sha256("ü\n")).toBe(createHash("sha256").update(Buffer.from("ü\n")).digest("hex"));
  expect(sha256("")).toBe("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
});
