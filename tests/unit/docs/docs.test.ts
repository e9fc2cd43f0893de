import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { z } from "zod";
import { settingsSchema } from "../../../config/settings-schema";

const root = join(__dirname, "../../..");
const read = (path: string) => readFileSync(join(root, path), "utf8");
const markdown = (folder: string) =>
  readdirSync(join(root, folder))
    .filter((name) => name.endsWith(".md"))
    .map((name) => join(folder, name));
const pages = [...markdown("."), ...markdown("docs"), ...markdown("docs/decisions")];

/** Our own code, in which a message must be found. */
const source = [
  "config",
  "compose",
  "images",
  "nodes",
  "observe",
  "ops",
  "plan",
  "sim",
  "stacks",
  "swarm",
  "toolchain",
]
  .flatMap((folder) => readdirSync(join(root, folder)).map((name) => join(folder, name)))
  .filter((path) => path.endsWith(".ts"))
  .map(read)
  .join("\n");

describe("the pages", () => {
  it.each(pages)("%s links to files that there are", (page) => {
    const links = [...read(page).matchAll(/\]\(([^)#]+)[^)]*\)/g)].map(([, target = ""]) => target);
    const missing = links.filter(
      (target) => !target.startsWith("https://") && !existsSync(join(root, dirname(page), target)),
    );
    expect(missing).toEqual([]);
  });

  it.each(pages)("%s names commands that there are", (page) => {
    const { scripts } = JSON.parse(read("package.json")) as { scripts: Record<string, string> };
    const named = [
      ...read(page).matchAll(
        /npm (?:run (?:--silent )?)?(start|stop|clean|test|[a-z]+:[a-z0-9]+|(?<=run )[a-z]+)\b/g,
      ),
    ];
    expect(
      named.map(([, name = ""]) => name).filter((name) => scripts[name] === undefined),
    ).toEqual([]);
    const files = [...read(page).matchAll(/npx tsx ([a-z/-]+\.ts)/g)].map(([, path = ""]) => path);
    expect(files.filter((path) => !existsSync(join(root, path)))).toEqual([]);
  });
});

describe("README.md", () => {
  const readme = read("README.md");

  it("has every setting in its table", () => {
    const [, table = ""] = readme.split("\n## Settings\n");
    const top = Object.keys(settingsSchema.shape).map((name) => `\`cloudlet:${name}`);
    const { node, stack } = settingsBelow();
    const below = [...node, ...stack].map((name) => `.${name}\``);
    expect([...top, ...below].filter((name) => !table.includes(name))).toEqual([]);
  });

  const troubles = readme
    .split("\n## Troubleshooting\n")[1]!
    .split("\n")
    .flatMap((line) => /^\| `(.*?)` \|/.exec(line)?.[1] ?? []);
  const pulumis = ["the stack is currently locked", "passphrase must be set"];

  it.each(troubles.filter((message) => !pulumis.some((start) => message.startsWith(start))))(
    "quotes a message of the code: %s",
    (message) => {
      // Where it says K, S, 2 or ..., and before its first colon, the message has something else each time.
      const words = message.replace(/^(cloudlet:\S+|FILE:L:C|K|S_web): /, "");
      const parts = words.split(/\.\.\.|, got|; |: |\b[A-Z]+\b|\d+|`/).map((part) => part.trim());
      const longest = parts.reduce((best, part) => (part.length > best.length ? part : best), "");
      expect(longest.length).toBeGreaterThan(10);
      expect([longest].filter((part) => !source.includes(part))).toEqual([]);
    },
  );
});

function settingsBelow(): { node: string[]; stack: string[] } {
  const schema = z.toJSONSchema(settingsSchema, { io: "input", unrepresentable: "any" });
  const keysOf = (name: string): string[] => {
    const map = schema.properties?.[name];
    const entry = typeof map === "object" ? map.additionalProperties : undefined;
    return typeof entry === "object" ? Object.keys(entry.properties ?? {}) : [];
  };
  return { node: keysOf("nodes"), stack: keysOf("stacks") };
}
