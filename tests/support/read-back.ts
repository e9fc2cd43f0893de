import http from "node:http";
import { waitFor } from "./wait-for";
import type { SwarmSpec } from "../../compose/swarm-spec";

/** An engine's API behind a Unix socket of this machine. */
export class EngineApi {
  constructor(private readonly socketPath: string) {}

  /** Sends one request; the answer's status and body. */
  call(method: string, path: string, body?: object): Promise<{ status: number; body: unknown }> {
    const text = body === undefined ? "" : JSON.stringify(body);
    const headers = {
      "Content-Type": "application/json",
      "Content-Length": Buffer.byteLength(text),
    };
    return new Promise((resolve, reject) => {
      const request = http.request(
        { socketPath: this.socketPath, method, path, headers, agent: false },
        (response) => {
          const chunks: Buffer[] = [];
          response.on("data", (chunk: Buffer) => chunks.push(chunk));
          response.on("end", () => {
            const answer = Buffer.concat(chunks).toString();
            resolve({
              status: response.statusCode ?? 0,
              body: answer === "" ? undefined : JSON.parse(answer),
            });
          });
        },
      );
      request.once("error", reject);
      request.end(text);
    });
  }

  /** Everything of one kind whose label names the stack; of every stack and none where that is "". */
  async list(kind: Kind, stack: string): Promise<LivingObject[]> {
    const { body } = await this.call("GET", `/${kind}`);
    return (body as LivingObject[]).filter(
      ({ Spec, Labels }) =>
        stack === "" || (Spec?.Labels ?? Labels)?.["com.docker.stack.namespace"] === stack,
    );
  }
}

const KINDS = ["networks", "secrets", "configs", "services"] as const;
type Kind = (typeof KINDS)[number];

interface LivingObject {
  readonly Id?: string;
  readonly ID?: string;
  readonly Name?: string;
  readonly Labels?: Readonly<Record<string, string>> | null;
  readonly Driver?: string;
  readonly Spec?: { readonly Name: string; readonly Labels?: Readonly<Record<string, string>> };
}

const nameOf = ({ Name, Spec }: LivingObject) => Spec?.Name ?? Name ?? "";
const idOf = ({ Id, ID }: LivingObject) => ID ?? Id ?? "";

/** What a swarm says of a stack's objects, by kind and name. */
export type ReadBack = Record<Kind, Record<string, unknown>>;

/** Asks for all that belongs to a stack. */
export async function readBack(api: EngineApi, stack: string): Promise<ReadBack> {
  const found = await Promise.all(KINDS.map((kind) => api.list(kind, stack)));
  const ids = new Map(
    found.flat().map((object): [string, string] => [idOf(object), nameOf(object)]),
  );
  return Object.fromEntries(
    KINDS.map((kind, index) => [
      kind,
      Object.fromEntries(
        (found[index] ?? []).map((object) => [nameOf(object), withNames(object, ids)]),
      ),
    ]),
  ) as ReadBack;
}

// Ids differ from one deployment to the next; what they stand for may not.
function withNames(object: object, ids: ReadonlyMap<string, string>): unknown {
  return JSON.parse(JSON.stringify(object), (_, value: unknown) =>
    typeof value === "string" ? (ids.get(value) ?? value) : value,
  );
}

/**
 * Creates a stack from the bodies that the docker CLI sends, with its stand-ins for ids (`secret-id-NAME`). Throws with the
 * engine's words where it does not take one of them.
 */
export async function deployBodies(api: EngineApi, spec: SwarmSpec): Promise<void> {
  const ids = new Map<string, string>();
  for (const kind of KINDS) {
    for (const object of await api.list(kind, ""))
      ids.set(`${kind.slice(0, -1)}-id-${nameOf(object)}`, idOf(object));
    for (const [name, body] of Object.entries(spec[kind])) {
      const sent = JSON.parse(JSON.stringify(body), (_, value: unknown) =>
        typeof value === "string" ? (ids.get(value) ?? value) : value,
      ) as object;
      const { status, body: answer } = await api.call("POST", `/${kind}/create`, sent);
      if (status !== 201) throw new Error(`${name}: ${JSON.stringify(answer)}`);
      const { ID, Id } = answer as LivingObject;
      ids.set(`${kind.slice(0, -1)}-id-${name}`, ID ?? Id ?? "");
    }
    if (kind !== "networks") continue;
    // The swarm says a network's driver only when it has given it a number.
    await waitFor("the networks to have drivers", 30, async () => {
      const networks = await api.list("networks", "");
      return networks.every(({ Driver }) => Driver !== "") || undefined;
    });
  }
}

/** Removes a stack's objects, whatever of it is there. A network is free only a moment after its service is gone. */
export async function removeStack(api: EngineApi, stack: string): Promise<void> {
  for (const kind of [...KINDS].reverse()) {
    for (const object of await api.list(kind, stack)) {
      await waitFor(`${nameOf(object)} to be removed`, 30, async () => {
        const { status, body } = await api.call("DELETE", `/${kind}/${idOf(object)}`);
        if (status < 300 || status === 404) return true;
        throw new Error(JSON.stringify(body));
      });
    }
    // The engine's own copy of a network goes a moment after the swarm's.
    await waitFor(`all ${kind} of ${stack} to be gone`, 30, async () => {
      const left = await api.list(kind, stack);
      return left.length === 0 || undefined;
    });
  }
}
