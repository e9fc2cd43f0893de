import { ConfigError } from "../../../config/problem";
import { readSettingsFile } from "../../../config/settings-file";

const read = (text: string) => readSettingsFile("Pulumi.dev.yaml", text, "cloudlet");

describe("readSettingsFile", () => {
  it("reads what the program would see, with the names of the secrets alone", () => {
    const text = `
config:
  cloudlet:routingMesh: "false"
  cloudlet:readyTimeoutSeconds: 60
  cloudlet:nodes:
    pixel-1: { address: 192.168.1.21, role: master }
  cloudlet:panelPassword:
    secure: v1:abc
  docker:host: ssh://elsewhere
encryptionsalt: v1:x
`;
    expect(read(text)).toEqual({
      values: {
        routingMesh: false,
        readyTimeoutSeconds: 60,
        nodes: { "pixel-1": { address: "192.168.1.21", role: "master" } },
      },
      secretNames: ["panelPassword"],
    });
  });

  it.each([[""], ["encryptionsalt: v1:x"], ["config:"], ["config: none"]])(
    "finds no settings in %j",
    (text) => expect(read(text)).toEqual({ values: {}, secretNames: [] }),
  );

  it("refuses what is no YAML", () => {
    expect(() => read("config: [")).toThrow(
      new ConfigError([{ where: "Pulumi.dev.yaml", message: "expected YAML, got something else" }]),
    );
  });
});
