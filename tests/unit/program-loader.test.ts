import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import sucrase from "sucrase/package.json";

const ROOT = resolve(__dirname, "../..");

// A project of its own, with the modules that the loader asks for, so that no cache of ours is in it.
function projectWith(files: Readonly<Record<string, string>>): string {
  const project = mkdtempSync(join(tmpdir(), "cloudlet-loader-"));
  mkdirSync(join(project, "node_modules"));
  for (const name of ["pirates", "sucrase"]) {
    symlinkSync(join(ROOT, "node_modules", name), join(project, "node_modules", name));
  }
  cpSync(join(ROOT, "program-loader.cjs"), join(project, "program-loader.cjs"));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(project, path)), { recursive: true });
    writeFileSync(join(project, path), text);
  }
  return project;
}

/** Runs a line of JavaScript with the loader before it; what it prints. */
function run(project: string, line: string, env: Readonly<Record<string, string>> = {}): string {
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    ["--require", "./program-loader.cjs", "-e", line],
    { cwd: project, encoding: "utf8", env: { ...process.env, ...env } },
  );
  expect({ stderr, status }).toEqual({ stderr: "", status: 0 });
  return stdout;
}

describe("a TypeScript file", () => {
  const text = "export const lengthOf = (word: string): number => word.length;\n";
  const line = 'console.log(require("./word.ts").lengthOf("four"))';
  const hash = createHash("sha256").update(text).digest("hex");
  const keptAt = (project: string) =>
    join(project, "node_modules/.cache/cloudlet", `sucrase-${sucrase.version}`, `${hash}.js`);

  it("runs without its types, and its translation is kept for the next run", () => {
    const project = projectWith({ "word.ts": text });
    expect(run(project, line)).toBe("4\n");
    expect(readFileSync(keptAt(project), "utf8")).not.toContain(": string");
    writeFileSync(keptAt(project), "exports.lengthOf = () => 'kept';\n");
    expect(run(project, line)).toBe("kept\n");
  });

  it("that changed is translated anew", () => {
    const project = projectWith({ "word.ts": text });
    run(project, line);
    writeFileSync(join(project, "word.ts"), text.replace("word.length", "-word.length"));
    expect(run(project, line)).toBe("-4\n");
  });

  it("runs where no translation can be kept", () => {
    const project = projectWith({ "word.ts": text, "node_modules/.cache": "no folder" });
    expect(run(project, line)).toBe("4\n");
    expect(existsSync(keptAt(project))).toBe(false);
  });

  it("keeps its lines, so that errors tell the right one without a source map", () => {
    const wrong = "interface Nothing {\n  a: string;\n}\n\nthrow new Error('here');\n";
    const project = projectWith({ "wrong.ts": wrong });
    const stack = run(
      project,
      'try { require("./wrong.ts") } catch (error) { console.log(error.stack) }',
    );
    expect(stack).toContain("wrong.ts:5:");
  });
});

describe("a module that is seldom used", () => {
  const project = projectWith({
    "node_modules/@pulumi/sdk/index.js": `const { toText } = require("./closure/serializeClosure");
exports.toText = toText;
exports.traces = require("@opentelemetry/core");
exports.hooks = require("../../runtime/closure/v8Hooks");
`,
    "node_modules/@pulumi/sdk/closure/serializeClosure.js":
      'exports.toText = (name) => name + require("@opentelemetry/core").version;\n',
    "node_modules/@pulumi/sdk/log/index.js":
      "let calls = 0;\nexports.debug = () => { calls++; };\nexports.count = () => calls;\n",
    "node_modules/@pulumi/sdk/runtime/index.js":
      'const log = require("../log");\nlog.debug();\nexports.count = log.count;\n',
    "node_modules/@opentelemetry/core/index.js": 'exports.version = "1";\n',
    "node_modules/zod/v4/index.js": 'exports.locales = require("../locales/index.cjs");\n',
    "node_modules/zod/locales/index.cjs": 'exports.en = "English";\n',
    "ours.js": 'exports.traces = require("@opentelemetry/core");\n',
    "node_modules/source-map-support/register.js":
      "Error.prepareStackTrace = () => 'after a minute';\n",
    "node_modules/@pulumi/sdk/maps.js": 'require("source-map-support/register");\n',
  });
  const isLoaded =
    "const loaded = (end) => Object.keys(require.cache).some((path) => path.endsWith(end));";

  it("is loaded for a library when it is used, and not before", () => {
    const line = `${isLoaded}
const { traces } = require("@pulumi/sdk");
const before = loaded("core/index.js");
const { version } = traces;
console.log(before, loaded("core/index.js"), version, "version" in traces);
const { locales } = require("zod/v4");
console.log(loaded("index.cjs"), locales.en, loaded("index.cjs"));`;
    expect(run(project, line)).toBe("false true 1 true\nfalse English true\n");
  });

  it("is loaded when a function of it is called that a library took out", () => {
    const line = `${isLoaded}
const { toText } = require("@pulumi/sdk");
console.log(loaded("serializeClosure.js"), toText("version "), loaded("serializeClosure.js"));`;
    expect(run(project, line)).toBe("false version 1 true\n");
  });

  it("is loaded at once for everybody else", () => {
    const line = `${isLoaded} require("./ours.js"); console.log(loaded("core/index.js"));`;
    expect(run(project, line)).toBe("true\n");
  });

  it.each([
    ["quiet", {}, "0\n"],
    ["as it is where somebody debugs", { CLOUDLET_DEBUG: "1" }, "1\n"],
  ])("the SDK's own debugging is %s", (_, env, count) => {
    expect(run(project, 'console.log(require("@pulumi/sdk/runtime").count());', env)).toBe(count);
  });

  it("is no debugger that nobody asked for", () => {
    const line = `require("@pulumi/sdk").hooks.isInitializedAsync().then(() => console.log("at once"));`;
    expect(run(project, line)).toBe("at once\n");
  });

  it("does not come between an error and its stack", () => {
    const line = 'require("@pulumi/sdk/maps"); console.log(new Error("at once").stack);';
    expect(run(project, line)).toMatch(/^Error: at once\n +at /);
  });
});
