// ESM-only packages that jest has to transform before it can require them.
const esmPackages = ["fast-check", "pure-rand"];

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
