import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import { parseConfig } from "../../../config/parse-config";
import { readSettingsFile } from "../../../config/settings-file";
import { settingsSchema } from "../../../config/settings-schema";

const file = "Pulumi.example.yaml";
const written = readFileSync(join(__dirname, "../../..", file), "utf8");
// The one setting that would do harm to somebody who copies the file.
// Settings without a value of their own are there as comments.
const text = written.replace(
  /# (jumpHost|registryMirrors|registryCertificates|bridgePool|swarmPool):/g,
  "$1:",
);
const raw = readSettingsFile(file, text, "cloudlet");
// The file cannot hold secrets, as nobody has its passphrase: it names the commands that set them.
const secretNames = [...text.matchAll(/config set .*--secret cloudlet:(\w+)/g)].map(
  ([, name = ""]) => name,
);

interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | boolean;
}

/** The settings of a schema that a value, or none of several, says anything about. */
function unsaid(schema: Schema, values: readonly unknown[], path: string): string[] {
  const maps = values.filter((value) => typeof value === "object" && value !== null);
  const { properties = {}, additionalProperties: others } = schema;
  const own = Object.entries(properties).flatMap(([key, below]) => {
    const said = maps.flatMap((map) => (key in map ? [Reflect.get(map, key) as unknown] : []));
    return said.length === 0 ? [`${path}${key}`] : unsaid(below, said, `${path}${key}.`);
  });
  if (typeof others !== "object") return own;
  const entries = maps.flatMap((map) => Object.values(map) as unknown[]);
  return [...own, ...unsaid(others, entries, `${path}*.`)];
}

describe("Pulumi.example.yaml", () => {
  it("is accepted, once the secrets are set that it says how to set", () => {
    const config = parseConfig({ ...raw, secretNames });
    expect(secretNames).toEqual(["portainerPassword", "coffeeDbPassword", "coffeeBrokerPassword"]);
    expect(
      config.nodes.map(({ key, role, user, platform }) => [key, role, user, platform]),
    ).toEqual([
      ["pixel-1", "master", "cloudlet", "linux/arm/v7"],
      ["pixel-2", "master", "cloudlet", "linux/arm/v7"],
      ["pixel-3", "master", "cloudlet", "linux/arm/v7"],
      ["pixel-4", "compute", "user", "linux/arm64"],
    ]);
    expect(config.stacks.map(({ name, files }) => [name, files])).toEqual([
      ["coffee", ["stacks/go_coffee.yml"]],
      ["portainer", ["stacks/portainer_agent.yml"]],
    ]);
  });

  it("says something about every setting that there is", () => {
    const schema = z.toJSONSchema(settingsSchema, {
      io: "input",
      unrepresentable: "any",
    }) as Schema;
    expect(unsaid(schema, [raw.values], "")).toEqual([]);
    expect(unsaid(schema, [{ ...raw.values, ssh: {}, observe: undefined }], "")).toEqual([
      "ssh.user",
      "ssh.identityFile",
      "ssh.jumpHost",
      "ssh.connectTimeoutSeconds",
    ]);
  });

  it("shows the defaults as they are", () => {
    const [first = {}] = Object.values(raw.values.nodes as Record<string, object>);
    const bare = parseConfig({ values: { nodes: { "pixel-1": first } }, secretNames: [] });
    const { platform, routingMesh, observe, readyTimeoutSeconds, ssh } = parseConfig({
      ...raw,
      secretNames,
    });
    expect({ platform, routingMesh, observe, readyTimeoutSeconds }).toEqual({
      platform: bare.platform,
      routingMesh: bare.routingMesh,
      observe: bare.observe,
      readyTimeoutSeconds: bare.readyTimeoutSeconds,
    });
    expect({ ...ssh, jumpHost: undefined }).toEqual(bare.ssh);
  });

  it("is YAML that Pulumi accepts as a stack's settings: a config and nothing else", () => {
    expect(Object.keys(parse(text) as object)).toEqual(["config"]);
  });
});
