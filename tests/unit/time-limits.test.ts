import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { settingsSchema } from "../../config/settings-schema";

const ROOT = join(__dirname, "../..");
const PAGE = readFileSync(join(ROOT, "docs/time-limits.md"), "utf8");
const SUBJECTS = ["config", "plan", "nodes", "swarm", "stacks", "images", "observe", "ops"];
/** What a clock or a certificate may be off by: nobody waits for these. */
const NO_LIMIT = /^(RIGHT_CLOCK|CLOCK_(REFUSED|WARNED|BEHIND)|CERTIFICATE)_SECONDS$/;

function limitsOfSource(): string[] {
  return SUBJECTS.flatMap((subject) =>
    readdirSync(join(ROOT, subject), { recursive: true, encoding: "utf8" })
      .filter((path) => path.endsWith(".ts"))
      .map((path) => join(subject, path)),
  ).flatMap((file) => {
    const text = readFileSync(join(ROOT, file), "utf8");
    return [...text.matchAll(/^(?:export )?const ([A-Z_]+_SECONDS) = (.*);$/gm)]
      .filter(([, name = ""]) => !NO_LIMIT.test(name))
      .map(([, name, value]) => `${file} ${name} ${value}`);
  });
}

const rows = [...PAGE.matchAll(/^\| `([^`]+)` +\| (?:`([^`]+)` +\| )?(\S+) +\| \S+/gm)];

it("lists every time limit of the source with its value, and no other", () => {
  const listed = rows.filter(([, , name]) => name !== undefined);
  expect(listed.map(([, file, name, value]) => `${file} ${name} ${value}`).sort()).toEqual(
    limitsOfSource().sort(),
  );
});

it("lists the settings that are time limits with their defaults", () => {
  const { ssh, ...settings } = settingsSchema.parse({ nodes: {} });
  const defaults = { ...prefixed("cloudlet:", settings), ...prefixed("cloudlet:ssh.", ssh) };
  const limits = Object.entries(defaults).filter(([name]) => name.endsWith("TimeoutSeconds"));
  const listed = rows.filter(([, , name]) => name === undefined);
  expect(listed.map(([, setting, , value]) => [setting, Number(value)]).sort()).toEqual(
    limits.sort(),
  );
});

function prefixed(prefix: string, settings: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(settings).map(([key, value]) => [prefix + key, value]));
}
