import { reportJson, reportText, wouldStop, type Diagnosis } from "../../../ops/doctor/report";
import type { Finding } from "../../../plan/preflight-finding";

const refusal: Finding = {
  severity: "refusal",
  where: "cloudlet:nodes.pixel-2",
  message:
    "expected a kernel with vxlan and br_netfilter, without which Swarm cannot work, got 6.16.12, which has none",
  fix: "take a kernel with CONFIG_VXLAN and CONFIG_BRIDGE_NETFILTER, or with whatever else it is that it lacks",
};
const warning: Finding = {
  severity: "warning",
  where: "cloudlet:nodes.pixel-1.address",
  message: "expected an address that stays",
  fix: "reserve it",
  standing: true,
};
const healthy: Diagnosis = { phones: 4, findings: [], notes: [], notTried: [] };

describe("the doctor's report", () => {
  it("is one line where nothing is wrong", () => {
    expect(reportText(healthy)).toBe("4 phones: 0 refusals, 0 warnings\n");
    expect(wouldStop(healthy)).toBe(false);
  });

  it("has refusals first, then warnings, then what was not looked at, in lines of 80 columns", () => {
    const text = reportText({
      phones: 1,
      findings: [warning, refusal, { ...warning, where: "stacks/shop.yml:3:5", fix: "" }],
      notes: [
        "pixel-3: it does not answer at 192.168.1.23, so it was not looked at (No route to host)",
      ],
      notTried: ["to pixel-4: its firewall is not open yet; `pulumi up` opens it"],
    });
    expect(text).toBe(`Refusals: \`up\` stops, or what it builds does not work
  cloudlet:nodes.pixel-2
    expected a kernel with vxlan and br_netfilter, without which Swarm cannot
    work, got 6.16.12, which has none
    fix: take a kernel with CONFIG_VXLAN and CONFIG_BRIDGE_NETFILTER, or with
         whatever else it is that it lacks

Warnings: \`up\` goes on
  cloudlet:nodes.pixel-1.address
    expected an address that stays
    fix: reserve it
  stacks/shop.yml:3:5
    expected an address that stays

Not looked at
  pixel-3: it does not answer at 192.168.1.23, so it was not looked at (No route
    to host)

Firewall not tried
  to pixel-4: its firewall is not open yet; \`pulumi up\` opens it

1 phone: 1 refusal, 2 warnings
`);
  });

  it("keeps a word whole that is longer than a line, to be copied", () => {
    const key = "k".repeat(90);
    const text = reportText({ ...healthy, findings: [{ ...warning, message: `got ${key} here` }] });
    expect(text).toContain(`    got\n    ${key}\n    here\n`);
  });

  it("would stop for refusals alone", () => {
    expect(wouldStop({ ...healthy, findings: [warning] })).toBe(false);
    expect(wouldStop({ ...healthy, findings: [warning, refusal] })).toBe(true);
  });

  it("is the same for programs", () => {
    const { where, message, fix } = warning;
    expect(JSON.parse(reportJson({ ...healthy, findings: [warning] }))).toEqual({
      phones: 4,
      findings: [{ severity: "warning", where, message, fix }],
      notes: [],
      notTried: [],
    });
  });
});
