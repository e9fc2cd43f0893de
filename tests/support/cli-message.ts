import type { Problem } from "../../compose/problem";

/** What the docker CLI complained of, in our terms: the kind of problem, and what it is about. */
export interface ExpectedProblem {
  kinds: readonly string[];
  /** Whether a problem is about what the CLI's message names. */
  names: (problem: Problem) => boolean;
}

type Rule = readonly [message: RegExp, expected: (...groups: string[]) => ExpectedProblem];

const exactly = (kind: string, path: string): ExpectedProblem => ({
  kinds: [kind],
  names: (problem) => problem.path === path,
});
const within = (kind: string, path: string): ExpectedProblem => ({
  kinds: [kind],
  names: (problem) => problem.path === path || Boolean(problem.path?.startsWith(`${path}.`)),
});
const endingIn = (kind: string, path: string): ExpectedProblem => ({
  kinds: [kind],
  names: (problem) => Boolean(problem.path?.endsWith(path)),
});
const anyIndex = (kind: string, path: string): ExpectedProblem => ({
  kinds: [kind],
  names: (problem) => problem.path?.replace(/\[\d+\]/g, ".[]") === path,
});

// The CLI writes volumes.0.type where we write volumes[0].type.
const ourPath = (path: string) => path.replace(/\.(\d+)(?=\.|$)/g, "[$1]");
const inService = (kind: string) => (service: string) => within(kind, `services.${service}`);

const schemaRules: readonly Rule[] = [
  [
    /^\(root\) Additional property (.+) is not allowed$/,
    (key) => exactly("schema/unknown-key", key),
  ],
  [
    /^(\S+) Additional property (.+) is not allowed$/,
    (path, key) => exactly("schema/unknown-key", `${ourPath(path)}.${key}`),
  ],
  [
    /^(\S+) (\S+) is required$/,
    (path, key) => exactly("schema/missing-key", `${ourPath(path)}.${key}`),
  ],
  [/^(\S+) \S+ must be one of the following: /, (path) => exactly("schema/enum", ourPath(path))],
  [
    /^(\S+) array items\[\d+,(\d+)\] must be unique$/,
    (path, index) => exactly("schema/not-unique", `${ourPath(path)}[${index}]`),
  ],
  [/^(\S+) Does not match format '\w+'$/, (path) => exactly("schema/format", ourPath(path))],
  [/^(\S+) must be an? (?:\w+)(?:, .+)?$/, (path) => exactly("schema/type", ourPath(path))],
];

const loadRules: readonly Rule[] = [
  [/^top-level object must be a mapping$/, () => exactly("yaml/top-level", "")],
  [
    /^yaml: unmarshal errors:\n\s*line (\d+): mapping key "(.+)" already defined at line \d+$/,
    (line, key) => ({
      kinds: ["yaml/duplicate-key"],
      names: ({ path, where }) =>
        Boolean(path?.endsWith(`.${key}`)) && where.split(":").at(-2) === line,
    }),
  ],
  [/^unsupported Compose file version: /, () => exactly("version/unsupported", "version")],
  [/^version mismatched between two composefiles/, () => exactly("version/mismatch", "version")],
  [
    /^Compose file contains unsupported options:\n(\w+): /,
    (key) => endingIn("forbidden/key", `.${key}`),
  ],
  [
    /^error while interpolating (\S+): failed to cast/,
    (path) => anyIndex("interpolation/cast", path),
  ],
  [
    /^invalid interpolation format for (\S+): "required variable \w+ is missing/,
    (path) => anyIndex("interpolation/required", path),
  ],
  [/^invalid interpolation format for (\S+): /, (path) => anyIndex("interpolation/format", path)],
  [
    /error decoding 'Deploy\.Resources\.(\w+)\.memory': invalid/,
    (part) => endingIn("decode/size", `.deploy.resources.${part.toLowerCase()}.memory`),
  ],
  [
    /error decoding '(Command|Entrypoint)': EOF found/,
    (key) => endingIn("decode/command", `.${key.toLowerCase()}`),
  ],
  [
    /error decoding 'Volumes\[(\d+)\]': invalid/,
    (index) => endingIn("decode/volume", `.volumes[${index}]`),
  ],
  [/^invalid env file \(.+\): /, () => endingIn("load/env-file", ".env_file")],
  [
    /^open (?:.*\/)?([^/]+): no such file or directory$/,
    (file) => ({
      kinds: ["load/env-file-missing", "convert/file-missing"],
      names: ({ message }) => message.includes(file),
    }),
  ],
  [
    /^invalid mount config for type "bind": field Source must not be empty$/,
    () => anyIndex("load/bind-source", "services.web.volumes.[]"),
  ],
  [
    /^(\w+) (\S+): \w+\.external\.name and \w+\.name conflict/,
    (what, name) => exactly("load/external-name-conflict", `${what}s.${name}.external`),
  ],
  [
    /^conflicting parameters "external" and "(\w+)" specified for volume "(\S+)"$/,
    (key, name) => exactly("load/external-conflict", `volumes.${name}.${key}`),
  ],
  [
    /^secret (\S+): secret\.driver and secret\.file conflict/,
    (name) => exactly("load/driver-and-file", `secrets.${name}.file`),
  ],
];

const convertRules: readonly Rule[] = [
  [
    /^invalid image reference for service (\S+): no image specified$/,
    (service) => exactly("image/missing", `services.${service}.image`),
  ],
  [
    /^invalid image reference for service (\S+): /,
    (service) => exactly("image/format", `services.${service}.image`),
  ],
  [/^read .*: is a directory$/, () => within("convert/no-file", "secrets.s")],
  [/^service (\S+): failed to parse \S+ as a rational number$/, inService("convert/cpus")],
  [/^service (\S+): value is too precise$/, inService("convert/cpus")],
  [/^service (\S+): invalid credential spec: /, inService("convert/credentials")],
  [/^service (\S+): test and disable can't/, inService("convert/health-test-and-disable")],
  [/^service (\S+): replicas can only be used with/, inService("convert/global-replicas")],
  [/^service (\S+): Unknown mode: /, inService("convert/mode")],
  [/^service (\S+): unknown restart policy: /, inService("convert/restart")],
  [/^service (\S+): duplicate secret target for /, inService("convert/duplicate-target")],
  [/^service (\S+): volume type must be /, inService("convert/mount-type")],
  [
    /^service (\S+): \w+ options are incompatible with type \w+$/,
    inService("convert/mount-options"),
  ],
  [/^service (\S+): invalid \w+ source, source must be empty$/, inService("convert/mount-source")],
  [
    /^service (\S+): undefined (\w+) "(.+)"$/,
    (service, what, name) => {
      const base = within(`convert/undefined-${what}`, `services.${service}`);
      return {
        ...base,
        names: (problem) => base.names(problem) && problem.message.includes(`"${name}"`),
      };
    },
  ],
];

/** Translates the docker CLI's last words; throws for a message that there is no rule for. */
export function expectedProblem(stderr: readonly string[]): ExpectedProblem {
  const lines = stderr.filter(
    (line) => !/^(?:Ignoring (?:unsupported|deprecated) options|WARN)/.test(line),
  );
  const message = lines.join("\n");
  for (const [pattern, expected] of [...schemaRules, ...loadRules, ...convertRules]) {
    const match = pattern.exec(message);
    if (match) return expected(...match.slice(1));
  }
  throw new Error(`there is no rule for the docker CLI's message: ${message}`);
}
