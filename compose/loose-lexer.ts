import { Lexer } from "yaml";

/**
 * A YAML lexer that, like Docker's, does not mind how lines inside brackets, braces and quotes
 * are indented. It narrows two internals of the pinned yaml package, which has no option for it.
 */
export function looseLexer(): Lexer {
  const lexer = new Lexer();
  const continueScalar: unknown = Reflect.get(lexer, "continueScalar");
  if (typeof continueScalar !== "function") throw new Error("the yaml package's lexer has changed");
  const text = () => String(Reflect.get(lexer, "buffer"));
  const at = () => Number(Reflect.get(lexer, "pos"));
  let indent = 0;
  let inQuotes = false;
  Object.defineProperty(lexer, "indentNext", {
    get: () => (inQuotes || Reflect.get(lexer, "flowLevel") !== 0 ? 0 : indent),
    set: (value: number) => {
      indent = value;
    },
  });
  Object.defineProperty(lexer, "continueScalar", {
    value: (offset: number): unknown => {
      inQuotes = /["']/.test(text().charAt(at()));
      const next: unknown = Reflect.apply(continueScalar, lexer, [offset]);
      inQuotes = false;
      return next;
    },
  });
  return lexer;
}
