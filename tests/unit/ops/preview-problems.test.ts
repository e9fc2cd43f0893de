import { codeQuality, githubAnnotations } from "../../../ops/preview/annotations";
import { problemsOf } from "../../../ops/preview/problems";
import { settingPosition } from "../../../ops/preview/setting-position";

const settings = `# a comment
config:
  cloudlet:platform: linux/amd64
  cloudlet:nodes: &nodes
    pixel-1: { address: 10.0.0.1, role: master }
    pixel-2:
      address: 10.0.0.2
      labels:
        rack.row: "4"
  cloudlet:stacks:
    coffee:
      files:
        - stacks/a.yml
        - /etc/passwd
  other:nodes: *nodes
`;

describe("settingPosition", () => {
  it.each([
    ["cloudlet:platform", 3, 3],
    ["cloudlet:nodes.pixel-1.role", 5, 35],
    ["cloudlet:nodes.pixel-2.labels.rack.row", 9, 9],
    ["cloudlet:stacks.coffee.files.1", 14, 11],
    ["other:nodes.pixel-2.address", 7, 7],
  ])("finds %s", (path, line, column) => {
    expect(settingPosition(settings, path)).toEqual({ line, column });
  });

  it("shows what is missing at what it is missing in", () => {
    expect(settingPosition(settings, "cloudlet:nodes.pixel-2.hostKey")).toEqual({
      line: 6,
      column: 5,
    });
    expect(settingPosition(settings, "cloudlet:ssh.user")).toBeUndefined();
    expect(settingPosition("", "cloudlet:ssh")).toBeUndefined();
  });
});

const message = (text: string, about?: string) => ({ severity: "error", text, about }) as const;
const file = { path: "Pulumi.home.yaml", text: settings };

describe("problemsOf", () => {
  it("splits a refusal into its problems, each with its place", () => {
    const text = [
      "cloudlet:nodes.pixel-2.address: expected an address of its own",
      "stacks/coffee.yml:14:5: services.web.links is not supported",
      "images.home.lock.yml: expected a lock file",
      "cloudlet:coffeeDbPassword: unknown setting",
    ].join("\n");
    const places = problemsOf([message(text)], file).map((problem) => [
      problem.file,
      problem.line,
      problem.column,
    ]);
    expect(places).toEqual([
      ["Pulumi.home.yaml", 7, 7],
      ["stacks/coffee.yml", 14, 5],
      ["images.home.lock.yml", undefined, undefined],
      ["Pulumi.home.yaml", undefined, undefined],
    ]);
  });

  it("keeps the lines of one error together, with the resource that it is of", () => {
    const text = "command failed\npixel-1: apk could not install Docker";
    expect(problemsOf([message(text, "pixel-1-engine")], file)).toEqual([
      { severity: "error", text: `pixel-1-engine: ${text}` },
    ]);
  });

  it("takes no information for a problem", () => {
    expect(problemsOf([{ severity: "info", text: "x", about: undefined }], file)).toEqual([]);
  });
});

describe("annotations", () => {
  const problems = [
    { severity: "error", file: "a,b:c.yml", line: 3, column: 4, text: "50%\n::error::no" },
    { severity: "warning", file: "stacks/x.yml", text: "is ignored" },
    { severity: "error", text: "nowhere" },
  ] as const;

  it("are GitHub's workflow commands, of which no text begins another", () => {
    expect(githubAnnotations(problems)).toEqual([
      "::error file=a%2Cb%3Ac.yml,line=3,col=4,title=cloudlet::50%25%0A::error::no",
      "::warning file=stacks/x.yml,title=cloudlet::is ignored",
    ]);
  });

  it("are GitLab's Code Quality report", () => {
    const entries = JSON.parse(codeQuality(problems)) as Record<string, unknown>[];
    const [first, second] = entries.map(({ fingerprint }) => fingerprint);
    expect(first).toMatch(/^[0-9a-f]{64}$/);
    expect(first).not.toBe(second);
    expect(entries).toEqual([
      {
        description: "50%\n::error::no",
        fingerprint: first,
        check_name: "cloudlet",
        severity: "major",
        location: { path: "a,b:c.yml", lines: { begin: 3 } },
      },
      {
        description: "is ignored",
        fingerprint: second,
        check_name: "cloudlet",
        severity: "minor",
        location: { path: "stacks/x.yml", lines: { begin: 1 } },
      },
    ]);
  });
});
