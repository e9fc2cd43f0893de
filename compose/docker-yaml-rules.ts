import { CST } from "yaml";

/** Deeper nesting is refused; the stack file format itself needs about ten levels. */
export const maxDepth = 100;

const tabMessage = "a line must not begin with a tab; use blanks";

/** What Docker's YAML parser refuses and the yaml package takes, found lexeme by lexeme. */
export class DockerYamlRules {
  /** How many brackets and braces are open. */
  private depth = 0;
  /** How many dashes and question marks stand before one value of a line. */
  private dashes = 0;
  private isStart = true;
  private blanks = 0;
  /** The indentation of the line that a plain text ended on; undefined after anything else. */
  private textIndent: number | undefined;
  private indent = 0;
  private isText = false;
  /** Whether the text or quotes just read between brackets go over several lines. */
  private isBroken = false;
  private hasKey = false;
  private isAfterText = false;
  /** After a colon that belongs to a key without quotes. */
  private needsBlank = false;

  /** Why Docker refuses the file at this lexeme; undefined where it does not. */
  refusal(lexeme: string): string | undefined {
    const type = CST.tokenType(lexeme);
    if (this.needsBlank && type !== "space" && type !== "newline") {
      return "a colon between brackets must be followed by a blank";
    }
    this.needsBlank = type === "map-value-ind" && this.depth > 0 && this.isAfterText;
    this.isAfterText = this.isText || (this.isAfterText && type === "space");
    if (this.isText) return this.checkText(lexeme);
    if (type === "space") return this.checkSpace(lexeme);
    if (type === "map-value-ind" && this.isBroken && this.depth > 0) {
      return "a key must be on one line, with its colon";
    }
    if (type === "flow-map-start" || type === "flow-seq-start") this.depth++;
    if (type === "flow-map-end" || type === "flow-seq-end") this.depth--;
    if (this.isTooDeep(type)) return `is nested deeper than ${maxDepth} levels`;
    if (type === "scalar") this.isText = true;
    else if (type !== "newline") this.textIndent = undefined;
    this.isBroken = isQuoted(type) ? lexeme.includes("\n") : this.isKeyBroken(type);
    this.hasKey = isQuoted(type) || (this.hasKey && type === "newline");
    this.followLine(type);
    return undefined;
  }

  // Found here already, because the parser gets slow on what is nested a million levels deep.
  private isTooDeep(type: CST.TokenType | null): boolean {
    if (type === "newline") this.dashes = 0;
    if (type === "seq-item-ind" || type === "explicit-key-ind") this.dashes++;
    return this.depth > maxDepth || this.dashes > maxDepth;
  }

  // Only a line of blanks and tabs right after a plain text may have tabs, further in than it.
  private checkSpace(space: string): string | undefined {
    const tab = space.indexOf("\t");
    const column = this.blanks + (tab === -1 ? space.length : tab);
    const isAllowed = this.textIndent !== undefined && column > this.textIndent;
    if (tab !== -1 && this.isStart && this.depth === 0 && !isAllowed) return tabMessage;
    if (this.isStart) this.blanks = column;
    return undefined;
  }

  private checkText(text: string): string | undefined {
    this.isText = false;
    if (this.isStart) this.indent = this.blanks;
    // A block of text ends with the end of its last line.
    this.isStart = text.endsWith("\n");
    this.blanks = 0;
    this.textIndent = this.isStart ? undefined : this.indent;
    this.isBroken = text.includes("\n");
    this.hasKey = true;
    const sign = this.depth > 0 ? /^:|(?<=.)\?/s.exec(text)?.[0] : undefined;
    if (sign === undefined) return undefined;
    return `has a ${sign} in a text between brackets, which Docker's parser does not take; put the text in quotes`;
  }

  private isKeyBroken(type: CST.TokenType | null): boolean {
    return (type === "newline" && this.hasKey) || (type === "newline" && this.isBroken);
  }

  private followLine(type: CST.TokenType | null): void {
    if (type === "newline") this.blanks = 0;
    else if (this.isStart) this.indent = this.blanks;
    const opensLine = type === "newline" || type === "seq-item-ind" || type === "explicit-key-ind";
    const isMark = type === "doc-mode" || type === "byte-order-mark" || type === "scalar";
    this.isStart = opensLine || (this.isStart && isMark);
  }
}

function isQuoted(type: CST.TokenType | null): boolean {
  return type === "double-quoted-scalar" || type === "single-quoted-scalar";
}
