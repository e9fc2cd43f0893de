import type { ComposeNode } from "../../../compose/compose-node";
import { parseCompose } from "../../../compose/parse-compose";
import { ProblemList } from "../../../compose/problem-list";

function parse(text: string) {
  const problems = new ProblemList();
  const node = parseCompose({ path: "f.yml", text }, problems);
  return { value: node && plain(node), problems: problems.problems };
}

function plain(node: ComposeNode): unknown {
  switch (node.kind) {
    case "map":
      return Object.fromEntries([...node.entries].map(([key, value]) => [key, plain(value)]));
    case "list":
      return node.items.map(plain);
    case "null":
      return null;
    case "time":
      return { time: node.value };
    default:
      return node.value;
  }
}

describe("scalars are typed as Go types them", () => {
  it.each([
    ["1", 1n],
    ["0644", 420n],
    ["0o17", 15n],
    ["0x1F", 31n],
    ["0b11", 3n],
    ["1_000", 1000n],
    ["+5", 5n],
    ["-0", 0n],
    ["18446744073709551615", 18446744073709551615n],
    ["123456789012345678901234567890", Number("123456789012345678901234567890")],
    ["08", 8],
    ["1.0", 1],
    [".5", 0.5],
    [".1_0", 0.1],
    ["1e3", 1000],
    ["1e400", "1e400"],
    ["yes", "yes"],
    ["off", "off"],
    ["true", true],
    ["~", null],
    ["Null", null],
    ["12:30", "12:30"],
    ["22:22", "22:22"],
    ["2001-01-01", { time: "2001-01-01 00:00:00 +0000 UTC" }],
    ["2001-1-1", { time: "2001-01-01 00:00:00 +0000 UTC" }],
    ["2001-12-14t21:59:43.10-05:00", { time: "2001-12-14 21:59:43.1 -0500 -0500" }],
    ["2001-13-01", "2001-13-01"],
    ["2001-02-29", "2001-02-29"],
    ["'1'", "1"],
    ["!!str 5", "5"],
    ["!!int '7'", 7n],
    ["!!float 3", 3],
    ["!!binary aGk=", "hi"],
    ["!own x", "x"],
    ["! 12", 12n],
  ])("%s", (text, expected) => {
    expect(parse(`a: ${text}`).value).toEqual({ a: expected });
  });

  it.each(["!!int x", "!!bool yes", "!!binary '!'"])(
    "refuses %s, which does not fit its tag",
    (text) => {
      expect(parse(`a: ${text}`).problems).toEqual([
        expect.objectContaining({ kind: "yaml/syntax", where: "f.yml:1:1" }),
      ]);
    },
  );

  it("refuses infinities, which JSON cannot carry", () => {
    expect(parse("a: .inf").problems).toEqual([
      expect.objectContaining({ kind: "schema/not-finite", path: "a" }),
    ]);
  });
});

describe("texts", () => {
  it.each([
    [
      "brackets may be indented less than their key",
      "a:\n  b: [\n x,\n'y'\n]\n",
      { a: { b: ["x", "y"] } },
    ],
    ["quotes may go on at the start of a line", 'a:\n  b: "x\ny"\n', { a: { b: "x y" } }],
    ["a quote may be escaped in double quotes", String.raw`a: "it\'s"`, { a: "it's" }],
    ["a block that the file ends with has no last line break", "a: |\n  x\n  y", { a: "x\ny" }],
    ["a block before the end has one", "a: |\n  x\n", { a: "x\n" }],
    [
      "the byte order mark and CRLF are no part of it",
      "\ufeffa: x\r\nb: |\r\n  y\r\n",
      { a: "x", b: "y\n" },
    ],
    ["a comment may follow a bracket directly", "a: [b]#c\n", { a: ["b"] }],
    ["only the first document counts", "a: b\n---\n]: [", { a: "b" }],
    ["tabs may stand after a colon and in a block", "a:\tb\nc: |\n  \tx\n", { a: "b", c: "\tx\n" }],
    [
      "keys may be called like parts of JavaScript's objects",
      "constructor: 1\ntoString: 2\n",
      { constructor: 1n, toString: 2n },
    ],
  ])("%s", (_title, text, expected) => {
    expect(parse(text)).toEqual({ value: expected, problems: [] });
  });

  it("keeps __proto__ as a key like any other", () => {
    const node = parseCompose({ path: "f", text: "__proto__: {a: b}" }, new ProblemList());
    expect([...(node?.entries.keys() ?? [])]).toEqual(["__proto__"]);
  });
});

