import type { LabelledObject } from "../../../observe/facts";
import { describeUndeclared, undeclaredObjects } from "../../../plan/undeclared";
import { swarmOf } from "../../support/sample-facts";
import { samplePlan } from "../../support/sample-plan";

const text = `version: "3.8"
services:
  web:
    image: web:1
    secrets: [key]
secrets: { key: { file: key.txt } }
`;
const { stacks } = samplePlan({
  settings: { stacks: { shop: { file: "shop.yml" } } },
  files: { "shop.yml": text, "key.txt": "k" },
});
const secret = stacks[0]?.secrets[0]?.spec.Name ?? "";
const found = (...labelled: LabelledObject[]) =>
  undeclaredObjects(stacks, { ...swarmOf([]), labelled }).map(
    ({ kind, name }) => `${kind} ${name}`,
  );
const of = (kind: LabelledObject["kind"], name: string, stack = "shop") => ({ kind, name, stack });

describe("undeclaredObjects", () => {
  it("finds what carries a declared stack's label and is declared nowhere", () => {
    expect(
      found(
        of("service", "shop_web"),
        of("network", "shop_default"),
        of("secret", secret),
        of("service", "shop_old"),
        of("config", "shop_page"),
        of("network", "shop_web"),
      ),
    ).toEqual(["service shop_old", "config shop_page", "network shop_web"]);
  });

  it("leaves stacks alone that are not in the settings", () => {
    expect(found(of("service", "other_web", "other"))).toEqual([]);
  });

  it("does not list the old content of a secret that this run replaces, but one that stayed behind", () => {
    const old = secret.replace(/.{10}$/, "0123456789");
    expect(found(of("secret", old))).toEqual([]);
    expect(found(of("secret", old), of("secret", secret))).toEqual([`secret ${old}`]);
  });
});

it("is one note, which says what to write", () => {
  expect(describeUndeclared([])).toEqual([]);
  expect(describeUndeclared([of("service", "shop_old"), of("network", "shop_net")])).toEqual([
    "in the swarm under a stack's label, and in no stack file: service shop_old, network shop_net; what this run does not delete anyway, it does with cloudlet:prune: true",
  ]);
});
