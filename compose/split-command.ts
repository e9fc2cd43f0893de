/**
 * Splits a command line into words as github.com/google/shlex does: quotes, backslashes, and
 * comments from a `#` at the start of a word. A string instead says what is wrong.
 */
export function splitCommand(text: string): string[] | string {
  const words: string[] = [];
  let word: string | undefined;
  let quote: string | undefined;
  const characters = Array.from(text);
  for (let at = 0; at < characters.length; at++) {
    const character = characters[at] ?? "";
    const escapes = character === "\\" && quote !== "'";
    if (escapes) {
      const next = characters[++at];
      if (next === undefined) return "it ends after a backslash";
      word = (word ?? "") + next;
    } else if (quote !== undefined) {
      if (character === quote) quote = undefined;
      else word += character;
    } else if (character === '"' || character === "'") {
      quote = character;
      word ??= "";
    } else if (/[ \t\r\n]/.test(character)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else if (character === "#" && word === undefined) {
      const end = characters.indexOf("\n", at);
      at = end === -1 ? characters.length : end;
    } else {
      word = (word ?? "") + character;
    }
  }
  if (quote !== undefined) return `the closing ${quote} is missing`;
  return word === undefined ? words : [...words, word];
}
