const alphanumeric = "[a-z0-9]+";
const component = `${alphanumeric}(?:(?:[._]|__|-+)${alphanumeric})*`;
const remoteName = `${component}(?:/${component})*`;
const hostPart = "(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])";
const domain = `(?:${hostPart}(?:\\.${hostPart})*|\\[[a-fA-F0-9:]+\\])(?::[0-9]+)?`;
const digest = "[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}";
const reference = new RegExp(
  `^(${domain})/(${remoteName})(?::([A-Za-z0-9_][\\w.-]{0,127}))?(?:@(${digest}))?$`,
);
const digestLengths: Readonly<Record<string, number>> = { sha256: 64, sha384: 96, sha512: 128 };

/**
 * Reads an image reference and gives the form in which the docker CLI sends it: short, and with a
 * tag (`docker.io/library/nginx` becomes `nginx:latest`). A problem says what is wrong.
 */
export function parseImage(text: string): { image: string } | { problem: string } {
  if (text.length > 4096) return { problem: "it is too long" };
  // An id or a digest alone is sent as it is.
  if (/^[a-f0-9]{64}$/.test(text) || isDigest(text)) return { image: text };
  const [host, path] = splitDomain(text);
  const name = path.split(":")[0] ?? "";
  if (name !== name.toLowerCase()) return { problem: "the name must be in lower case" };
  const [, matchedHost, repository = "", tag, sum] = reference.exec(`${host}/${path}`) ?? [];
  if (matchedHost === undefined) return { problem: "it is not an image reference" };
  if (repository.length > 255) return { problem: "the name is longer than 255 characters" };
  if (sum !== undefined && !isDigest(sum)) return { problem: "the digest is not valid" };
  const short = shorten(matchedHost, repository);
  const suffix = sum === undefined ? "" : `@${sum}`;
  const tagged = tag ?? (sum === undefined ? "latest" : undefined);
  return { image: short + (tagged === undefined ? "" : `:${tagged}`) + suffix };
}

function splitDomain(text: string): [host: string, path: string] {
  const slash = text.indexOf("/");
  if (slash === -1) return ["docker.io", `library/${text}`];
  const first = text.slice(0, slash);
  const isHost = first === "localhost" || /[.:]/.test(first) || first !== first.toLowerCase();
  if (!isHost) return ["docker.io", text];
  const host = first === "index.docker.io" ? "docker.io" : first;
  const rest = text.slice(slash + 1);
  return [host, host === "docker.io" && !rest.includes("/") ? `library/${rest}` : rest];
}

function shorten(host: string, repository: string): string {
  if (host !== "docker.io") return `${host}/${repository}`;
  const [, official] = /^library\/([^/]+)$/.exec(repository) ?? [];
  return official ?? repository;
}

function isDigest(text: string): boolean {
  const [, algorithm = "", hex = ""] = /^([a-z0-9]+):([a-f0-9]+)$/.exec(text) ?? [];
  return Object.hasOwn(digestLengths, algorithm) && digestLengths[algorithm] === hex.length;
}
