import type { Problem } from "../../compose/problem";

/** What the docker CLI warned of, as a test on each of our warnings. */
export interface ExpectedWarning {
  text: string;
  isSaidBy: (warning: Problem) => boolean;
}

/** Splits the CLI's warnings into one for each key or place that they are about. */
export function expectedWarnings(stderr: readonly string[]): ExpectedWarning[] {
  return stderr.flatMap((line) => {
    const [, unsupported] = /^Ignoring unsupported options: (.+)$/.exec(line) ?? [];
    if (unsupported !== undefined) return unsupported.split(", ").map(aboutKey);
    const [, deprecated] = /^(container_name|expose): /.exec(line) ?? [];
    if (deprecated !== undefined) return [aboutKey(deprecated)];
    const [, what, name] = /^WARN "(\w+) (\S+): \w+\.external\.name is deprecated/.exec(line) ?? [];
    if (what !== undefined)
      return [about(line, "surprise/external-name", `${what}s.${name}.external`)];
    const [, address = ""] =
      /^WARN "ignoring IP-address \((.+):[^:]+:[^:]+\/\w+\)/.exec(line) ?? [];
    if (address !== "") return [aboutAddress(line, address.replace(/^\[(.+)\]$/, "$1"))];
    return line === "Ignoring deprecated options:" ? [] : [{ text: line, isSaidBy: () => false }];
  });
}

function aboutKey(key: string): ExpectedWarning {
  return {
    text: `ignored: ${key}`,
    isSaidBy: ({ kind, path }) => kind === "ignored/key" && Boolean(path?.endsWith(`.${key}`)),
  };
}

function about(text: string, wanted: string, at: string): ExpectedWarning {
  return { text, isSaidBy: ({ kind, path }) => kind === wanted && path === at };
}

function aboutAddress(text: string, address: string): ExpectedWarning {
  return {
    text,
    isSaidBy: ({ kind, message }) =>
      kind === "ignored/address" && message.endsWith(` the address ${address}`),
  };
}
