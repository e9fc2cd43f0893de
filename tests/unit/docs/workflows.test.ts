import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import execa from "execa";
import { parse } from "yaml";
import { reportMarker } from "../../../ops/preview/report";

const root = join(__dirname, "../../..");
const read = (path: string) => readFileSync(join(root, path), "utf8");

interface Step {
  readonly name?: string;
  readonly uses?: string;
  readonly run?: string;
  readonly env?: Record<string, string>;
  readonly with?: Record<string, unknown>;
}
interface Job {
  readonly if?: string;
  readonly "runs-on": string | string[];
  readonly permissions?: Record<string, string>;
  readonly environment?: string;
  readonly steps: Step[];
}
interface Workflow {
  readonly on: Record<string, unknown>;
  readonly env: Record<string, string>;
  readonly permissions: Record<string, string>;
  readonly concurrency: Record<string, unknown>;
  readonly jobs: Record<string, Job>;
}

const files = readdirSync(join(root, ".github/workflows"));
const workflow = (name: string) => parse(read(`.github/workflows/${name}`)) as Workflow;
const stepsOf = ({ jobs }: Workflow) => Object.values(jobs).flatMap(({ steps }) => steps);
const { scripts } = JSON.parse(read("package.json")) as { scripts: Record<string, string> };

function scriptsNamedIn(text: string): string[] {
  return [...text.matchAll(/npm run (?:--silent )?([a-z:]+)/g)].map(([, name = ""]) => name);
}

describe.each(files)("%s", (file) => {
  const { on, permissions, ...rest } = workflow(file);
  const steps = stepsOf({ on, permissions, ...rest });
  const runs = steps.flatMap(({ run }) => run ?? []);

  it("is never started with secrets or a writing token for a fork's code", () => {
    expect(Object.keys(on)).not.toContain("pull_request_target");
    expect(Object.keys(on)).not.toContain("workflow_run");
    expect(permissions).toEqual({ contents: "read" });
  });

  it("has shell that parses, in which no text of an author's is pasted", async () => {
    for (const run of runs) {
      await execa("bash", ["-n", "-c", run]);
      expect(run).not.toContain("${{");
    }
  });

  it("runs commands that there are", () => {
    const named = runs.flatMap(scriptsNamedIn);
    expect(named.length).toBeGreaterThan(0);
    expect(named.filter((name) => scripts[name] === undefined)).toEqual([]);
  });

  it("uses nothing but GitHub's own actions, and keeps no token in the checkout", () => {
    const used = steps.flatMap(({ uses }) => uses ?? []);
    expect(used.filter((uses) => !/^actions\/[a-z-]+@v\d+$/.test(uses))).toEqual([]);
    const checkouts = steps.filter(({ uses }) => uses?.startsWith("actions/checkout@"));
    expect(checkouts.map((step) => step.with?.["persist-credentials"])).toEqual([false]);
  });

  it("gives secrets to the one step that runs the engine", () => {
    const given = steps.filter(({ env }) => JSON.stringify(env ?? {}).includes("secrets."));
    expect(given.map(({ name }) => name?.toLowerCase())).toEqual([file.replace(".yml", "")]);
  });
});

describe("preview.yml", () => {
  const { on, concurrency, jobs } = workflow("preview.yml");

  it("runs for pull requests only, the newest push of each", () => {
    expect(Object.keys(on)).toEqual(["pull_request"]);
    expect(concurrency).toEqual({
      group: "preview-${{ github.event.pull_request.number }}",
      "cancel-in-progress": true,
    });
  });

  it("never runs a pull request's code on a machine of the user's, nor with a token that may write", () => {
    expect(Object.values(jobs).map((job) => job["runs-on"])).toEqual([
      "ubuntu-latest",
      "ubuntu-latest",
    ]);
    const writing = Object.values(jobs).filter(({ permissions }) => permissions !== undefined);
    expect(writing).toEqual([jobs.comment]);
    expect(jobs.comment?.permissions).toEqual({ "pull-requests": "write" });
    expect(jobs.comment?.steps.map(({ uses, run }) => run ?? uses?.split("@")[0])).toEqual([
      "actions/download-artifact",
      "actions/github-script",
    ]);
    expect(jobs.comment?.if).toContain(
      "github.event.pull_request.head.repo.full_name == github.repository",
    );
  });
});

