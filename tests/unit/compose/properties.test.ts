import fc from "fast-check";
import { ComposeError } from "../../../compose/compose-error";
import { convertStack, type StackConversion } from "../../../compose/convert-stack";
import { stackFile } from "../../../compose/key-tables";
import type { Section, Shape } from "../../../compose/shape";
import { conformanceCases } from "../../support/conformance";
import { readFileSync } from "node:fs";
import { join } from "node:path";

const runs = { numRuns: 300, seed: 20250530 };

// Whatever the text is, the answer is a spec or a list of problems with places, and it comes soon.
function answer(text: string): StackConversion | ComposeError {
  try {
    return convertStack({
      stack: "st",
      files: [{ path: "f.yml", text }],
      environment: { A: "va", EMPTY: "" },
      workingDirectory: "/work",
      homeDirectory: "/home",
      readFile: (path) => (path.length % 2 === 0 ? undefined : Buffer.from("A=1\n")),
    });
  } catch (error) {
    if (!(error instanceof ComposeError)) throw error;
    return error;
  }
}

function expectAnswer(text: string): void {
  const start = performance.now();
  const result = answer(text);
  expect(performance.now() - start).toBeLessThan(10_000);
  if (!(result instanceof ComposeError)) {
    expect(() => JSON.stringify(result.spec)).not.toThrow();
    return;
  }
  expect(result.problems).not.toEqual([]);
  for (const { where, message } of result.problems) {
    expect(where).toMatch(/^f\.yml(:\d+:\d+)?$/);
    expect(message).not.toMatch(/undefined|\[object|NaN|Infinity/);
    expect(message).not.toContain("\n");
  }
}

const pieces = [
  "services",
  "networks",
  "volumes",
  "secrets",
  "web",
  "image",
  "nginx",
  "command",
  "environment",
  "deploy",
  "ports",
  ":",
  ": ",
  "- ",
  "\n",
  "\n  ",
  "\n    ",
  "\n\t",
  "{",
  "}",
  "[",
  "]",
  ",",
  "&a ",
  "*a",
  "<<: *a",
  "|",
  ">-",
  "'",
  '"',
  "\\",
  "#",
  " #",
  "$A",
  "${A:-",
  "${",
  "$$",
  "~",
  "1",
  "0x1f",
  "1e400",
  "80:80",
  "!!int ",
  "!x ",
  "? ",
  "%",
  "---\n",
  "...\n",
  "\r\n",
  "\ufeff",
  "\0",
  "\u2028",
  "é",
  "😀",
  "\ud800",
  "__proto__",
  "constructor",
  "x-a",
  "3.8",
];

const pathologic = fc
  .array(fc.constantFrom(...pieces), { maxLength: 60 })
  .map((parts) => parts.join(""));

describe("no text makes the conversion crash or hang", () => {
  it("random characters", () => {
    fc.assert(fc.property(fc.string({ unit: "binary", maxLength: 400 }), expectAnswer), runs);
  });

  it("pieces of YAML and of stack files in any order", () => {
    fc.assert(fc.property(pathologic, expectAnswer), { ...runs, numRuns: 600 });
  });

  it("real stack files with pieces put in and cut out", () => {
    const texts = conformanceCases().map(({ directory, files }) =>
      readFileSync(join(directory, files[0] ?? ""), "utf8"),
    );
    const mutated = fc
      .tuple(fc.constantFrom(...texts), fc.nat(), fc.nat(8), fc.constantFrom("", ...pieces))
      .map(([text, at, cut, piece]) => {
        const offset = at % (text.length + 1);
        return text.slice(0, offset) + piece + text.slice(offset + cut);
      });
    fc.assert(fc.property(mutated, expectAnswer), { ...runs, numRuns: 600 });
  });
});

// Any value at any key: built from the tables, right and wrong shapes alike.
const anything: fc.Arbitrary<unknown> = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom(
      "",
      "x",
      "80",
      "80:80",
      "1s",
      "1g",
      "a:/b",
      "./a:/b:ro",
      "$A",
      "${A",
      "on-failure:3",
      "NONE",
    ),
    fc.constantFrom(0, 1, -1, 1.5, 70000, 2 ** 53, true, false, null),
    fc.array(tie("value"), { maxLength: 3 }),
    fc.dictionary(
      fc.constantFrom("a", "x-b", "name", "__proto__", "external", "type"),
      tie("value"),
      { maxKeys: 3 },
    ),
  ),
})).value;

