import { appendFileSync, cpSync, existsSync, mkdirSync, mkdtempSync } from "node:fs";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join, resolve } from "node:path";
import execa from "execa";
import { parse, stringify } from "yaml";
import { ensureTools } from "../../toolchain/install";

// The steps of preview.yml on this machine, as GitHub runs them on its own: no phone, and no simulated one either.

const ROOT = resolve(__dirname, "../..");
const MINUTE = 60_000;
const STACK = "home";

interface Step {
  readonly id?: string;
  readonly if?: string;
  readonly run?: string;
  readonly env?: Record<string, string>;
  readonly "continue-on-error"?: boolean;
}

interface JobRun {
  /** What the steps printed; the Report step's first lines are annotations. */
  readonly output: string;
  readonly failed: boolean;
  readonly summary: string;
  readonly outputs: string;
}

const SECRETS = { dbPassword: "swordfish+Db/1", panelPassword: "swordfish Panel & 2" };

const NODES = {
  "pixel-1": { address: "10.96.0.11", role: "master", hostKey: "ssh-ed25519 AAAAC3Nz" },
  "pixel-2": { address: "10.96.0.12", role: "compute", hostKey: "ssh-ed25519 AAAAC3Nz" },
};

const STACK_FILE = `services:
  web:
    image: cloudlet/probe:1
    command: [serve, "--password", "\${DB_PASSWORD}"]
    environment:
      URL: "postgres://coffee:\${DB_PASSWORD}@db/coffee"
      GREETING: hello
    labels: { password: "\${DB_PASSWORD}" }
    secrets: [panel_password]
    deploy:
      labels: { password: "\${DB_PASSWORD}" }
  log:
    image: cloudlet/probe:1
    environment: { PASSWORD: "\${DB_PASSWORD}" }
    volumes: ["data:/\${DB_PASSWORD}"]
volumes:
  data:
secrets:
  panel_password:
    external: true
`;

const LOCK = {
  images: Object.fromEntries(
    ["1", "2"].map((tag) => [
      `cloudlet/probe:${tag}`,
      {
        digest: `sha256:${tag.repeat(64)}`,
        platforms: ["linux/arm/v7"],
        resolved: "2026-11-22",
      },
    ]),
  ),
};

/** A repository with a target branch and a pull request, checked out as GitHub does: the merge of both, and what was before. */
class Repository {
  readonly directory = mkdtempSync(join(tmpdir(), "cloudlet-pull-request-"));
  readonly checkout = join(this.directory, "checkout");
  readonly #runnerTemp = join(this.directory, "runner");

  static async create(change: (repository: Repository) => void): Promise<Repository> {
    const repository = new Repository();
    const left = /^(\..*|node_modules|tests|docs|sim)$/;
    cpSync(ROOT, repository.checkout, {
      recursive: true,
      filter: (source) => !left.test(source.slice(ROOT.length + 1).split("/")[0] ?? ""),
    });
    for (const folder of ["runner", "bin"]) mkdirSync(join(repository.directory, folder));
    writeFileSync(join(repository.directory, "bin", "npm"), await npmWithoutInstalling(), {
      mode: 0o755,
    });
    writeFileSync(join(repository.checkout, ".gitignore"), "node_modules\n.state/\n.cloudlet/\n");
    repository.write("stacks/shop.yml", STACK_FILE);
    repository.write(`images.${STACK}.lock.yml`, stringify(LOCK));
    repository.writeSettings(NODES);
    await repository.pulumi(["stack", "init", STACK]);
    for (const [name, value] of Object.entries(SECRETS)) {
      await repository.pulumi(["config", "set", "-s", STACK, "--secret", name], value);
    }
    const git = (...args: string[]) => execa("git", args, { cwd: repository.checkout });
    const who = ["-c", "user.name=t", "-c", "user.email=t@example.com"];
    await git("init", "--quiet", "--initial-branch", "main");
    await git("add", "--all");
    await git(...who, "commit", "--quiet", "-m", "the target branch");
    await git("switch", "--quiet", "-c", "change");
    change(repository);
    await git(...who, "commit", "--quiet", "--all", "--allow-empty", "-m", "the pull request");
    await git("switch", "--quiet", "--detach", "main");
    await git(...who, "merge", "--quiet", "--no-ff", "-m", "the merge", "change");
    return repository;
  }

