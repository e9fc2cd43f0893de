import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  armLabs,
  imagesInUse,
  keepFacts,
  machineDirectory,
  machinesOf,
  makeMachineDirectory,
  removeLabDirectory,
  type MachineFacts,
} from "../../../sim/arm/arm-directory";

const before = process.env["XDG_CACHE_HOME"];
const cache = mkdtempSync(join(tmpdir(), "cloudlet-arm-"));
const facts: MachineFacts = {
  ...{ address: "10.105.0.11", processor: "armv7l" },
  ...{ login: "abc", image: "/images/one" },
};

beforeAll(() => {
  process.env["XDG_CACHE_HOME"] = cache;
});
afterAll(() => {
  if (before === undefined) delete process.env["XDG_CACHE_HOME"];
  else process.env["XDG_CACHE_HOME"] = before;
  rmSync(cache, { recursive: true });
});

describe("what is kept of ARM phones", () => {
  it("is nothing where there was never one", () => {
    expect([armLabs(), [...machinesOf("arm")], imagesInUse()]).toEqual([[], [], []]);
  });

  it("is each phone's facts, by lab, and the images that must stay for their disks", () => {
    makeMachineDirectory("arm", "pixel-1");
    keepFacts("arm", "pixel-1", facts);
    expect(machinesOf("arm")).toEqual(new Map([["pixel-1", facts]]));
    expect(machinesOf("other")).toEqual(new Map());
    expect(imagesInUse()).toEqual(["/images/one"]);
  });

  it("forgets a phone whose making was broken off, so that it is made anew", () => {
    makeMachineDirectory("arm", "pixel-2");
    expect([...machinesOf("arm").keys()]).toEqual(["pixel-1"]);
    expect(existsSync(machineDirectory("arm", "pixel-2"))).toBe(false);
  });

  it("goes with the lab", () => {
    removeLabDirectory("arm");
    expect(armLabs()).toEqual([]);
  });
});
