import { substitute } from "../../../compose/substitute";

const variables = new Map([
  ["A", "va"],
  ["EMPTY", ""],
  ["lower", "l"],
]);
const lookup = (name: string) => variables.get(name);

describe("variables are substituted as the docker CLI does", () => {
  it.each([
    ["$A", "va"],
    ["${A}", "va"],
    ["$A$A", "vava"],
    ["$lower", "l"],
    ["${U:-def}", "def"],
    ["${EMPTY:-def}", "def"],
    ["${U-def}", "def"],
    ["${EMPTY-def}", ""],
    ["${A:?m}", "va"],
    ["${A?m}", "va"],
    ["${EMPTY?m}", ""],
    ["$$A", "$A"],
    ["$${A}", "${A}"],
    ["$$$A", "$va"],
    ["$U", ""],
    ["${U}", ""],
    ["${U:-a:-b}", "a:-b"],
    ["${U-has:-inside}", "inside"],
    ["${U:-}", ""],
    ["$A-suffix", "va"],
    ["$A-one two }three", "va}three"],
    ["${U:-${A}}", "${A}"],
    ['${U:-{{ index .Service.Labels "q"}}}', '{{ index .Service.Labels "q"}}'],
    ["${A:-a\nb}", "va"],
    ["${A}}", "va}"],
  ])("%s gives %s", (template, expected) => {
    const { text, error } = substitute(template, lookup);
    expect({ text, error }).toEqual({ text: expected, error: undefined });
  });

  it.each([
    "${A:=x}",
    "${A:+x}",
    "${}",
    "$",
    "$1",
    "a$",
    "${1A}",
    "${ A }",
    "${A!}",
    "${A/x/y}",
    "${A",
    "x${",
    "$é",
  ])("refuses %s", (template) => {
    expect(substitute(template, lookup).error).toEqual({ reason: "format" });
  });

  it.each([
    ["${U:?please}", "U", "please"],
    ["${EMPTY:?please set}", "EMPTY", "please set"],
    ["${U?}", "U", ""],
    ["$U?m", "U", "m"],
  ])("%s needs its variable", (template, name, message) => {
    expect(substitute(template, lookup).error).toEqual({ reason: "required", name, message });
  });

  it("forgets an error when a good variable follows, and says so", () => {
    const result = substitute("costs $ ${A}", lookup);
    expect(result).toMatchObject({ text: "costs  va", forgotten: { reason: "format" } });
    expect(result.error).toBeUndefined();
    expect(substitute("${A} $", lookup).error).toEqual({ reason: "format" });
  });

  it("says what a variable without braces swallows", () => {
    expect(substitute("$A-suffix", lookup).swallowed).toEqual({ name: "A", rest: "-suffix" });
    expect(substitute("${A}-suffix", lookup).swallowed).toBeUndefined();
  });

  it("stays quick on a long text of open braces", () => {
    const start = performance.now();
    substitute("${A:-".repeat(150_000), lookup);
    expect(performance.now() - start).toBeLessThan(2000);
  });
});
