import { createServer, type Server } from "node:net";
import { waitUntil } from "./wait-until";

/**
 * Runs `task` while no other process of this machine is inside the lock of that name. The lock is an abstract Unix
 * socket, so that the kernel frees it with the process, however that ends.
 */
export async function withMachineLock<T>(name: string, task: () => Promise<T>): Promise<T> {
  let server: Server | undefined;
  await waitUntil(`lock ${name}: another process holds it`, 900, async () => {
    server = await listen(`\0cloudlet-simulation-${name}`);
    return server !== undefined;
  });
  try {
    return await task();
  } finally {
    server?.close();
  }
}

function listen(path: string): Promise<Server | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EADDRINUSE") resolve(undefined);
      else reject(error);
    });
    server.listen({ path }, () => {
      resolve(server);
    });
  });
}
