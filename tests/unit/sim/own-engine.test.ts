import { tmpdir } from "node:os";
import { engineEnvironment } from "../../../sim/own-engine";

describe("engineEnvironment", () => {
  it("keeps the engine's temporary files apart from those of the test that starts it", () => {
    expect(engineEnvironment().TMPDIR).toBe("/run/cloudlet-simulation");
    expect(tmpdir()).not.toBe("/run/cloudlet-simulation");
  });

  it("finds what Debian keeps for root", () => {
    expect(engineEnvironment().PATH?.split(":")).toContain("/usr/sbin");
  });
});
