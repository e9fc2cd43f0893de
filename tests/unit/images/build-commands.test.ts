import { builderConfig, buildahCommands, buildxCommands } from "../../../images/build-commands";

const args = {
  directory: "hello",
  platforms: ["linux/arm/v7", "linux/arm64"],
  reference: "192.168.1.21:5443/hello:1",
};
const words = (commands: Readonly<Record<string, readonly string[]>>) =>
  Object.fromEntries(Object.entries(commands).map(([name, command]) => [name, command.join(" ")]));

describe("the commands that build an image", () => {
  it("with buildah: in Docker's formats, each platform by itself, pushed to a registry that is verified", () => {
    const place = { list: "localhost/list", certificates: "/tmp/x" };
    expect(words(buildahCommands(args, place))).toEqual({
      build:
        "buildah build --format=docker --layers=false --platform=linux/arm/v7,linux/arm64 --manifest=localhost/list hello",
      push: "buildah manifest push --all --format=v2s2 --cert-dir=/tmp/x localhost/list docker://192.168.1.21:5443/hello:1",
      forget: "buildah manifest rm localhost/list",
    });
  });

  // Not run here, where no image of BuildKit can be had: as its documentation has it.
  it("with buildx: in a builder of our own that trusts the registry", () => {
    const place = { builder: "cloudlet-0123", configFile: "/tmp/x.toml" };
    expect(words(buildxCommands(args, place))).toEqual({
      find: "docker buildx inspect cloudlet-0123",
      create:
        "docker buildx create --name=cloudlet-0123 --driver=docker-container --buildkitd-config=/tmp/x.toml --bootstrap",
      build:
        "docker buildx build --builder=cloudlet-0123 --platform=linux/arm/v7,linux/arm64 --provenance=false --tag=192.168.1.21:5443/hello:1 --push hello",
    });
    expect(builderConfig("192.168.1.21:5443", '/tmp/a "b"/registry.crt')).toBe(
      '[registry."192.168.1.21:5443"]\nca = ["/tmp/a \\"b\\"/registry.crt"]\n',
    );
  });
});
