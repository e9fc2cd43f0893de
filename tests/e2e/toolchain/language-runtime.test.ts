import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { credentials } from "@grpc/grpc-js";
import { LanguageRuntimeClient } from "@pulumi/pulumi/proto/language_grpc_pb";
import {
  type AboutResponse,
  type GetProgramDependenciesResponse,
  type GetRequiredPackagesResponse,
  type LanguageHandshakeResponse,
  type RunResponse,
  type RuntimeOptionsResponse,
  AboutRequest,
  GetProgramDependenciesRequest,
  GetRequiredPackagesRequest,
  InstallDependenciesRequest,
  LanguageHandshakeRequest,
  ProgramInfo,
  RunRequest,
  RuntimeOptionsRequest,
} from "@pulumi/pulumi/proto/language_pb";
import type { PluginInfo } from "@pulumi/pulumi/proto/plugin_pb";
import execa from "execa";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { Struct } from "google-protobuf/google/protobuf/struct_pb";
import { ensureTools } from "../../../toolchain/install";
import { until } from "./pulumi-program";

// The calls that the engine makes, made here: what a whole command would show only in part.

jest.setTimeout(60_000);

let host: execa.ExecaChildProcess;
let client: LanguageRuntimeClient;
let directory: string;

beforeAll(async () => {
  const { tools } = await ensureTools({ log: (line) => process.stderr.write(`${line}\n`) });
  const file = tools.find((tool) => tool.file.endsWith("pulumi-language-nodejs"))?.file ?? "";
  host = execa(file, ["127.0.0.1:1"], { stdin: "pipe", reject: false, buffer: false });
  let port = "";
  host.stdout?.on("data", (text: Buffer) => (port += text.toString()));
  await until("the host says its port", () => port.endsWith("\n"));
  client = new LanguageRuntimeClient(`127.0.0.1:${port.trim()}`, credentials.createInsecure());
});

afterAll(async () => {
  client?.close();
  host?.stdin?.end();
  await host;
});

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "cloudlet-language-"));
});

afterEach(() => rmSync(directory, { recursive: true, force: true }));

function write(name: string, content: object): void {
  mkdirSync(dirname(join(directory, name)), { recursive: true });
  writeFileSync(join(directory, name), JSON.stringify(content));
}

function info(options: Record<string, string> = {}): ProgramInfo {
  return new ProgramInfo()
    .setRootDirectory(directory)
    .setProgramDirectory(join(directory, "program"))
    .setEntryPoint(".")
    .setOptions(Struct.fromJavaScript(options));
}

/** Makes a call and waits for its answer. */
function answerOf<Answer>(
  call: (reply: (problem: Error | null, answer: Answer) => void) => unknown,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    call((problem, answer) => (problem ? reject(problem) : resolve(answer)));
  });
}

function packages(): void {
  write("program/package.json", { dependencies: { direct: "1" } });
  write("program/node_modules/direct/package.json", { name: "direct", version: "1.2.3" });
  write("program/node_modules/direct/node_modules/deep/package.json", {
    name: "@pulumi/deep",
    version: "2.0.0",
    pulumi: { resource: true },
  });
  write("node_modules/@scope/above/package.json", {
    name: "@scope/above",
    version: "3.0.0",
    pulumi: {
      resource: true,
      name: "renamed",
      version: "3.1.0",
      server: "https://plugins.example",
    },
  });
  write("node_modules/@pulumi/sdk/package.json", {
    name: "@pulumi/sdk",
    version: "9.0.0",
    pulumi: { comment: "no provider" },
  });
}

test("the required providers are those of all packages that the program can load", async () => {
  packages();
  const request = new GetRequiredPackagesRequest().setInfo(info());
  const answer = await answerOf<GetRequiredPackagesResponse>((reply) =>
    client.getRequiredPackages(request, reply),
  );
  const found = answer.getPackagesList().map((one) => one.toObject());
  expect(found).toEqual([
    expect.objectContaining({ kind: "resource", name: "deep", version: "v2.0.0", server: "" }),
    expect.objectContaining({
      kind: "resource",
      name: "renamed",
      version: "v3.1.0",
      server: "https://plugins.example",
    }),
  ]);
});

