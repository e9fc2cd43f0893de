import { convertStack } from "../../../compose/convert-stack";
import type { Platform } from "../../../config/config";
import { imageAsWritten, pinImages } from "../../../plan/pin-images";
import { sampleConfig, sampleNode } from "../../support/sample-config";

const DIGEST = `sha256:${"a".repeat(64)}`;

function pin(image: string, locked: readonly string[] | undefined, platforms: Platform[]) {
  const nodes = Object.fromEntries(
    platforms.map((platform, index) => [
      `phone-${index}`,
      sampleNode(index + 1, index === 0 ? "master" : "compute", { platform }),
    ]),
  );
  const conversion = convertStack({
    stack: "shop",
    files: [
      {
        path: "shop.yml",
        text: `version: "3.8"\nservices:\n  web:\n    image: ${image}\n    deploy:\n      placement:\n        constraints: [node.role == manager]\n`,
      },
    ],
    environment: {},
    workingDirectory: "/project",
    homeDirectory: "/root",
    readFile: () => undefined,
  });
  const lock =
    locked === undefined
      ? {}
      : { [image]: { digest: DIGEST, platforms: locked, resolved: "2026-11-22" } };
  const { services, problems } = pinImages(conversion, {
    lock,
    lockPath: "images.dev.lock.yml",
    config: sampleConfig({ nodes }),
  });
  const { ContainerSpec, Placement } = services.shop_web?.TaskTemplate ?? {};
  return { image: ContainerSpec?.Image, constraints: Placement?.Constraints, problems };
}

describe("pinImages", () => {
  it("gives the image the digest that was looked up, and keeps its tag for people", () => {
    expect(pin("web:1", ["linux/arm/v7", "linux/amd64"], ["linux/arm/v7"])).toEqual({
      image: `web:1@${DIGEST}`,
      constraints: ["node.role == manager", "node.labels.cloudlet.platform == linux/arm/v7"],
      problems: [],
    });
  });

  it("keeps a digest that the file gives itself", () => {
    const own = `web@sha256:${"b".repeat(64)}`;
    expect(pin(own, ["linux/arm/v7"], ["linux/arm/v7"]).image).toBe(own);
  });

  it("refuses an image that is not locked, where the file names it, and says how to lock it", () => {
    expect(pin("web:1", undefined, ["linux/arm/v7"]).problems).toEqual([
      {
        where: "shop.yml:4:5",
        message:
          'expected an image that images.dev.lock.yml knows, got "web:1"; look it up with `npm run images:lock`',
      },
    ]);
  });

  it.each([
    [["linux/amd64", "linux/arm64"], "linux/amd64, linux/arm64"],
    [[], "none"],
  ])("refuses an image with builds for %j on phones that are arm/v7", (locked, shown) => {
    expect(pin("web:1", locked, ["linux/arm/v7"]).problems).toEqual([
      {
        where: "shop.yml:4:5",
        message: `expected an image with a build for linux/arm/v7, got "web:1", which has ${shown}`,
      },
    ]);
  });

  it.each<[Platform, string, boolean]>([
    ["linux/arm/v7", "linux/arm/v7", true],
    ["linux/arm/v7", "linux/arm/v6", true],
    ["linux/arm/v7", "linux/arm/v5", true],
    ["linux/arm/v7", "linux/arm", true],
    ["linux/arm/v7", "linux/arm/v8", false],
    ["linux/arm/v7", "linux/arm64", false],
    ["linux/arm64", "linux/arm64", true],
    ["linux/arm64", "linux/arm64/v8", true],
    ["linux/arm64", "linux/arm/v7", false],
    ["linux/amd64", "linux/amd64", true],
    ["linux/amd64", "linux/amd64/v3", false],
  ])("on %s, a build for %s fits: %p", (platform, build, fits) => {
    expect(pin("web:1", [build], [platform]).problems.length === 0).toBe(fits);
  });

  it.each<[string, string[], Platform[], string[]]>([
    [
      "the one platform that it has a build for",
      ["linux/arm64"],
      ["linux/arm64", "linux/arm/v7"],
      ["node.labels.cloudlet.platform == linux/arm64"],
    ],
    [
      "all but the platform that it has no build for",
      ["linux/arm64", "linux/amd64"],
      ["linux/arm64", "linux/arm/v7", "linux/amd64"],
      ["node.labels.cloudlet.platform != linux/arm/v7"],
    ],
    [
      "every phone where it has a build for each",
      ["linux/arm64", "linux/arm/v7"],
      ["linux/arm64", "linux/arm/v7"],
      [],
    ],
  ])("on mixed phones, places an image on %s", (_, locked, platforms, expected) => {
    const { constraints, problems } = pin("web:1", locked, platforms);
    expect(problems).toEqual([]);
    expect(constraints).toEqual(["node.role == manager", ...expected]);
  });
});

it("knows an image by the name that the file gives it, as the lock does", () => {
  const spec = {
    Name: "shop_web",
    Mode: {},
    TaskTemplate: { ContainerSpec: { Image: "nginx:latest" } },
  };
  expect(imageAsWritten({ ...spec, Labels: { "com.docker.stack.image": "nginx" } })).toBe("nginx");
  expect(imageAsWritten({ ...spec, Labels: {} })).toBe("nginx:latest");
});
