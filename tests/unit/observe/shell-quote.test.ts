import fc from "fast-check";
import { shellQuote } from "../../../observe/shell-quote";
import { runScript, shells } from "../../support/shells";

const nasty = [
  "",
  " ",
  "'",
  "''",
  '"',
  "\\",
  "\\'",
  "\n",
  "a\nb\n",
  "-n",
  "--",
  "-rf /",
  "$(touch /tmp/x)",
  "`id`",
  "${HOME}",
  "$1",
  "!!",
  "*",
  "~",
  "~root",
  "a b",
  "a\tb",
  "# no comment",
  "x=1",
  "é ü 漢 🙂",
  "%s\\n",
  "{a,b}",
  ";&|<>()",
];
// Any text but NUL, which no argument can hold.
const text = fc
  .oneof(fc.string({ unit: "binary" }), fc.string({ unit: "grapheme" }), fc.constantFrom(...nasty))
  .map((any) => any.replaceAll("\0", ""));

describe.each(shells)("shellQuote in %s", (_, shell) => {
  const wordsOf = (script: string) => runScript(shell, script).stdout.split("\0").slice(0, -1);

  it.each(nasty)("brings %j through as one word", (word) => {
    expect(wordsOf(`printf '%s\\0' ${shellQuote(word)}`)).toEqual([word]);
  });

  it("brings any words through unchanged", () => {
    fc.assert(
      fc.property(fc.array(text, { minLength: 1, maxLength: 40 }), (words) => {
        const line = `printf '%s\\0' ${words.map(shellQuote).join(" ")}`;
        expect(wordsOf(line)).toEqual(words);
      }),
      { numRuns: 30 },
    );
  });

  // As it happens on the way to a phone: a script in a word of another script.
  it("brings any words through a shell inside a shell", () => {
    fc.assert(
      fc.property(fc.array(text, { minLength: 1, maxLength: 10 }), (words) => {
        const inner = `printf '%s\\0' ${words.map(shellQuote).join(" ")}`;
        expect(wordsOf(`${shell.join(" ")} -c ${shellQuote(inner)}`)).toEqual(words);
      }),
      { numRuns: 30 },
    );
  });
});

it.each([
  ["plain", "plain"],
  ["/a-b_c.d:e=f@g%h+i,j", "/a-b_c.d:e=f@g%h+i,j"],
  ["", "''"],
  ["it's", "'it'\\''s'"],
])("quotes %j only where it has to", (given, quoted) => {
  expect(shellQuote(given)).toBe(quoted);
});
