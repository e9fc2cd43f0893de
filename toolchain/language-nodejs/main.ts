// The Node.js language host: the process through which the engine runs programs written for Node.js.
// It is bundled into one file, which must start quickly: it is started at least once in every command.
import { Server, ServerCredentials } from "@grpc/grpc-js";
import { LanguageRuntimeService } from "@pulumi/pulumi/proto/language_grpc_pb";
import { endWithTheEngine } from "./end-with-the-engine";
import { languageRuntime } from "./language-runtime";
import { ProgramRunner } from "./program-runner";

/** The engine's address is the last argument; the flags before it are for tracing and logs. */
const engineAddress = process.argv.at(-1) ?? "";

const runner = new ProgramRunner(engineAddress);
const server = new Server({
  "grpc.max_receive_message_length": -1,
  "grpc.max_send_message_length": -1,
});
server.addService(LanguageRuntimeService, languageRuntime(runner));
server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (problem, port) => {
  if (problem) {
    console.error(`pulumi-language-nodejs: no port to listen on: ${problem.message}`);
    process.exit(1);
  }
  process.stdout.write(`${port}\n`);
});
endWithTheEngine(() => runner.stop());
