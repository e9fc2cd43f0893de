import fc from "fast-check";
import { formatLock, parseLock, type ImageLock } from "../../../images/lock-file";

const digest = (letter: string) => `sha256:${letter.repeat(64)}`;
const lock: ImageLock = {
  "web:1": { digest: digest("b"), platforms: ["linux/arm/v7"], resolved: "2026-11-22" },
  "api@latest": { digest: digest("a"), platforms: [], resolved: "2026-11-20" },
};

describe("formatLock", () => {
  it("sorts the images and says where the file comes from", () => {
    expect(formatLock(lock)).toBe(
      `# Written by \`npm run images:lock\`: what the stacks' images stand for, so that every phone runs the same build.
images:
  api@latest:
    digest: ${digest("a")}
    platforms: []
    resolved: 2026-11-20
  web:1:
    digest: ${digest("b")}
    platforms:
      - linux/arm/v7
    resolved: 2026-11-22
`,
    );
  });

  it("writes what parseLock reads back, whatever the names", () => {
    const name = fc.string({ minLength: 1 }).filter((text) => text !== "__proto__");
    const image = fc.record({
      digest: fc
        .string({ minLength: 64, maxLength: 64, unit: fc.constantFrom(..."0123456789abcdef") })
        .map((hex) => `sha256:${hex}`),
      platforms: fc.array(fc.constantFrom("linux/arm/v7", "linux/arm64", "linux/amd64")),
      resolved: fc.constantFrom("2026-11-22", "2027-01-01"),
    });
    fc.assert(
      fc.property(fc.dictionary(name, image), (any) => {
        expect(parseLock("lock.yml", formatLock(any))).toEqual({ lock: any, problems: [] });
      }),
      { numRuns: 100 },
    );
  });
});

describe("parseLock", () => {
  it("takes no file, and a file without images, for an empty lock", () => {
    expect(parseLock("lock.yml", undefined)).toEqual({ lock: {}, problems: [] });
    expect(parseLock("lock.yml", "images:\n")).toMatchObject({ lock: {} });
    expect(parseLock("lock.yml", "{}")).toEqual({ lock: {}, problems: [] });
  });

  it.each([
    ["images: [", "expected YAML, got something else"],
    ["", "expected an image lock, got something else at its top"],
    ["pictures: {}", "expected an image lock, got something else at its top"],
    [
      "images: { web: { digest: sha256:short, platforms: [], resolved: x } }",
      "expected an image lock, got something else at images.web.digest",
    ],
    [
      `images: { web: { digest: "${digest("a")}", platforms: [], resolved: x, more: 1 } }`,
      "expected an image lock, got something else at images.web",
    ],
  ])("refuses %j", (text, message) => {
    expect(parseLock("lock.yml", text)).toEqual({
      lock: {},
      problems: [
        { where: "lock.yml", message: `${message}; write it anew with \`npm run images:lock\`` },
      ],
    });
  });
});
