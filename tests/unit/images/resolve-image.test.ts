import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { resolveImage } from "../../../images/resolve-image";

const SUM = `sha256:${"a".repeat(64)}`;
const CONFIG = `sha256:${"c".repeat(64)}`;
const index = {
  manifests: [
    { platform: { os: "linux", architecture: "arm", variant: "v7" } },
    { platform: { os: "linux", architecture: "amd64" } },
    { platform: { os: "linux", architecture: "amd64", variant: "" } },
    // What buildx adds beside each build.
    { platform: { os: "unknown", architecture: "unknown" } },
    {},
  ],
};

// A simulated registry: answers by path, asked in a real HTTP conversation.
let server: Server;
let answers: Record<string, (request: IncomingMessage, response: ServerResponse) => void>;
let asked: string[];

const origin = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
const resolve = (name: string) => resolveImage(name, { mirror: origin(), today: "2026-11-22" });
const json = (body: object, headers: object = { "docker-content-digest": SUM }) =>
  ((_, response) => {
    response.writeHead(200, { ...headers }).end(JSON.stringify(body));
  }) as (typeof answers)[string];

beforeAll(
  () =>
    new Promise<void>((ready) => {
      server = createServer((request, response) => {
        asked.push(request.url ?? "");
        const answer = answers[(request.url ?? "").split("?")[0] ?? ""];
        if (answer === undefined) response.writeHead(404).end();
        else answer(request, response);
      }).listen(0, "127.0.0.1", ready);
    }),
);
afterAll(() => new Promise((closed) => server.close(closed)));
beforeEach(() => {
  answers = {};
  asked = [];
});

describe("resolveImage", () => {
  it("reads digest and platforms of an index, sorted, each once", async () => {
    answers["/v2/library/web/manifests/1"] = json(index);
    expect(await resolve("web:1")).toEqual({
      digest: SUM,
      platforms: ["linux/amd64", "linux/arm/v7"],
      resolved: "2026-11-22",
    });
  });

  it("asks for indexes first and for single manifests too", async () => {
    let accept = "";
    answers["/v2/shop/web/manifests/latest"] = (request, response) => {
      accept = request.headers.accept ?? "";
      json(index)(request, response);
    };
    await resolve("shop/web");
    expect(accept.split(", ")).toEqual([
      "application/vnd.oci.image.index.v1+json",
      "application/vnd.docker.distribution.manifest.list.v2+json",
      "application/vnd.oci.image.manifest.v1+json",
      "application/vnd.docker.distribution.manifest.v2+json",
    ]);
  });

  it("finds the platform of a single image in its config", async () => {
    answers["/v2/shop/web/manifests/2"] = json({ config: { digest: CONFIG } });
    answers[`/v2/shop/web/blobs/${CONFIG}`] = json({
      os: "linux",
      architecture: "arm64",
      variant: "v8",
      rootfs: {},
    });
    expect((await resolve("shop/web:2")).platforms).toEqual(["linux/arm64/v8"]);
  });

  it("asks for a digest where the name has one", async () => {
    answers[`/v2/library/web/manifests/${SUM}`] = json(index);
    expect((await resolve(`web:1@${SUM}`)).digest).toBe(SUM);
  });

  it.each(["token", "access_token"])(
    "gets a token without an account where the registry wants one, and takes it as %s",
    async (field) => {
      answers["/v2/library/web/manifests/1"] = (request, response) => {
        if (request.headers.authorization === "Bearer t0ken") return json(index)(request, response);
        const realm = `${origin()}/token`;
        const scope = "repository:library/web:pull";
        response
          .writeHead(401, {
            "www-authenticate": `Bearer realm="${realm}",service="registry",scope="${scope}"`,
          })
          .end();
      };
      answers["/token"] = json({ [field]: "t0ken" });
      expect((await resolve("web:1")).digest).toBe(SUM);
      expect(asked).toContain("/token?service=registry&scope=repository%3Alibrary%2Fweb%3Apull");
    },
  );

  const failing = (name: string) =>
    resolve(name).then(
      () => "resolved",
      (error: unknown) =>
        error instanceof Error ? error.message.replaceAll(origin(), "ORIGIN") : "",
    );

  it.each<[string, (typeof answers)[string] | undefined, string]>([
    [
      "an image that is not there",
      undefined,
      "web:1: the registry answered 404 Not Found to ORIGIN/v2/library/web/manifests/1",
    ],
    [
      "a registry in trouble",
      (_, response) => response.writeHead(503).end(),
      "web:1: the registry answered 503 Service Unavailable to ORIGIN/v2/library/web/manifests/1",
    ],
    ["no digest", json(index, {}), "web:1: the registry gave no digest"],
    [
      "something else than an image",
      json({ x: 1 }),
      "web:1: the registry's answer is not an image's",
    ],
    [
      "a login that is asked for",
      (_, response) => response.writeHead(401, { "www-authenticate": 'Basic realm="x"' }).end(),
      "web:1: the registry asks for a login: docker login HOST",
    ],
    [
      "a token that is refused",
      (_, response) =>
        response.writeHead(401, { "www-authenticate": `Bearer realm="${origin()}/none"` }).end(),
      "web:1: the registry answered 404 Not Found to ORIGIN/none",
    ],
  ])("says of %s which image it is", async (_, answer, message) => {
    if (answer !== undefined) answers["/v2/library/web/manifests/1"] = answer;
    expect((await failing("web:1")).replace(/127\.0\.0\.1:\d+/, "HOST")).toBe(message);
  });

  it("says of a registry that nobody answers at which image it is", async () => {
    const message = await resolveImage("web:1", { mirror: "http://127.0.0.1:1", today: "x" }).then(
      () => "resolved",
      (error: unknown) => String(error),
    );
    expect(message).toMatch(/^Error: web:1: .*(ECONNREFUSED|bad port)/);
  });
});
