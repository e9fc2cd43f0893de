import { openLab, type LabOptions } from "../../../sim/lab";
import { freeAddress, registryAddress } from "../../../sim/lab-network";

const options: LabOptions = {
  name: "tests",
  subnet: "10.86.0.0/24",
  phones: [{ name: "pixel-1" }],
  identityFile: "/does/not/matter",
  log: () => undefined,
};

describe("openLab", () => {
  it("names everything that is wrong with its options at once, before it does anything", async () => {
    const phones = [{ name: "pixel-1" }, { name: "pixel-1" }, { name: "no host" }];
    const wrong = { ...options, name: "Too long for a bridge", subnet: "10.86.0.0/16", phones };
    await expect(openLab(wrong)).rejects.toThrow(
      [
        'lab: name: expected at most 12 lower-case letters, digits and hyphens, got "Too long for a bridge"',
        'lab: subnet: expected a network of 256 addresses such as 10.86.0.0/24, got "10.86.0.0/16"',
        'lab: phones[1].name: expected a host name of its own, got "pixel-1"',
        'lab: phones[2].name: expected a host name of its own, got "no host"',
      ].join("\n"),
    );
  });

  it("simulates twelve phones at most", async () => {
    const phones = Array.from({ length: 13 }, (_, index) => ({ name: `pixel-${index}` }));
    await expect(openLab({ ...options, phones })).rejects.toThrow(
      "lab: phones: at most 12 can be simulated, got 13",
    );
  });
});

describe("addresses", () => {
  it("gives phones the lowest free one from .11 on, and the registry .2", () => {
    expect(registryAddress("10.86.0.0/24")).toBe("10.86.0.2");
    expect(freeAddress("10.86.0.0/24", new Set())).toBe("10.86.0.11");
    const taken = new Set(["10.86.0.11", "10.86.0.13"]);
    expect(freeAddress("10.86.0.0/24", taken)).toBe("10.86.0.12");
  });
});
