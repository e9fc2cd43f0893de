import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { newestVersion, stackFile } from "../../compose/key-tables";
import { SERVICE_ENGINE_REASONS } from "../../plan/engine-reasons";
import type { Section, Shape } from "../../compose/shape";

const introduction = `# Stack files: what happens to each key

Cloudlet takes the stack files that \`docker stack deploy\` takes (format 3.0 to 3.${newestVersion}) and asks the Engine for the
same, field by field. \`npm run --silent stack:spec -- STACK FILE...\` prints what would be sent, with stand-ins for the ids
of secrets and configs.

A key is **converted**, **ignored** (accepted and without effect in a swarm; you get a warning), or **refused** (with what to
write instead). Every other key is unknown, and an error. \`since\` is the version of the format from which on a key may be
used; a file that says an older version is refused, as Docker does. \`x-\` keys are yours.

This page is written by \`npx tsx ops/compose/compose-docs.ts\` from the tables that the conversion itself uses.
`;

const surprises = `## Where Docker's rule surprises

Cloudlet does the same as Docker, and warns:

- \`$NAME-rest\` without braces takes \`-rest\` for the default of \`NAME\`. Write \`\${NAME}-rest\`.
- A \`$\` that starts no variable, or a missing \`\${NAME:?}\`, is forgotten when a good variable follows in the same text.
- A variable that is empty under \`environment\` or in an \`env_file\` gets the deploying shell's value, if it has one.
- \`healthcheck.test: NONE\` runs a command called NONE. Write \`disable: true\`.
- A volume called by one letter (\`a:/x\`) reads as a Windows drive.
- Options of short volumes that Docker does not know (\`z\`, \`cached\`) are left out.
- With several files, lists are appended to each other, a \`healthcheck.test\` too; false, empty texts and empty durations
  change nothing; logging options are lost when only the later file has some.

## Where Cloudlet differs

- More than one problem is told at once, each with its place in the file.
- \`depends_on\` has an effect: a service is created once those that it depends on run, and are healthy where they have a health
  check ([why](decisions/019-depends-on.md)). Only its creation waits; what comes later is Swarm's.
- What Docker's YAML parser drops silently is refused: what follows a first mapping that is indented more than the rest.
- Amounts beyond 64 bits, and characters that no name can hold (NUL), are refused; Docker sends something else instead.
- A \`generic_resources\` item without \`discrete_resource_spec\` is left out; Docker sends it empty, to no effect.
- Numbers as addresses under \`extra_hosts\` are refused; Docker sends an address that is none.
- \`x-\` keys that two files give different types are ignored; Docker refuses them.
- Files of more than 1 MiB, nested deeper than 100 levels, or with aliases that expand without end are refused.
`;

/** The page about stack files, from the tables of keys and of what makes a service unfit for the docker provider. */
export function composePage(): string {
  const sections = [...collect(stackFile)].map(describeSection);
  return [introduction, ...sections, writers(), surprises].join("\n");
}

function writers(): string {
  return `## Who writes a service

A service is a resource of the docker provider, unless that provider

${SERVICE_ENGINE_REASONS.map((reason) => `- ${reason}`).join("\n")}

and the stack asks for just that. Then Cloudlet creates and updates it itself, on a master, with the call to the Engine API that
\`docker stack deploy\` makes ([how](decisions/012-engine-services.md)). The same holds for secrets and configs with a driver.

| | docker provider | Cloudlet |
| --- | --- | --- |
| in the preview | \`docker:index:Service\` | \`command:local:Command\` of the same name, its body as JSON |
| differs from \`docker stack deploy\` | writes the engine's defaults out (stop grace period 10 s, restart \`any\`, monitor 5 s), and \`init: false\` | in nothing |
| a change made by hand | shows with \`--refresh\` | shows in every preview that can look at the swarm |
| a service removed by hand | fails until \`--refresh\` | is made again |
| needs a new service (downtime) | for changed networks | for a changed mode |
| from one writer to the other | makes it anew (downtime) | takes it over in place |

Either way: a placement constraint for the platform's label is added, and images come with the digest of the lock.
`;
}

// Every section that can be reached, once, in the order in which a reader meets them.
function collect(section: Section, seen = new Set<Section>()): Set<Section> {
  if (seen.has(section)) return seen;
  seen.add(section);
  for (const { shape } of Object.values({ ...section.converted, ...section.ignored })) {
    for (const inner of sectionsOf(shape)) collect(inner, seen);
  }
  return seen;
}

function sectionsOf(shape: Shape): Section[] {
  switch (shape.type) {
    case "section":
      return [shape.section];
    case "list":
      return sectionsOf(shape.items);
    case "dict":
      return sectionsOf(shape.values);
    case "either":
      return shape.options.flatMap(sectionsOf);
    default:
      return [];
  }
}

function describeSection(section: Section): string {
  const { title, converted, ignored = {}, refused = {}, extensionsSince, openSince } = section;
  const rows = [
    ...Object.entries(converted).map(([key, { shape, since }]) =>
      row(key, since, "converted", words(shape)),
    ),
    ...Object.entries(ignored).map(([key, { ignored: why, since }]) =>
      row(key, since, "ignored", why),
    ),
    ...Object.entries(refused).map(([key, { advice }]) => row(key, undefined, "refused", advice)),
    ...(extensionsSince === undefined ? [] : [row("x-*", extensionsSince, "yours", "anything")]),
    ...(openSince === undefined
      ? []
      : [row("others", openSince, "ignored", "Docker does not know them")]),
  ];
  const head = ["| key | since | what happens | |", "| --- | --- | --- | --- |"];
  return [`## \`${title}\``, "", ...head, ...rows, ""].join("\n");
}

function row(key: string, since: number | undefined, treatment: string, detail: string): string {
  const version = since === undefined || since === 0 ? "" : `3.${since}`;
  return `| \`${key}\` | ${version} | ${treatment} | ${detail} |`;
}

function words(shape: Shape): string {
  switch (shape.type) {
    case "string":
      return shape.among?.join(" or ") ?? formats[shape.format ?? ""] ?? "text";
    case "list":
      return `list of ${words(shape.items)}`;
    case "dict":
      return `mapping of names to ${words(shape.values)}`;
    case "section":
      return "mapping (see below)";
    case "either":
      return [...new Set(shape.options.map(words))].join(", or ");
    case "boolean":
      return "true or false";
    case "null":
      return "nothing";
    case "integer":
      return "whole number";
    default:
      return shape.type;
  }
}

const formats: Readonly<Record<string, string>> = {
  duration: "duration such as 1m30s",
  ports: "port such as 8080:80/tcp",
  size: "amount of memory",
};

if (require.main === module) {
  writeFileSync(join(__dirname, "../../docs/compose.md"), composePage());
}
