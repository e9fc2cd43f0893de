import * as pulumi from "@pulumi/pulumi";
import { keepSecret } from "../../../stacks/keep-secret";

describe("keepSecret", () => {
  it("marks every text that holds a sensitive one, however deep, and leaves the rest as it is", async () => {
    const id = pulumi.output("id");
    const args = {
      name: "shop_web",
      replicas: 2,
      env: { URL: "http://me:s3cret@db", PORT: "80" },
      list: ["s3cret", { deep: ["xs3cretx"] }],
      id,
      nothing: undefined,
      empty: null,
    };
    const kept: typeof args = keepSecret(args, ["s3cret", "other"]);
    expect(kept.id).toBe(id);
    expect(kept).toMatchObject({ name: "shop_web", replicas: 2, nothing: undefined, empty: null });
    expect(kept.env.PORT).toBe("80");
    const deep = kept.list[1] as { deep: unknown[] };
    for (const [value, text] of [
      [kept.env.URL, "http://me:s3cret@db"],
      [kept.list[0], "s3cret"],
      [deep.deep[0], "xs3cretx"],
    ]) {
      expect(pulumi.Output.isInstance(value)).toBe(true);
      expect(await pulumi.isSecret(value as pulumi.Output<string>)).toBe(true);
      expect(await (value as { promise(): Promise<unknown> }).promise()).toBe(text);
    }
  });

  it.each([
    ["quotes", 'a"b', 'say "a\\"b"'],
    ["backslashes", "a\\b", 'path "a\\\\b"'],
    ["newlines", "a\nb", '{"text":"a\\nb"}'],
  ])("marks a text in which JSON writes a secret with %s", async (_, secret, json) => {
    const kept = keepSecret({ plain: `x${secret}x`, json, other: "none" }, [secret]);
    expect(kept.other).toBe("none");
    for (const [value, text] of [
      [kept.plain, `x${secret}x`],
      [kept.json, json],
    ]) {
      expect(await pulumi.isSecret(value as unknown as pulumi.Output<string>)).toBe(true);
      expect(await (value as unknown as { promise(): Promise<unknown> }).promise()).toBe(text);
    }
  });

  it("keeps lists lists", () => {
    expect(keepSecret(["a", ["b"], {}], ["none"])).toEqual(["a", ["b"], {}]);
  });

  it("does not take an empty secret for a part of everything", () => {
    expect(keepSecret({ a: "text", b: "" }, [""])).toEqual({ a: "text", b: "" });
  });
});
