import type { CST } from "yaml";
import { Composer, Parser, type Document } from "yaml";
import type { ComposeNode, MapNode } from "./compose-node";
import { DockerYamlRules, maxDepth } from "./docker-yaml-rules";
import { looseLexer } from "./loose-lexer";
import { NodeReader } from "./node-reader";
import type { ProblemList } from "./problem-list";
import { Origin, SourceFile } from "./source-file";

/** Larger files are refused: no stack file comes near it, and a parser must stay quick. */
export const maxFileCharacters = 1024 * 1024;

// What YAML does not allow, and the line breaks that only Docker's parser takes for such.
const forbiddenCharacter =
  // eslint-disable-next-line no-control-regex
  /[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;

/** Reads the first YAML document of a stack file, typed as Docker types it; undefined if it cannot. */
export function parseCompose(
  file: { path: string; text: string },
  problems: ProblemList,
): MapNode | undefined {
  const source = new SourceFile(file.path, file.text.replace(/^\ufeff/, ""));
  const root = new Origin(source, 0);
  const refuse = (offset: number, message: string) => {
    problems.add("yaml/syntax", new Origin(source, offset), message);
    return undefined;
  };
  if (source.text.length > maxFileCharacters) {
    return refuse(
      0,
      `is larger than ${maxFileCharacters} characters, got ${source.text.length}; split the stack`,
    );
  }
  const control = forbiddenCharacter.exec(source.text);
  if (control) {
    const code = control[0].charCodeAt(0).toString(16).toUpperCase().padStart(4, "0");
    return refuse(
      control.index,
      `this character is not allowed here, got U+${code}; remove it, or write it as "\\u${code}"`,
    );
  }
  const { tokens, refused } = firstDocument(source.text);
  if (refused) return refuse(refused.offset, refused.message);
  const deep = checkTokens(tokens);
  if (deep !== undefined) return refuse(deep, `is nested deeper than ${maxDepth} levels`);
  const document = composeDocument(tokens, source.text.length);
  const errors = (document?.errors ?? []).filter(({ message }) => !isTolerated(message));
  for (const { pos, message } of errors) refuse(pos[0], lowerFirst(message.replace(/\.$/, "")));
  if (errors.length > 0) return undefined;
  const node = document && new NodeReader(document, problems).read(document.contents, root);
  return topMapping(node ?? { kind: "null", origin: root }, root, problems);
}

function topMapping(
  node: ComposeNode | undefined,
  root: Origin,
  problems: ProblemList,
): MapNode | undefined {
  if (node?.kind === "map") return node;
  if (node) {
    const message = `the top level of a stack file must be a mapping, got a ${node.kind}`;
    problems.add("yaml/top-level", root, message);
  }
  return undefined;
}

// As the docker CLI, only the first document counts: what follows `---` is not even looked at.
function firstDocument(text: string): {
  tokens: CST.Token[];
  refused?: { offset: number; message: string };
} {
  const parser = new Parser();
  const rules = new DockerYamlRules();
  const tokens: CST.Token[] = [];
  for (const lexeme of looseLexer().lex(text)) {
    const message = rules.refusal(lexeme);
    if (message !== undefined) return { tokens, refused: { offset: parser.offset, message } };
    for (const token of parser.next(lexeme)) {
      tokens.push(token);
      if (token.type === "document") return { tokens };
    }
  }
  tokens.push(...parser.end());
  return { tokens };
}

function composeDocument(tokens: CST.Token[], end: number): Document.Parsed | undefined {
  // Scalars stay texts here: Go's typing is our own.
  const options = {
    schema: "failsafe",
    resolveKnownTags: false,
    merge: false,
    uniqueKeys: false,
  } as const;
  for (const document of new Composer(options).compose(tokens, true, end)) return document;
  return undefined;
}

// Walks without recursion, because what comes next (in the library and here) recurses.
function checkTokens(tokens: CST.Token[]): number | undefined {
  const stack: { token: CST.Token; depth: number }[] = tokens.map((token) => ({ token, depth: 0 }));
  for (let top = stack.pop(); top; top = stack.pop()) {
    const { token, depth } = top;
    if (depth > maxDepth) return token.offset;
    if (token.type === "double-quoted-scalar") allowQuoteEscape(token);
    if (token.type === "document" && token.value) stack.push({ token: token.value, depth });
    if (!("items" in token)) continue;
    for (const { key, value } of token.items) {
      if (key) stack.push({ token: key, depth: depth + 1 });
      if (value) stack.push({ token: value, depth: depth + 1 });
    }
  }
  return undefined;
}

// `[a]#comment` without a blank is fine for Docker.
function isTolerated(message: string): boolean {
  return message.startsWith("Comments must be separated from other tokens");
}

// Docker's parser takes \\' in double quotes, which is not YAML.
function allowQuoteEscape(token: CST.FlowScalar): void {
  token.source = token.source.replace(/\\(.)/gs, (pair, escaped) => (escaped === "'" ? "'" : pair));
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
