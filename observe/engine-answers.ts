/** What an engine answered to one request. */
export interface EngineAnswer {
  readonly status: number;
  /** JSON as the Engine API gave it; undefined where there was none. */
  readonly body: unknown;
}

/**
 * Shell that defines \`ask_engine\`: sends GET requests for these paths of the Engine API over one connection, through the docker
 * command given as its arguments, and prints the answers in base64, for {@link parseEngineAnswers}. One start of that command
 * costs a phone part of a second, so everything is asked at once.
 */
export function askEngineFunction(paths: readonly string[]): string {
  const requests = paths.map((path, index) => {
    const close = index === paths.length - 1 ? "Connection: close\\r\\n" : "";
    return `GET ${path} HTTP/1.1\\r\\nHost: docker\\r\\n${close}\\r\\n`;
  });
  // The engine drops requests whose client hangs up: what it reads from is held open until it has answered.
  return `ask_engine() (
  pipe=$(mktemp -d) || exit 1
  trap 'rm -rf "$pipe"' EXIT
  mkfifo "$pipe/in"
  exec 3<>"$pipe/in"
  "$@" system dial-stdio <"$pipe/in" >"$pipe/out" 2>/dev/null 3>&- &
  printf '${requests.join("")}' >&3
  wait $! && [ -s "$pipe/out" ] && base64 <"$pipe/out" | tr -d '\\n'
)`;
}

/** Takes HTTP/1.1 answers that came one after the other apart; those that break off are left out. */
export function parseEngineAnswers(base64: string): EngineAnswer[] {
  const answers: EngineAnswer[] = [];
  let rest = Buffer.from(base64, "base64");
  for (;;) {
    const headEnd = rest.indexOf("\r\n\r\n");
    if (headEnd < 0) return answers;
    const [statusLine = "", ...headers] = rest.toString("latin1", 0, headEnd).split("\r\n");
    const body = takeBody(headers, rest.subarray(headEnd + 4));
    if (body === undefined) return answers;
    const status = Number(statusLine.split(" ")[1]);
    answers.push({ status, body: parseJson(body.bytes.toString("utf8")) });
    rest = Buffer.from(body.rest);
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
