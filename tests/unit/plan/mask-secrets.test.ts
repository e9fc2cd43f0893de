import { maskSecrets } from "../../../plan/mask-secrets";

describe("maskSecrets", () => {
  it.each<[string, unknown, string[], unknown]>([
    ["a secret", { a: "x s3cret y" }, ["s3cret"], { a: "x [secret] y" }],
    [
      "each of its places",
      ["s3cret", "s3crets3cret"],
      ["s3cret"],
      ["[secret]", "[secret][secret]"],
    ],
    ["a name", { s3cret: 1 }, ["s3cret"], { "[secret]": 1 }],
    ["quotes", ['my "own"!'], ['"own"'], ["my [secret]!"]],
    ["backslashes", ["C:\\key;"], ["C:\\key"], ["[secret];"]],
    ["newlines", ["a\nb c"], ["a\nb"], ["[secret] c"]],
    ["what replacing has words for", ["$& $1"], ["$&"], ["[secret] $1"]],
    ["a secret in another", ["password1 pass"], ["pass", "password1"], ["[secret] [secret]"]],
  ])("hides %s, and what is left is JSON", (_, value, sensitive, shown) => {
    expect(JSON.parse(maskSecrets(JSON.stringify(value), sensitive))).toEqual(shown);
  });

  it.each([[[]], [[""]], [["absent"]]])("leaves what holds none of %j as it is", (sensitive) => {
    const json = JSON.stringify({ a: "text", b: ["[secret]", 1] });
    expect(maskSecrets(json, sensitive)).toBe(json);
  });
});
