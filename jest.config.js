const shared = {
  testEnvironment: "node",
  // Types are stripped as in the program itself, and checked by `npm run check`.
  transform: { "\\.ts$": "@sucrase/jest-plugin" },
  globalSetup: "<rootDir>/tests/support/make-temporary-directory.js",
  globalTeardown: "<rootDir>/tests/support/remove-temporary-directory.js",
};

/** @type {import("jest").Config} */
module.exports = {
  projects: ["unit", "program", "e2e", "arm"].map((name) => ({
    ...shared,
    displayName: name,
    testMatch: [`<rootDir>/tests/${name}/**/*.test.ts`],
  })),
};