  write(path: string, text: string): void {
    writeFileSync(join(this.checkout, path), text);
  }

  read(path: string): string {
    return readFileSync(join(this.checkout, path), "utf8");
  }

  /** Replaces the plain settings and keeps what is encrypted. */
  writeSettings(nodes: object, more: object = {}): void {
    const path = `Pulumi.${STACK}.yaml`;
    const there = existsSync(join(this.checkout, path));
    const old = (there ? parse(this.read(path)) : {}) as { config?: Record<string, unknown> };
    const environment = { DB_PASSWORD: { secret: "dbPassword" } };
    const config = {
      ...old.config,
      "cloudlet:nodes": nodes,
      "cloudlet:stacks": { shop: { file: "stacks/shop.yml", environment } },
      ...more,
    };
    this.write(path, stringify({ ...old, config }));
  }

  /** Runs the job's steps that are shell, one after the other, with the repository's secrets where there are any. */
  async runJob(secrets: Readonly<Record<string, string>>): Promise<JobRun> {
    const text = readFileSync(join(ROOT, ".github/workflows/preview.yml"), "utf8");
    const workflow = parse(text) as { jobs: { preview: { steps: Step[] } } };
    // Each of GitHub's machines is a new one.
    rmSync(this.#runnerTemp, { recursive: true });
    mkdirSync(this.#runnerTemp);
    await execa("git", ["worktree", "prune"], { cwd: this.checkout });
    const files = { GITHUB_OUTPUT: "output", GITHUB_STEP_SUMMARY: "summary" };
    const paths = Object.entries(files).map(([name, file]): [string, string] => [
      name,
      join(this.#runnerTemp, file),
    ]);
    for (const [, path] of paths) writeFileSync(path, "");
    const variables = { ...this.#environment, STACK, RUNNER_TEMP: this.#runnerTemp };
    const read = (file: string) => readFileSync(join(this.#runnerTemp, file), "utf8");
    let output = "";
    let failed = false;
    for (const step of workflow.jobs.preview.steps) {
      if (step.run === undefined) continue;
      const found = read(files.GITHUB_OUTPUT).includes("found=yes\n");
      if (step.if?.includes("found == 'yes'") && !found) continue;
      if (failed && !step.if?.includes("!cancelled()")) continue;
      const given = Object.entries(step.env ?? {}).map(([name, expression]) => {
        const secret = /^\$\{\{ secrets\.(\w+) \}\}$/.exec(expression)?.[1] ?? "";
        return [name, secrets[secret] ?? ""];
      });
      const env = { ...variables, ...Object.fromEntries(paths), ...Object.fromEntries(given) };
      // GitHub's own way to run a step.
      const result = await execa("bash", ["-e", "-c", step.run], {
        ...{ cwd: this.checkout, env, extendEnv: false, all: true, reject: false },
      });
      output += `${result.all ?? ""}\n`;
      if (result.exitCode !== 0 && step["continue-on-error"] !== true) failed = true;
    }
    const [outputs, summary] = [read(files.GITHUB_OUTPUT), read(files.GITHUB_STEP_SUMMARY)];
    return { output, failed, outputs, summary };
  }

  async pulumi(args: readonly string[], input = ""): Promise<void> {
    const env = { ...this.#environment, PULUMI_CONFIG_PASSPHRASE: "" };
    if (!existsSync(join(this.checkout, ".state"))) mkdirSync(join(this.checkout, ".state"));
    await execa(join(ROOT, "node_modules/.bin/pulumi"), [...args], {
      ...{ cwd: this.checkout, env, extendEnv: false, input },
    });
  }

  get #environment(): NodeJS.ProcessEnv {
    const kept = Object.entries(process.env).filter(([name]) => !/^(PULUMI_|SSH_|AWS_)/.test(name));
    const path = `${join(this.directory, "bin")}${delimiter}${process.env.PATH ?? ""}`;
    const { PULUMI_HOME } = process.env;
    return {
      ...Object.fromEntries(kept),
      ...(PULUMI_HOME && { PULUMI_HOME }),
      PATH: path,
      CI: "true",
      PULUMI_SKIP_UPDATE_CHECK: "true",
      PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
      NO_COLOR: "1",
    };
  }

  remove(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }
}

/** The packages are here already, and are the same. */
async function npmWithoutInstalling(): Promise<string> {
  const { stdout: npm } = await execa("sh", ["-c", "command -v npm"]);
  return `#!/bin/sh
if [ "$1" = ci ]; then exec ln -sfn '${ROOT}/node_modules' node_modules; fi
exec '${npm}' "$@"
`;
}

/** Every form in which a secret might show. */
function formsOfSecrets(): string[] {
  return Object.values(SECRETS).flatMap((secret) => [
    secret,
    Buffer.from(secret).toString("base64"),
    encodeURIComponent(secret),
    JSON.stringify(secret),
    // Escaped or cut, its beginning would still be there.
    secret.slice(0, 9),
  ]);
}

function expectNoSecret({ output, summary }: JobRun): void {
  expect(formsOfSecrets().filter((form) => `${output}${summary}`.includes(form))).toEqual([]);
}

const table = ({ summary }: JobRun) =>
  summary.split("\n").filter((line) => /^\| (?!what|---)/.test(line));
const annotations = ({ output }: JobRun) =>
  output.split("\n").filter((line) => /^::(error|warning) /.test(line));

let repository: Repository;

beforeAll(() => ensureTools({ log: (line) => process.stderr.write(`${line}\n`) }), 30 * MINUTE);
afterEach(() => repository.remove());

describe("a pull request from a fork, without secrets and state", () => {
  it(
    "is compared with the target branch: phones, images and secrets, with what that does",
    async () => {
      repository = await Repository.create((its) => {
        its.writeSettings({
          ...NODES,
          "pixel-1": { ...NODES["pixel-1"], role: "compute" },
          "pixel-2": { ...NODES["pixel-2"], role: "master" },
        });
        its.write("stacks/shop.yml", STACK_FILE.replace("probe:1", "probe:2"));
      });
      const run = await repository.runJob({});
      expect(run).toMatchObject({ failed: false, outputs: "found=yes\n" });
      expect(table(run)).toEqual([
        "| phone `pixel-1` | role master → compute | no task restarts |",
        "| phone `pixel-2` | role compute → master | no task restarts |",
        "| the swarm | would begin elsewhere | no task restarts |",
        "| service `shop_web` | image `cloudlet/probe:1` → `cloudlet/probe:2` | 1 task restarts |",
      ]);
      expect(annotations(run)).toEqual([]);
      expect(repository.read("report.md")).toBe(run.summary);
      expect(run.summary).toContain("Compared with what the target branch declares");
      expectNoSecret(run);
    },
    2 * MINUTE,
  );

  it(
    "changes nothing where it changes nothing, and leaves the settings and the state as they are",
    async () => {
      repository = await Repository.create(() => undefined);
      const before = repository.read(`Pulumi.${STACK}.yaml`);
      const run = await repository.runJob({});
      expect(run.summary).toContain("## Preview of `home`: no changes\n");
      expect(run.failed).toBe(false);
      expect(repository.read(`Pulumi.${STACK}.yaml`)).toBe(before);
      const { stdout } = await execa("git", ["status", "--porcelain"], {
        cwd: repository.checkout,
      });
      expect(stdout).toBe("?? report.md");
    },
    2 * MINUTE,
  );

  it(
    "fails with its problems at their file and line, of the settings and of stack files",
    async () => {
      repository = await Repository.create((its) => {
        its.write("stacks/shop.yml", STACK_FILE.replace("    secrets: [", "    secret: ["));
      });
      const inStack = await repository.runJob({});
      expect(inStack.failed).toBe(true);
      expect(inStack.summary).toContain("## Preview of `home` failed: 1 problem\n");
      expect(annotations(inStack)).toEqual([
        expect.stringMatching(/^::error file=stacks\/shop\.yml,line=9,col=5,title=cloudlet::/),
      ]);

      const nodes = { ...NODES, "pixel-2": { ...NODES["pixel-2"], address: "10.96.0.11" } };
      repository.writeSettings(nodes);
      const inSettings = await repository.runJob({});
      const text = repository.read(`Pulumi.${STACK}.yaml`).split("\n");
      const line = text.findLastIndex((each) => each.includes("address: 10.96.0.11")) + 1;
      expect(annotations(inSettings)).toEqual([
        `::error file=Pulumi.home.yaml,line=${line},col=7,title=cloudlet::cloudlet:nodes.pixel-2.address: expected an address of its own, got "10.96.0.11", which pixel-1 has`,
      ]);

      appendFileSync(join(repository.checkout, `Pulumi.${STACK}.yaml`), "<<<<<<< HEAD\n");
      const broken = await repository.runJob({});
      expect(broken.failed).toBe(true);
      expect(annotations(broken)[0]).toMatch(/^::error file=Pulumi\.home\.yaml,line=\d+,col=1,/);
    },
    3 * MINUTE,
  );
});

describe("a pull request of the repository, with its secrets", () => {
  const SECRETS_OF_REPOSITORY = { PULUMI_CONFIG_PASSPHRASE: "a passphrase" };

  it(
    "is compared with the state, and shows no secret: neither in plans nor in problems that quote one",
    async () => {
      repository = await Repository.create((its) => {
        its.write("stacks/shop.yml", STACK_FILE.replace("hello", "hi"));
      });
      // The state of a stack that was never deployed, under the empty passphrase of this test's own.
      const wrong = await repository.runJob(SECRETS_OF_REPOSITORY);
      expect(wrong.failed).toBe(true);
      expect(wrong.summary).toContain("did not run to its end");
      expectNoSecret(wrong);

      const run = await repository.runJob({ PULUMI_ACCESS_TOKEN: "a token" });
      expect(run.failed).toBe(false);
      expect(table(run)).toEqual([
        "| phone `pixel-1` | new master | Docker is set up, and it joins the swarm |",
        "| phone `pixel-2` | new compute | Docker is set up, and it joins the swarm |",
        "| the swarm | begins |  |",
        "| service `shop_log` | new: image `cloudlet/probe:1` | 1 task starts |",
        "| service `shop_web` | new: image `cloudlet/probe:1` | 1 task starts |",
        "| network `shop_default` | new |  |",
        "| secret `shop_panel_password` | new |  |",
      ]);
      expect(run.summary).toContain("Compared with the state of the last up");
      expectNoSecret(run);

      const quoting = STACK_FILE.replace("cloudlet/probe:1", "cloudlet/${DB_PASSWORD}:1");
      repository.write("stacks/shop.yml", quoting);
      const refused = await repository.runJob({ PULUMI_ACCESS_TOKEN: "a token" });
      expect(refused.failed).toBe(true);
      expect(annotations(refused)).toEqual([
        expect.stringMatching(/^::error file=stacks\/shop\.yml,line=3,col=\d+,.*\[secret\]/),
      ]);
      expectNoSecret(refused);
    },
    3 * MINUTE,
  );
});

describe("a repository without settings, such as cloudlet's own", () => {
  it(
    "has nothing to preview, which is no failure",
    async () => {
      repository = await Repository.create((its) => {
        rmSync(join(its.checkout, `Pulumi.${STACK}.yaml`));
      });
      const run = await repository.runJob({});
      expect(run).toMatchObject({ failed: false, outputs: "", summary: "" });
      expect(run.output).toContain("::notice title=cloudlet::there is no Pulumi.home.yaml");
    },
    MINUTE,
  );
});