function fromShape(shape: Shape): fc.Arbitrary<unknown> {
  switch (shape.type) {
    case "section":
      return fromSection(shape.section);
    case "list":
      return fc.array(fromShape(shape.items), { maxLength: 3 });
    case "dict":
      return fc.dictionary(
        fc.constantFrom("web", "a", "default", "b.c", "__proto__"),
        fromShape(shape.values),
        { maxKeys: 2 },
      );
    case "either":
      return fc.oneof(...shape.options.map(fromShape));
    case "boolean":
      return fc.boolean();
    case "null":
      return fc.constant(null);
    case "integer":
    case "number":
      return fc.constantFrom(0, 1, 80, 65535, -1, 2.5);
    default:
      return fc.constantFrom(
        "a",
        "1",
        "10s",
        "0.5",
        "64m",
        "8080:80",
        "vv:/x",
        "./b:/c",
        "start-first",
        "host",
        "",
      );
  }
}

function fromSection({ converted, ignored }: Section): fc.Arbitrary<unknown> {
  const rules = Object.entries({ ...converted, ...ignored }).filter(([key]) => key !== "version");
  const values = rules.map(
    ([key, { shape }]) =>
      [
        key,
        fc.option(
          fc.oneof({ arbitrary: fromShape(shape), weight: 30 }, { arbitrary: anything, weight: 1 }),
          { nil: undefined, freq: 1 },
        ),
      ] as const,
  );
  return fc.record(Object.fromEntries(values), { requiredKeys: [] });
}

describe("no value of any key makes the conversion crash", () => {
  it("whatever its shape", () => {
    const documents = fromSection(stackFile).map((value) => JSON.stringify(value));
    fc.assert(fc.property(documents, expectAnswer), { ...runs, numRuns: 400 });
  });
});

describe("the answer", () => {
  it("is the same each time, and does not depend on the order of services", () => {
    const services = ["a", "b", "c"].map(
      (name) => `  ${name}: {image: ${name}, networks: [n${name}]}\n`,
    );
    const rest = "networks: {na: , nb: , nc: }\n";
    const spec = (order: string[]) => {
      const result = answer(`services:\n${order.join("")}${rest}`);
      return result instanceof ComposeError ? result.message : result.spec;
    };
    fc.assert(
      fc.property(fc.shuffledSubarray(services, { minLength: 3 }), (order) => {
        expect(spec(order)).toEqual(spec(services));
      }),
      { numRuns: 6 },
    );
  });

  it("for 100 services takes well under a second", () => {
    const service = (at: number) => `  s${at}:
    image: nginx:1.${at}
    environment: {A: "\${A:-a}", B: 1}
    ports: ["${8000 + at}:80"]
    volumes: ["data:/data", "./x:/y:ro"]
    networks: [front]
    deploy: {replicas: 2, resources: {limits: {cpus: "0.5", memory: 50m}}}
    healthcheck: {test: ["CMD", "x"], interval: 10s}
`;
    const text = `services:\n${Array.from({ length: 100 }, (_, at) => service(at)).join("")}volumes: {data: }\nnetworks: {front: }\n`;
    const times = Array.from({ length: 5 }, () => {
      const start = performance.now();
      expect(answer(text)).not.toBeInstanceOf(ComposeError);
      return performance.now() - start;
    });
    expect(Math.min(...times)).toBeLessThan(1000);
  });
});
