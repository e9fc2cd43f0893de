import { ProgramInfo } from "@pulumi/pulumi/proto/language_pb";
import { type JavaScriptValue, Struct } from "google-protobuf/google/protobuf/struct_pb";
import { runtimeOptions, splitArguments } from "../../../toolchain/language-nodejs/runtime-options";

function withOptions(options: Record<string, JavaScriptValue>): ProgramInfo {
  return new ProgramInfo().setOptions(Struct.fromJavaScript(options));
}

test.each([
  ["", []],
  ["--import tsx", ["--import", "tsx"]],
  ["  --a   --b=c  ", ["--a", "--b=c"]],
  [`--title "one word" 'two  words'`, ["--title", "one word", "two  words"]],
  [`--path=/with\\ blank`, ["--path=/with blank"]],
  [`"quote \\" and \\\\ inside"`, [`quote " and \\ inside`]],
  [`--define="a b"'c d'e`, ["--define=a bc de"]],
])("%s is split as a shell would", (line, words) => {
  expect(splitArguments(line)).toEqual(words);
});

test("without options the vendor's defaults hold", () => {
  expect(runtimeOptions(undefined)).toEqual({
    nodeArgs: [],
    environment: { PULUMI_NODEJS_TYPESCRIPT: "true" },
    packageManager: "auto",
  });
});

test("every option has its effect", () => {
  const info = withOptions({
    typescript: false,
    tsconfig: "other.json",
    nodeargs: "--import tsx",
    packagemanager: "pnpm",
  });
  expect(runtimeOptions(info)).toEqual({
    nodeArgs: ["--import", "tsx"],
    environment: { PULUMI_NODEJS_TYPESCRIPT: "false", PULUMI_NODEJS_TSCONFIG_PATH: "other.json" },
    packageManager: "pnpm",
  });
});

test.each([
  [{ typescript: "no" }, `runtime.options.typescript: expected true or false, got "no"`],
  [{ nodeargs: 5 }, "runtime.options.nodeargs: expected a text, got 5"],
  [{ tsconfig: true }, "runtime.options.tsconfig: expected a text, got true"],
])("an option of the wrong type is an error that names it: %j", (options, message) => {
  expect(() => runtimeOptions(withOptions(options))).toThrow(`Pulumi.yaml: ${message}`);
});
