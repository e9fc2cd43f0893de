import { readFileSync } from "node:fs";
import { join } from "node:path";
import { composePage } from "../../../ops/compose/compose-docs";

describe("docs/compose.md", () => {
  it("is what the tables of keys say; `npx tsx ops/compose/compose-docs.ts` brings it up to date", () => {
    expect(readFileSync(join(__dirname, "../../../docs/compose.md"), "utf8")).toBe(composePage());
  });

  it("speaks of every section and of keys that are refused", () => {
    expect(composePage()).toContain("## `services.*.deploy.resources.limits`");
    expect(composePage()).toContain("| `mem_limit` |  | refused |");
  });
});
