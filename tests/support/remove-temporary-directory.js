const { rmSync } = require("node:fs");
const { tmpdir } = require("node:os");

/** Jest's `globalTeardown`. */
module.exports = () => {
  rmSync(tmpdir(), { recursive: true, force: true });
};
