import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import execa from "execa";
import { buildStandIns } from "../../../sim/build-stand-ins";
import { waitFor } from "../../support/wait-for";

jest.setTimeout(300_000);

const directory = mkdtempSync(join(tmpdir(), "cloudlet-stand-ins-"));
const program = join(directory, "app");
const started: execa.ExecaChildProcess[] = [];

beforeAll(async () => {
  const programs = await buildStandIns((line) => process.stderr.write(`stand-ins: ${line}\n`));
  const own = programs.get(process.arch === "arm64" ? "linux/arm64" : "linux/amd64");
  writeFileSync(program, own!);
  chmodSync(program, 0o755);
});

afterEach(async () => {
  for (const part of started.splice(0)) {
    part.kill("SIGKILL");
    await part;
  }
});

afterAll(() => {
  rmSync(directory, { recursive: true });
});

/** Starts a part as a process of this machine; only what it is given is in its environment. */
function start(mode: string, port: number, environment: Record<string, string>, ...args: string[]) {
  const part = execa(program, [mode, ...args], {
    env: { STAND_IN_LISTEN: `127.0.0.1:${port}`, STAND_IN_WORK_TIME: "10ms", ...environment },
    extendEnv: false,
    reject: false,
    all: true,
  });
  started.push(part);
  return part;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function freePorts<Name extends string>(...names: Name[]): Promise<Record<Name, number>> {
  const ports = await Promise.all(names.map(async (name) => [name, await freePort()] as const));
  return Object.fromEntries(ports) as Record<Name, number>;
}

interface Order {
  orderStatus: string;
  lineItems: { name: string; itemStatus: string; madeBy: string }[];
}

/** The whole shop, as the stack starts it, but with this password in the parts' address of the broker. */
async function openShop(brokerPassword = "pw") {
  const port = await freePorts("postgres", "rabbitmq", "product", "counter", "proxy", "web");
  const database = { POSTGRES_USER: "coffee", POSTGRES_PASSWORD: "pw", POSTGRES_DB: "coffee" };
  void start("postgres", port.postgres, {
    ...database,
    PGDATA: mkdtempSync(join(directory, "data-")),
  });
  const broker = { RABBITMQ_DEFAULT_USER: "coffee", RABBITMQ_DEFAULT_PASS: "pw" };
  void start("rabbitmq", port.rabbitmq, broker);
  void start("product", port.product, {});
  const storage = {
    IN_DOCKER: "true",
    PG_URL: `postgres://coffee:pw@127.0.0.1:${port.postgres}/coffee`,
    PG_DSN_URL: `host=127.0.0.1 port=${port.postgres} user=coffee password=pw dbname=coffee`,
    RABBITMQ_URL: `amqp://coffee:${brokerPassword}@127.0.0.1:${port.rabbitmq}/`,
    PRODUCT_CLIENT_URL: `127.0.0.1:${port.product}`,
  };
  const counter = start("counter", port.counter, storage);
  void start("barista", 0, storage);
  void start("kitchen", 0, storage);
  void start("proxy", port.proxy, {
    GRPC_PRODUCT_HOST: "127.0.0.1",
    GRPC_PRODUCT_PORT: String(port.product),
    GRPC_COUNTER_HOST: "127.0.0.1",
    GRPC_COUNTER_PORT: String(port.counter),
  });
  const proxy = `http://127.0.0.1:${port.proxy}`;
  const pages = { REVERSE_PROXY_URL: proxy, WEB_PORT: String(port.web) };
  void start("web", port.web, pages);
  return { counter, proxy, web: `http://127.0.0.1:${port.web}` };
}

function order(proxy: string, body: object): Promise<Response> {
  return fetch(`${proxy}/v1/api/orders`, { method: "POST", body: JSON.stringify(body) });
}

describe("the coffee shop's stand-ins", () => {
  it("take an order through all parts, from the page to the kitchen and back", async () => {
    const { proxy, web } = await openShop();
    const page = await waitFor("the page", 20, async () => (await fetch(web)).text());
    expect(page).toContain("stand-in for go-coffeeshop");
    const told = await (await fetch(`${web}/reverse-proxy-url`)).json();
    expect(told).toEqual({ url: proxy });
    const menu = await waitFor("the menu", 20, async () => {
      const answer = await fetch(`${proxy}/v1/api/item-types`);
      expect(answer.headers.get("access-control-allow-origin")).toBe("*");
      return answer.ok ? ((await answer.json()) as { itemTypes: object[] }) : undefined;
    });
    expect(menu.itemTypes).toContainEqual({ name: "CROISSANT", type: 7, price: 3.25 });
    const wanted = { baristaItems: [{ itemType: 0 }], kitchenItems: [{ itemType: 7 }] };
    await waitFor("the order to be taken", 20, async () =>
      (await order(proxy, wanted)).ok ? true : undefined,
    );
    const [made] = await waitFor("the order to be made", 20, async () => {
      const answer = await (await fetch(`${proxy}/v1/fulfillment-orders`)).json();
      const { orders } = answer as { orders: Order[] };
      return orders[0]?.orderStatus === "FULFILLED" ? orders : undefined;
    });
    expect(made!.lineItems).toEqual([
      expect.objectContaining({ name: "CAPPUCCINO", itemStatus: "FULFILLED" }),
      expect.objectContaining({ name: "CROISSANT", itemStatus: "FULFILLED" }),
    ]);
    const wrong = await order(proxy, { baristaItems: [{ itemType: 99 }] });
    expect([wrong.status, await wrong.json()]).toEqual([
      400,
      { code: 3, message: "counter: order: item type 99 is not on that part of the menu" },
    ]);
  });

  it("show a wrong broker password where the user looks, and give up like the originals", async () => {
    const { counter, proxy } = await openShop("not-this-one");
    const failed = await counter;
    expect(failed.exitCode).toBe(1);
    expect(failed.all).toMatch(
      /broker: gave up: ACCESS_REFUSED: login was refused for user "coffee"/,
    );
    expect(failed.all).not.toContain("not-this-one");
    const answer = await fetch(`${proxy}/v1/fulfillment-orders`);
    expect(answer.status).toBe(503);
    const { message } = (await answer.json()) as { message: string };
    expect(message).toMatch(/^proxy: counter: .*connection refused/);
  });

  it.each([
    ["web", "environment: REVERSE_PROXY_URL, WEB_PORT not set"],
    ["counter", "environment: PRODUCT_CLIENT_URL not set"],
    ["barista", "environment: PG_URL, PG_DSN_URL, RABBITMQ_URL, IN_DOCKER not set"],
    ["proxy", "environment: GRPC_PRODUCT_HOST, GRPC_PRODUCT_PORT, GRPC_COUNTER_HOST"],
    ["postgres", "set POSTGRES_PASSWORD"],
  ])("end at once without their variables: %s", async (mode, message) => {
    const directoryOfNothing = join(directory, "nothing");
    const ended = await start(mode, await freePort(), { PGDATA: directoryOfNothing });
    expect([ended.exitCode, ended.all]).toEqual([1, expect.stringContaining(message)]);
  });
});

describe("the other stand-ins", () => {
  it("pass the Go tests beside their sources", async () => {
    const sources = join(__dirname, "../../../sim/stand-ins");
    const env = { GOTOOLCHAIN: "local", GOWORK: "off", GOFLAGS: "", CGO_ENABLED: "0" };
    const { stdout } = await execa("go", ["test", "-v", "."], { cwd: sources, env });
    expect(stdout.match(/^--- PASS/gm)).toHaveLength(7);
  });

  it("end promptly when they are asked to, but for the stubborn one", async () => {
    const [port, stubbornPort] = [await freePort(), await freePort()];
    const polite = start("probe", port, {});
    const stubborn = start("stubborn", stubbornPort, {});
    for (const each of [port, stubbornPort]) {
      await waitFor("the probe", 10, () => fetch(`http://127.0.0.1:${each}/`));
    }
    stubborn.kill("SIGTERM");
    polite.kill("SIGTERM");
    expect((await polite).exitCode).toBe(0);
    expect((await fetch(`http://127.0.0.1:${stubbornPort}/`)).ok).toBe(true);
  });

  it("crash as told, and check health by name", async () => {
    const crashed = await start("crash", 0, {});
    expect([crashed.exitCode, crashed.all]).toEqual([3, expect.stringContaining("on purpose")]);
    const port = await freePort();
    const check = () => start("healthcheck", port, { STAND_IN_MODE: "product" });
    expect((await check()).exitCode).toBe(1);
    void start("product", port, {});
    await waitFor("a healthy part", 10, async () =>
      (await check()).exitCode === 0 ? true : undefined,
    );
  });

  it("let the panel's administrator in with the password of the file, and nobody else", async () => {
    const file = join(directory, "admin-password");
    writeFileSync(file, "correct horse\n");
    const data = mkdtempSync(join(directory, "panel-"));
    const port = await freePort();
    const args = ["-H", "tcp://tasks.agent:9001", "--tlsskipverify", "--data", data];
    void start("portainer", port, {}, ...args, "--admin-password-file", file);
    const url = `http://127.0.0.1:${port}`;
    await waitFor("the panel", 10, () => fetch(`${url}/api/system/status`));
    const login = (Password: string) =>
      fetch(`${url}/api/auth`, {
        method: "POST",
        body: JSON.stringify({ Username: "admin", Password }),
      });
    expect(await (await login("correct horse")).json()).toEqual({
      jwt: expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/),
    });
    expect((await login("wrong")).status).toBe(422);
    const found = await (await fetch(`${url}/stand-in/agents`)).json();
    expect(found).toEqual({ nodes: [], errors: [expect.stringContaining("tasks.agent")] });
  });
});
