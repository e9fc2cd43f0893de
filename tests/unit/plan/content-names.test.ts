import { createHash, scryptSync } from "node:crypto";
import type { SecretSpec, ServiceSpec } from "../../../compose/swarm-spec";
import {
  checkLengths,
  nameContents,
  renameReferences,
  revisionOf,
} from "../../../plan/content-names";

const quick = (text: string) => createHash("sha256").update(text).digest("hex").slice(0, 10);
const slow = (text: string, name = "") =>
  scryptSync(text, `cloudlet shop ${name}`, 16, { N: 4096 }).toString("hex").slice(0, 10);

function service(
  env: string[],
  more: Partial<ServiceSpec["TaskTemplate"]["ContainerSpec"]> = {},
): ServiceSpec {
  return {
    Name: "shop_web",
    Labels: {},
    Mode: {},
    TaskTemplate: { ContainerSpec: { Image: "web:1", Env: env, ...more } },
  };
}

describe("nameContents", () => {
  const object = (Name: string, more: Partial<SecretSpec> = { Data: "QQ==" }): SecretSpec => ({
    Name,
    Labels: {},
    ...more,
  });

  it("puts a slow hash behind secrets, and a quick one behind configs", () => {
    expect(
      nameContents(
        "shop",
        { shop_key: object("shop_key"), empty: object("empty", {}) },
        { shop_page: object("shop_page") },
      ),
    ).toEqual({
      secrets: {
        shop_key: `shop_key_${slow("QQ==", "shop_key")}`,
        empty: `empty_${slow("", "empty")}`,
      },
      configs: { shop_page: `shop_page_${quick("QQ==")}` },
    });
  });

  it("gives another name to what is not the same, be it by its driver or template alone", () => {
    const vault = { Name: "vault" };
    const specs = [
      {},
      { Data: "QQ==" },
      { Driver: vault },
      { Driver: { ...vault, Options: { at: "x" } } },
      { Templating: vault },
      { Data: "QQ==", Templating: vault },
      { Data: "QQ==", Templating: { Name: "golang" } },
    ];
    for (const kind of ["secrets", "configs"] as const) {
      const named = specs
        .filter((spec) => kind === "secrets" || !("Driver" in spec))
        .map((spec) => {
          const objects = { x: object("x", spec) };
          const names = nameContents("shop", objects, objects);
          return names[kind].x;
        });
      expect(new Set(named).size).toBe(named.length);
    }
  });
});

describe("checkLengths", () => {
  it.each([
    [64, 0],
    [65, 1],
  ])("of a name with %i characters finds %i problems", (length, problems) => {
    const names = { secrets: { x: "x".repeat(length) }, configs: {} };
    expect(checkLengths("shop", names)).toHaveLength(problems);
    expect(checkLengths("shop", { secrets: {}, configs: names.secrets })).toHaveLength(problems);
  });
});

it("renames references to secrets and to configs, each by its own kind", () => {
  const File = { Name: "x", UID: "0", GID: "0", Mode: 0o444 };
  const spec = service([], {
    Secrets: [
      { SecretName: "a", File },
      { SecretName: "other", File },
    ],
    Configs: [
      { ConfigName: "a", File },
      { ConfigName: "login", Runtime: {} },
    ],
    Privileges: { CredentialSpec: { Config: "login", File: "", Registry: "" } },
  });
  const names = { secrets: { a: "a_1" }, configs: { a: "a_2", login: "login_3" } };
  expect(renameReferences(spec, names).TaskTemplate.ContainerSpec).toEqual({
    Image: "web:1",
    Env: [],
    Secrets: [
      { SecretName: "a_1", File },
      { SecretName: "other", File },
    ],
    Configs: [
      { ConfigName: "a_2", File },
      { ConfigName: "login_3", Runtime: {} },
    ],
    Privileges: { CredentialSpec: { Config: "login_3", File: "", Registry: "" } },
  });
});

it.each([
  [{ Config: "theirs" }],
  [{ Config: "", File: "login.json", Registry: "" }],
  [{ Registry: "key" }],
])("leaves the credentials %j as they are, which name none of the stack's configs", (given) => {
  const spec = service([], { Privileges: { CredentialSpec: given } });
  expect(renameReferences(spec, { secrets: {}, configs: { login: "login_3" } })).toEqual(spec);
});

it("changes a revision with anything in a service", () => {
  const [before, same, after] = ["A=1", "A=1", "A=2"].map((line) => revisionOf([service([line])]));
  expect(before).toBe(same);
  expect(before).not.toBe(after);
});
