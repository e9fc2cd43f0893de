import { isRecent } from "../../../toolchain/require-go";

test.each([
  ["go1.26.8", true],
  ["go1.21", true],
  ["1.24.4-r0", true],
  ["1.24~2", true],
  ["go2.0", true],
  ["go1.20.14", false],
  ["2:1.19~1", false],
  ["1.19~1", false],
  ["", false],
  ["devel", false],
])("Go %j is recent enough: %s", (version, expected) => {
  expect(isRecent(version)).toBe(expected);
});