describe("the step that comments", () => {
  const script = String(workflow("preview.yml").jobs.comment?.steps[1]?.with?.script);
  const marker = reportMarker("home");
  const home = process.cwd();

  interface Comment {
    readonly id: number;
    readonly body: string;
    readonly user: { readonly login: string };
  }

  /** What the step asks of GitHub, when the pull request has these comments. */
  async function comment(report: string, comments: Comment[]): Promise<unknown[]> {
    process.chdir(mkdtempSync(join(tmpdir(), "cloudlet-comment-")));
    writeFileSync("report.md", report);
    process.env.STACK = "home";
    const asked: unknown[] = [];
    const note = (what: string) => (args: unknown) => Promise.resolve(asked.push([what, args]));
    const issues = {
      listComments: "listComments",
      createComment: note("create"),
      updateComment: note("update"),
    };
    const github = {
      paginate: (method: unknown, args: unknown) => {
        expect([method, args]).toEqual([
          "listComments",
          { owner: "me", repo: "phones", issue_number: 7 },
        ]);
        return Promise.resolve(comments);
      },
      rest: { issues },
    };
    const context = {
      repo: { owner: "me", repo: "phones" },
      payload: { pull_request: { number: 7 } },
    };
    // As actions/github-script runs it.
    const AsyncFunction = (async () => {}).constructor as new (
      ...text: string[]
    ) => (...values: unknown[]) => Promise<void>;
    await new AsyncFunction("github", "context", "require", script)(github, context, require);
    return asked;
  }

  afterEach(() => {
    process.chdir(home);
    delete process.env.STACK;
  });

  const bot = { login: "github-actions[bot]" };
  const report = `${marker}\n## Preview of \`home\`: no changes\n`;

  it("makes one comment, and updates it from then on", async () => {
    const other = { id: 1, body: "nice", user: { login: "ann" } };
    const otherStacks = { id: 2, body: `${reportMarker("dev")}\n`, user: bot };
    expect(await comment(report, [other, otherStacks])).toEqual([
      ["create", { owner: "me", repo: "phones", issue_number: 7, body: report }],
    ]);
    const ours = { id: 3, body: `${marker}\nold`, user: bot };
    expect(await comment(report, [other, otherStacks, ours])).toEqual([
      ["update", { owner: "me", repo: "phones", comment_id: 3, body: report }],
    ]);
  });

  it("never writes over a comment of somebody who copied its first line", async () => {
    const copied = { id: 4, body: `${marker}\nmine`, user: { login: "mallory" } };
    expect(await comment(report, [copied])).toMatchObject([["create", { body: report }]]);
  });

  it("posts nothing but a report, and no more than GitHub takes", async () => {
    await expect(comment("## You won\n", [])).rejects.toThrow("expected a report of this stack");
    const [[, { body }]] = (await comment(`${report}${"x".repeat(100_000)}`, [])) as [
      [string, { body: string }],
    ];
    expect(body).toHaveLength(65_536);
  });
});

describe("up.yml", () => {
  const { on, concurrency, jobs } = workflow("up.yml");

  it("deploys what is on main, one at a time, where the environment's rules agree", () => {
    expect(on).toEqual({ push: { branches: ["main"] }, workflow_dispatch: null });
    expect(concurrency).toEqual({ group: "up", "cancel-in-progress": false });
    expect(jobs.up).toMatchObject({
      "runs-on": ["self-hosted", "cloudlet"],
      environment: "cloudlet",
      if: "vars.CLOUDLET_UP == 'yes' && github.ref == 'refs/heads/main'",
    });
  });

  it("has a runner's label that actionlint is told of", () => {
    expect(parse(read(".github/actionlint.yaml"))).toEqual({
      "self-hosted-runner": { labels: ["cloudlet"] },
    });
  });
});

describe("the GitLab pipeline in docs/pull-requests.md", () => {
  const [, text = ""] = /```yaml\n([\s\S]*?)```/.exec(read("docs/pull-requests.md")) ?? [];
  const pipeline = parse(text) as Record<string, { script?: string[]; before_script?: string[] }>;
  const lines = Object.values(pipeline).flatMap((job) => [
    ...(job.before_script ?? []),
    ...(job.script ?? []),
  ]);

  it("is shell that parses, with commands that there are", async () => {
    expect(lines.length).toBeGreaterThan(4);
    for (const line of lines) await execa("sh", ["-n", "-c", line]);
    const named = lines.flatMap(scriptsNamedIn);
    expect(named).toContain("preview:report");
    expect(named.filter((name) => scripts[name] === undefined)).toEqual([]);
  });

  it("makes one note, also where it is on the second page, and updates it from then on", async () => {
    const marker = reportMarker("home");
    const asked: unknown[] = [];
    let notes: { id: number; body: string }[] = [{ id: 1, body: "nice" }];
    const server = createServer((request, response) => {
      void bodyOf(request).then((body) => {
        expect(request.headers["private-token"]).toBe("the token");
        const { pathname, searchParams } = new URL(request.url ?? "", "http://gitlab");
        if (request.method !== "GET") asked.push([request.method, pathname, JSON.parse(body)]);
        // One note a page.
        const page = Number(searchParams.get("page") ?? 1);
        response.setHeader("x-next-page", page < notes.length ? page + 1 : "");
        response.end(JSON.stringify(notes.slice(page - 1, page)));
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    const directory = mkdtempSync(join(tmpdir(), "cloudlet-gitlab-"));
    const report = `${marker}\n## Preview\n`;
    writeFileSync(join(directory, "report.md"), report);
    const run = () =>
      execa("sh", ["-e", "-c", pipeline.comment?.script?.[0] ?? "exit 1"], {
        cwd: directory,
        env: {
          CI_API_V4_URL: `http://127.0.0.1:${port}/api/v4`,
          CI_PROJECT_ID: "5",
          CI_MERGE_REQUEST_IID: "7",
          COMMENT_TOKEN: "the token",
          STACK: "home",
        },
      });
    try {
      await run();
      notes = [...notes, { id: 9, body: `${marker}\nold` }];
      await run();
    } finally {
      server.close();
    }
    const path = "/api/v4/projects/5/merge_requests/7/notes";
    expect(asked).toEqual([
      ["POST", path, { body: report }],
      ["PUT", `${path}/9`, { body: report }],
    ]);
  });
});

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}
