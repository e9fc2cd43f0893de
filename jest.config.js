// ESM-only packages that jest has to transform before it can require them.
const esmPackages = [
  "execa", "@sindresorhus/merge-streams", "figures", "get-stream", "human-signals", "is-plain-obj",
  "is-stream", "npm-run-path", "parse-ms", "path-key", "pretty-ms", "strip-final-newline", "unicorn-magic",
  "yoctocolors", "is-unicode-supported", "@sec-ant/readable-stream", "fast-check", "pure-rand",
];

const shared = {
  testEnvironment: "node",
  transform: {
    "^.+\\.(ts|js|mjs)$": [
      "@swc/jest",
      { jsc: { parser: { syntax: "typescript" }, target: "es2022" }, module: { type: "commonjs" } },
    ],
  },
  transformIgnorePatterns: [`node_modules/(?!(${esmPackages.join("|")})/)`],
};

/** @type {import("jest").Config} */
module.exports = {
  projects: ["unit", "program", "e2e"].map((name) => ({
    ...shared,
    displayName: name,
    testMatch: [`<rootDir>/tests/${name}/**/*.test.ts`],
  })),
};
