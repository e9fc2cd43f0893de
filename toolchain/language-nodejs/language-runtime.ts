import {
  type handleServerStreamingCall,
  type handleUnaryCall,
  status,
  type UntypedServiceImplementation,
} from "@grpc/grpc-js";
import {
  type AboutRequest,
  AboutResponse,
  DependencyInfo,
  type GetProgramDependenciesRequest,
  GetProgramDependenciesResponse,
  type GetRequiredPackagesRequest,
  GetRequiredPackagesResponse,
  type GetRequiredPluginsRequest,
  GetRequiredPluginsResponse,
  type InstallDependenciesRequest,
  InstallDependenciesResponse,
  type LanguageHandshakeRequest,
  LanguageHandshakeResponse,
  type ProgramInfo,
  type RunRequest,
  type RunResponse,
  type RuntimeOptionsRequest,
  RuntimeOptionsResponse,
} from "@pulumi/pulumi/proto/language_pb";
import { PluginDependency, PluginInfo } from "@pulumi/pulumi/proto/plugin_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { versions } from "../versions";
import { installDependencies, packageManager } from "./install-dependencies";
import { programDependencies } from "./installed-packages";
import type { ProgramRunner } from "./program-runner";
import { requiredPackages } from "./required-packages";
import { runtimeOptions } from "./runtime-options";

/** The calls that the engine makes. Those that generate code or run plugins are not implemented. */
export function languageRuntime(runner: ProgramRunner): UntypedServiceImplementation {
  return {
    handshake: unary<LanguageHandshakeRequest, LanguageHandshakeResponse>(
      () => new LanguageHandshakeResponse(),
    ),
    getPluginInfo: unary<Empty, PluginInfo>(() => new PluginInfo().setVersion(versions.cli)),
    about: unary<AboutRequest, AboutResponse>(() =>
      new AboutResponse().setExecutable(process.execPath).setVersion(process.version),
    ),
    runtimeOptionsPrompts: unary<RuntimeOptionsRequest, RuntimeOptionsResponse>(
      () => new RuntimeOptionsResponse(),
    ),
    getRequiredPackages: unary<GetRequiredPackagesRequest, GetRequiredPackagesResponse>((request) =>
      new GetRequiredPackagesResponse().setPackagesList(requiredPackages(directoryOf(request))),
    ),
    getRequiredPlugins: unary<GetRequiredPluginsRequest, GetRequiredPluginsResponse>(
      getRequiredPlugins,
    ),
    getProgramDependencies: unary<GetProgramDependenciesRequest, GetProgramDependenciesResponse>(
      getProgramDependencies,
    ),
    installDependencies: install,
    run: unary<RunRequest, RunResponse>((request) => runner.run(request)),
    cancel: unary<Empty, Empty>(async () => {
      await runner.stop();
      return new Empty();
    }),
  };
}

/** Makes a gRPC handler of a function; what it throws is the call's error. */
function unary<Request, Response>(
  handle: (request: Request) => Response | Promise<Response>,
): handleUnaryCall<Request, Response> {
  return (call, callback) => {
    new Promise<Response>((resolve) => resolve(handle(call.request))).then(
      (response) => callback(null, response),
      (problem: unknown) => callback({ code: status.UNKNOWN, details: messageOf(problem) }),
    );
  };
}

function messageOf(problem: unknown): string {
  return problem instanceof Error ? problem.message : String(problem);
}

function directoryOf(request: { getInfo(): ProgramInfo | undefined }): string {
  return request.getInfo()?.getProgramDirectory() || process.cwd();
}

function getRequiredPlugins(request: GetRequiredPluginsRequest): GetRequiredPluginsResponse {
  const plugins = requiredPackages(directoryOf(request)).map((required) =>
    new PluginDependency()
      .setKind(required.getKind())
      .setName(required.getName())
      .setVersion(required.getVersion())
      .setServer(required.getServer()),
  );
  return new GetRequiredPluginsResponse().setPluginsList(plugins);
}

function getProgramDependencies(
  request: GetProgramDependenciesRequest,
): GetProgramDependenciesResponse {
  const list = programDependencies(directoryOf(request), request.getTransitivedependencies()).map(
    ({ name, version }) => new DependencyInfo().setName(name).setVersion(version),
  );
  return new GetProgramDependenciesResponse().setDependenciesList(list);
}

const install: handleServerStreamingCall<
  InstallDependenciesRequest,
  InstallDependenciesResponse
> = (call) => {
  const directory = call.request.getInfo()?.getProgramDirectory() || call.request.getDirectory();
  const manager = packageManager(directory, runtimeOptions(call.request.getInfo()).packageManager);
  const print = (line: string) =>
    call.write(new InstallDependenciesResponse().setStdout(Buffer.from(line)));
  print(`Installing dependencies with ${manager}...\n\n`);
  installDependencies(directory, manager, {
    stdout: (text) => call.write(new InstallDependenciesResponse().setStdout(text)),
    stderr: (text) => call.write(new InstallDependenciesResponse().setStderr(text)),
  }).then(
    () => {
      print("Finished installing dependencies\n\n");
      call.end();
    },
    (problem: unknown) => call.emit("error", { code: status.UNKNOWN, details: messageOf(problem) }),
  );
};
