import { get } from "node:https";
import { types } from "node:util";
import type { TrustedRegistry } from "./own-registry";

const ANSWER_SECONDS = 10;

/** Throws unless a registry answers and shows the certificate that it is trusted by: known before a long build, not after it. */
export async function requireRegistry({ registry, certificate }: TrustedRegistry): Promise<void> {
  try {
    await ask(`https://${registry}/v2/`, certificate);
  } catch (error) {
    throw new Error(`${registry}: ${explain(error)}`, { cause: error });
  }
}

function ask(url: string, ca: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = get(url, { ca, agent: false, timeout: ANSWER_SECONDS * 1000 }, (answer) => {
      answer.resume();
      if (answer.statusCode === 200) resolve();
      else reject(new Error(`it answered ${answer.statusCode}, which no open registry does`));
    });
    request.on("timeout", () => request.destroy(new Error(`no answer in ${ANSWER_SECONDS} s`)));
    request.on("error", reject);
  });
}

function explain(error: unknown): string {
  if (!types.isNativeError(error)) return String(error);
  const code = "code" in error ? String(error.code) : "";
  return /CERT|SIGNATURE|UNABLE_TO/.test(code)
    ? `it shows another certificate than the one in the settings (${error.message}); \`npm run up\` gives it that one`
    : `the cloudlet's own registry does not answer (${error.message}); \`npm run status\` says whether its stack runs, and this machine has to reach it at that address`;
}
