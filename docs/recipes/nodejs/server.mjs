// Tells what it runs on, at port 8080.
import { createServer } from "node:http";

const { arch, platform, version } = process;

createServer((_, answer) => {
  answer.end(`hello from Node.js ${version} on ${platform}/${arch}\n`);
}).listen(8080);

// The first process of a container gets no signal that it does not ask for.
process.once("SIGTERM", () => process.exit(0));
