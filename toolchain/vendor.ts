import { join } from "node:path";
import execa from "execa";
import { removeIfOurs } from "./installed-tool";
import { cli, languageHost, type Log, type Tool } from "./tool";

/** What the npm package `pulumi` asks for first when it downloads the CLI. */
const firstRequest = "https://get.pulumi.com/install.sh";
const probeMs = 4000;
const downloadMs = 10 * 60_000;

/** Whether the vendor can be reached from here, found out within a few seconds. */
export async function vendorAnswers(): Promise<boolean> {
  try {
    const response = await fetch(firstRequest, {
      method: "HEAD",
      signal: AbortSignal.timeout(probeMs),
    });
    return response.ok;
  } catch {
    return false;
  }
}

/** Downloads the tools into the Pulumi home as `npx pulumi` itself does. Rejects if the vendor stops answering. */
export async function downloadFromVendor(
  missing: readonly Tool[],
  home: string,
  log: Log,
): Promise<void> {
  const options = { env: { PULUMI_HOME: home }, timeout: downloadMs };
  if (missing.includes(cli)) {
    log(`downloading ${cli.title} from the vendor: about 100 MB`);
    await removeIfOurs(languageHost, home); // the vendor's comes with the CLI
    await execa(process.execPath, [require.resolve("pulumi/run.js"), "version"], options);
  }
  for (const { title, plugin } of missing) {
    if (!plugin) continue;
    log(`downloading ${title} from the vendor: about 30 MB`);
    await execa(join(home, cli.file), ["plugin", "install", ...plugin], options);
  }
}
