"use strict";
// Loaded before the program, see `nodeargs` in Pulumi.yaml: what makes each run start in a fraction of a second
// (docs/decisions/011-quick-start.md). CommonJS, as nothing can translate TypeScript before it.
const { createHash } = require("node:crypto");
const { mkdirSync, readFileSync, renameSync, writeFileSync } = require("node:fs");
const Module = require("node:module");
const { join } = require("node:path");
const { addHook } = require("pirates");
const sucrase = require("sucrase/package.json");

/** Where build tools keep what they can make again. */
const CACHE = join(__dirname, "node_modules", ".cache", "cloudlet", `sucrase-${sucrase.version}`);

/**
 * What libraries load for things that the program seldom asks of them: functions as text, other programs' stacks, traces, source
 * maps, which took Node 20 a minute for one error's stack (pulumi/pulumi#21326), and messages in forty languages.
 */
const SELDOM_USED =
  /^(\.\/automation|source-map-support\/register|@opentelemetry\/(?!api$).+|\.\.\/locales\/index\.cjs)$/;
/** Of these the SDK takes functions out when it loads. */
const SELDOM_CALLED = /^\.\/closure\/(serializeClosure|codePaths)$/;
/** The SDK waits for a debugger's session, with which it would find the file of a function that becomes text. */
const DEBUGGER = "../../runtime/closure/v8Hooks";
/** Here the SDK tells the engine about each step with each resource, one call at a time; only `pulumi --debug` shows it. */
const SDK_LOG = /^\.\.?\/log$/;

addHook(stripTypes, { exts: [".ts"] });
deferSeldomUsed();

// Sucrase keeps the lines, so errors need no source map.
function stripTypes(code) {
  const file = join(CACHE, `${createHash("sha256").update(code).digest("hex")}.js`);
  try {
    return readFileSync(file, "utf8");
  } catch {
    const { transform } = require("sucrase");
    const translated = transform(code, { transforms: ["imports", "typescript"] }).code;
    keep(file, translated);
    return translated;
  }
}

// Two commands may run at once, or end in the middle: a file is there whole or not at all.
function keep(file, text) {
  try {
    mkdirSync(CACHE, { recursive: true });
    const part = `${file}.${process.pid}`;
    writeFileSync(part, text);
    renameSync(part, file);
  } catch {
    // A folder that may not be written to only costs time.
  }
}

function deferSeldomUsed() {
  const load = Module._load;
  Module._load = function (request, parent, isMain) {
    const now = () => load.call(this, request, parent, isMain);
    if (!/[\\/](@pulumi|zod)[\\/]/.test(parent?.filename ?? "")) return now();
    if (request === DEBUGGER) return { isInitializedAsync: () => Promise.resolve() };
    if (SELDOM_CALLED.test(request)) return whenCalled(now);
    if (SDK_LOG.test(request)) return withoutDebugging(now());
    return SELDOM_USED.test(request) ? whenUsed(now) : now();
  };
}

function withoutDebugging(log) {
  if (process.env.CLOUDLET_DEBUG === undefined) log.debug = () => Promise.resolve();
  return log;
}

function whenCalled(load) {
  return new Proxy(
    {},
    {
      get:
        (_, name) =>
        (...args) =>
          load()[name](...args),
    },
  );
}

function whenUsed(load) {
  return new Proxy(
    {},
    {
      // A namespace, so that importing it does not ask for its names.
      get: (_, name) => (name === "__esModule" ? true : load()[name]),
      has: (_, name) => name in load(),
    },
  );
}
