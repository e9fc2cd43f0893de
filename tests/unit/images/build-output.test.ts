import { builtImages, explainBuildFailure } from "../../../images/build-output";

const build = { platforms: ["linux/arm/v7"] };

describe("what is said of a build that failed", () => {
  // What buildah 1.28 said, but for the address.
  it.each([
    [
      'exec /hello: exec format error\nError: building at STEP "RUN /hello": while running runtime: exit status 1',
      /^a RUN in the Dockerfile .* `apt-get install qemu-user-static binfmt-support`/,
    ],
    [
      'choosing an image from manifest list docker://192.168.1.21:5443/one:1: no image found in manifest list for architecture arm64, variant "", OS linux',
      /^an image that the Dockerfile begins FROM has no build for one of linux\/arm\/v7; /,
    ],
  ])("%s", (said, expected) => {
    expect(explainBuildFailure(said, build)).toMatch(expected);
  });

  it.each([
    "Error: no such file: build/linux/arm/v7/hello",
    "pinging container registry docker.io: connection refused",
  ])("nothing where it speaks for itself: %s", (said) => {
    expect(explainBuildFailure(said, build)).toBeUndefined();
  });
});

it("finds the images that a build of several platforms made", () => {
  const [one, two] = ["1", "2"].map((digit) => digit.repeat(64));
  const said = `[linux/arm64] COMMIT\n--> ${one?.slice(0, 11)}\n${one}\nsha256:${"3".repeat(64)}\n${two}\n${two}\n`;
  expect(builtImages(said)).toEqual([one, two]);
});