describe("anchors and merges", () => {
  it.each([
    ["own keys win over merged ones", "x: &x {a: 1, b: 2}\ny: {<<: *x, b: 3}", { a: 1n, b: 3n }],
    [
      "the first of several merged mappings wins",
      "x: &x {a: 1}\nz: &z {a: 2, c: 3}\ny: {<<: [*x, *z]}",
      { a: 1n, c: 3n },
    ],
    ["merges nest", "x: &x {a: 1}\nz: &z {<<: *x, b: 2}\ny: {<<: *z}", { a: 1n, b: 2n }],
    ["keys that come in by a merge become text", "x: &x {1: a}\ny: {<<: {1: b}, c: d}", undefined],
  ])("%s", (_title, text, expected) => {
    const { value } = parse(text);
    if (expected) expect(value).toEqual(expect.objectContaining({ y: expected }));
    else expect(value).toEqual(expect.objectContaining({ y: { 1: "b", c: "d" } }));
  });

  it("lets an alias mean the last anchor before it", () => {
    expect(parse("a: &x 1\nb: *x\nc: &x 2\nd: *x").value).toEqual({ a: 1n, b: 1n, c: 2n, d: 2n });
  });

  it.each([
    ["an anchor that is not there", "a: *nope", "names an anchor that is not there, got *nope"],
    ["a value that contains itself", "a: &a [*a]", "contains itself through its anchor, got *a"],
    [
      "a merge of something else",
      "a: &a 1\nb: {<<: *a}",
      "expected a mapping or a list of mappings",
    ],
    [
      "two merges in one mapping",
      "x: &x {a: 1}\ny: {<<: *x, <<: *x}",
      "is there twice, first in line 2",
    ],
    ["a key that is there twice", "a: 1\nb: {c: 1,\n  c: 2}", "is there twice, first in line 2"],
  ])("refuses %s", (_title, text, message) => {
    const { problems } = parse(text);
    expect(problems.map((problem) => problem.message).join("\n")).toContain(message);
  });
});

describe("what is refused with its place", () => {
  it.each([
    ["a tab before a key", "a:\n\tb: c", "f.yml:2:1"],
    ["a line with only a tab after quotes", "a: 'x'\n\t\nb: c", "f.yml:2:1"],
    ["a question mark in a text between brackets", "a: [http://x/?y]", "f.yml:1:5"],
    ["a key between brackets over two lines", "a: {b\n: c}", "f.yml:2:1"],
    ["a colon between brackets without a blank", "a: {b:[c]}", "f.yml:1:7"],
    ["a control character", "a: b\nc: d\0", "f.yml:2:5"],
    ["half a surrogate pair", "a: \ud800", "f.yml:1:4"],
    ["a line separator", "a: b\u2028c", "f.yml:1:5"],
    ["two values in one line", "a: b: c", "f.yml:1:4"],
    ["an escape that YAML does not know", 'a: "\\q"', "f.yml:1:5"],
    ["a list as a key", "? [a]\n: b", "f.yml:1:3"],
    ["a number as a key", "a: {8080: x}", "f.yml:1:5"],
    ["a list at the top", "- a", "f.yml:1:1"],
    ["an empty file", "", "f.yml:1:1"],
  ])("%s", (_title, text, where) => {
    expect(parse(text).problems.map((problem) => problem.where)).toContain(where);
  });
});

describe("limits", () => {
  it.each([
    ["a huge file", `a: ${"x".repeat(1024 * 1024)}`, "is larger than 1048576 characters"],
    ["deep brackets", `a: ${"[".repeat(500_000)}`, "is nested deeper than 100 levels"],
    ["deep braces", "a: " + "{a: ".repeat(200_000), "is nested deeper than 100 levels"],
    ["deep dashes", "- ".repeat(500_000), "is nested deeper than 100 levels"],
    [
      "deep keys",
      Array.from({ length: 500 }, (_, at) => `${" ".repeat(at)}a:`).join("\n"),
      "is nested deeper",
    ],
    ["a bomb of aliases", bomb((below) => `[${below}]`), "aliases expand to too many values"],
    [
      "a bomb of merges",
      bomb((below, at) => `{<<: [${below}], k${at}: 1}`),
      "aliases expand to too many values",
    ],
  ])("refuses %s, and quickly", (_title, text, message) => {
    const start = performance.now();
    const { problems } = parse(text);
    expect(problems.map((problem) => problem.message).join("\n")).toContain(message);
    expect(performance.now() - start).toBeLessThan(5000);
  });
});

function bomb(make: (below: string, level: number) => string): string {
  const levels = Array.from({ length: 30 }, (_, at) => {
    const below = Array.from({ length: 9 }, () => `*a${at}`).join(", ");
    return `a${at + 1}: &a${at + 1} ${make(below, at)}`;
  });
  return ["a0: &a0 {x: y}", ...levels].join("\n");
}
