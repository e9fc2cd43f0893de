const { mkdtempSync } = require("node:fs");
const { tmpdir } = require("node:os");
const { join } = require("node:path");

/** Jest's `globalSetup`: one place for all that a run's workers, which inherit the variable, put into temporary files. */
module.exports = () => {
  process.env.TMPDIR = mkdtempSync(join(tmpdir(), "cl-"));
};