test.each([
  [false, ["direct 1.2.3"]],
  [true, ["direct 1.2.3", "@pulumi/deep 2.0.0", "@pulumi/sdk 9.0.0", "@scope/above 3.0.0"]],
])("the dependencies of a program, transitive: %s", async (transitive, expected) => {
  packages();
  const request = new GetProgramDependenciesRequest()
    .setInfo(info())
    .setTransitivedependencies(transitive);
  const answer = await answerOf<GetProgramDependenciesResponse>((reply) =>
    client.getProgramDependencies(request, reply),
  );
  const found = answer.getDependenciesList().map((one) => `${one.getName()} ${one.getVersion()}`);
  expect(found).toEqual(expected);
});

test("it says what it is, and has no questions of its own", async () => {
  const plugin = await answerOf<PluginInfo>((reply) => client.getPluginInfo(new Empty(), reply));
  expect(plugin.getVersion()).toBe("3.259.0");
  const about = await answerOf<AboutResponse>((reply) => client.about(new AboutRequest(), reply));
  expect(about.toObject()).toMatchObject({ version: process.version });
  const prompts = await answerOf<RuntimeOptionsResponse>((reply) =>
    client.runtimeOptionsPrompts(new RuntimeOptionsRequest(), reply),
  );
  expect(prompts.getPromptsList()).toEqual([]);
  const handshake = new LanguageHandshakeRequest().setEngineAddress("127.0.0.1:1");
  expect(
    (
      await answerOf<LanguageHandshakeResponse>((reply) => client.handshake(handshake, reply))
    ).toObject(),
  ).toEqual({});
});

/** Makes the call that installs npm packages; gives what it printed, rejects with its error. */
function install(options: Record<string, string>): Promise<string> {
  return new Promise((resolve, reject) => {
    let printed = "";
    client
      .installDependencies(new InstallDependenciesRequest().setInfo(info(options)))
      .on("data", (part: { getStdout_asU8(): Uint8Array }) => {
        printed += Buffer.from(part.getStdout_asU8()).toString();
      })
      .once("error", reject)
      .once("end", () => resolve(printed));
  });
}

test("dependencies are installed with npm, and what it prints is passed on", async () => {
  write("program/package.json", { dependencies: { local: "file:./local" } });
  write("program/local/package.json", { name: "local", version: "1.0.0" });
  const printed = await install({});
  expect(printed).toMatch(/^Installing dependencies with npm[^]*Finished installing dependencies/);
  const request = new GetProgramDependenciesRequest().setInfo(info());
  const answer = await answerOf<GetProgramDependenciesResponse>((reply) =>
    client.getProgramDependencies(request, reply),
  );
  expect(answer.getDependenciesList().map((one) => one.getName())).toEqual(["local"]);
});

test("a package manager that is not there is an error that names it", async () => {
  write("program/package.json", {});
  await expect(install({ packagemanager: "not-there" })).rejects.toThrow(
    /not-there install:.*ENOENT/,
  );
});

test("a run without the SDK is an error, not a crash: the host goes on", async () => {
  write("program/package.json", {});
  const request = new RunRequest().setInfo(info()).setPwd(join(directory, "program"));
  const answer = await answerOf<RunResponse>((reply) => client.run(request, reply));
  expect(answer.getError()).toContain("@pulumi/pulumi is not installed here");
  await answerOf<Empty>((reply) => client.cancel(new Empty(), reply));
  expect(host.exitCode).toBeNull();
});

test("a debugger, which it cannot attach, is refused and not ignored", async () => {
  const request = new RunRequest().setInfo(info()).setAttachDebugger(true);
  const answer = await answerOf<RunResponse>((reply) => client.run(request, reply));
  expect(answer.getError()).toBe("this language host cannot attach a debugger");
});
