/** What an engine answered to one request. */
export interface EngineAnswer {
  readonly status: number;
  /** JSON as the Engine API gave it; undefined where there was none. */
  readonly body: unknown;
}

/**
 * Shell that defines `engine_dialog`: sends HTTP requests from standard input to the engine, through the docker command given as
 * its arguments, and prints what it answers; the last request says `Connection: close`. For what the docker command has no words for,
 * for what must not be an argument, and for many questions at once: each start of that command costs a phone part of a second.
 */
// The engine drops requests whose client hangs up: what it reads from is held open until it has answered.
export const ENGINE_DIALOG = `engine_dialog() (
  pipe=$(mktemp -d) || exit 1
  trap 'rm -rf "$pipe"' EXIT
  mkfifo "$pipe/in"
  "$@" system dial-stdio <"$pipe/in" >"$pipe/out" 2>/dev/null &
  exec 3>"$pipe/in"
  cat >&3
  wait $!
  [ -s "$pipe/out" ] && cat "$pipe/out"
)`;

/** Shell that defines `engine_post PATH BODY`: sends one JSON body to the engine as the login user, and prints the answer. */
export const ENGINE_POST = `${ENGINE_DIALOG}
engine_post() {
  { printf 'POST %s HTTP/1.1\\r\\nHost: docker\\r\\nConnection: close\\r\\nContent-Type: application/json\\r\\nContent-Length: %s\\r\\n\\r\\n' "$1" "$(printf %s "$2" | wc -c)"; printf %s "$2"; } | engine_dialog docker
}`;

/** Shell filter that leaves an answer's error message, whatever pieces the answer came in. */
export const ENGINE_MESSAGE = `sed -n 's/.*"message":"\\(.*\\)".*/\\1/p'`;

/** The text of GET requests for these paths of the Engine API, for a shell's `printf`. */
export function getRequests(paths: readonly string[]): string {
  return paths
    .map((path, index) => {
      const close = index === paths.length - 1 ? "Connection: close\\r\\n" : "";
      return `GET ${path} HTTP/1.1\\r\\nHost: docker\\r\\n${close}\\r\\n`;
    })
    .join("");
}

/** Takes HTTP/1.1 answers in base64 that came one after the other apart; those that break off are left out. */
export function parseEngineAnswers(base64: string): EngineAnswer[] {
  const answers: EngineAnswer[] = [];
  let rest: Buffer = Buffer.from(base64, "base64");
  for (;;) {
    const headEnd = rest.indexOf("\r\n\r\n");
    if (headEnd < 0) return answers;
    const [statusLine = "", ...headers] = rest.toString("latin1", 0, headEnd).split("\r\n");
    const body = takeBody(headers, rest.subarray(headEnd + 4));
    if (body === undefined) return answers;
    const status = Number(statusLine.split(" ")[1]);
    answers.push({ status, body: parseJson(body.bytes.toString("utf8")) });
    rest = body.rest;
  }
}

interface Body {
  readonly bytes: Buffer;
  readonly rest: Buffer;
}

function takeBody(headers: readonly string[], from: Buffer): Body | undefined {
  const value = (name: string) => {
    const header = headers.find((line) => line.toLowerCase().startsWith(`${name}:`));
    return header?.slice(name.length + 1).trim();
  };
  if (value("transfer-encoding") === "chunked") return takeChunks(from);
  const length = value("content-length");
  const end = length === undefined ? from.length : Number(length);
  return end > from.length ? undefined : { bytes: from.subarray(0, end), rest: from.subarray(end) };
}

function takeChunks(from: Buffer): Body | undefined {
  const chunks: Buffer[] = [];
  let at = 0;
  for (;;) {
    const lineEnd = from.indexOf("\r\n", at);
    if (lineEnd < 0) return undefined;
    const size = Number.parseInt(from.toString("latin1", at, lineEnd), 16);
    const end = lineEnd + 2 + size;
    if (Number.isNaN(size) || end + 2 > from.length) return undefined;
    if (size === 0) return { bytes: Buffer.concat(chunks), rest: from.subarray(end + 2) };
    chunks.push(from.subarray(lineEnd + 2, end));
    at = end + 2;
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
