import { readFileSync } from "node:fs";
import { join } from "node:path";
import { readSubject } from "../../../observe/observe";
import { parseFacts, parseSshFailure } from "../../../observe/parse-facts";

// Printed by the facts script on simulated phones: Debian's engine 20.10, OpenRC, doas.
const recorded = (name: string) =>
  readFileSync(join(__dirname, "../../fixtures/facts", `${name}.txt`), "utf8");

const CLUSTER = "pdutjwij3trku1x4wzm2vjv00";
const STOPPED = {
  reachable: true,
  hostname: "pixel-1",
  machine: "x86_64",
  privilege: "doas",
  initSystem: "openrc",
  packageManager: "apk",
  engine: {
    installed: true,
    enabledAtBoot: false,
    running: false,
    version: "",
    userHasAccess: false,
  },
  membership: undefined,
  ipVs: false,
  addresses: [{ device: "eth0", address: "10.89.0.11" }],
  firewallHash: "",
  firewall: "none",
  repairs: undefined,
  swarm: undefined,
  condition: { temperatures: [] },
};

const lines = (...text: string[]) => [...text, "done=yes", ""].join("\n");
const answers = (...bodies: string[]) =>
  Buffer.from(
    bodies
      .map((body) => `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`)
      .join(""),
  ).toString("base64");
const parse = (text: string) => parseFacts(text, readSubject);

const info = '{"ServerVersion":"20.10","Swarm":{"ControlAvailable":true,"Cluster":{"ID":"c"}}}';
const nothing = { nodes: [], services: [], networks: [], secrets: [], configs: [], labelled: [] };

describe("parseFacts", () => {
  it("reads a master that manages a swarm of four", () => {
    const facts = parse(recorded("master"));
    expect(facts).toMatchObject({
      engine: { running: true, version: "20.10.24+dfsg1", userHasAccess: false },
      membership: { clusterId: CLUSTER, nodeId: "0max06qrvba5jd28q3boxam8l" },
      addresses: [
        { device: "docker0", address: "172.17.0.1" },
        { device: "docker_gwbridge", address: "172.18.0.1" },
        { device: "eth0", address: "10.99.0.11" },
      ],
      swarm: { clusterId: CLUSTER },
    });
    expect(facts?.swarm?.nodes[0]).toEqual({
      id: "0max06qrvba5jd28q3boxam8l",
      hostname: "pixel-1",
      role: "manager",
      availability: "active",
      state: "ready",
      address: "10.99.0.11",
      labels: { "cloudlet.node": "pixel-1" },
      leader: true,
      reachability: "reachable",
    });
    expect(facts?.swarm?.nodes.map(({ hostname, role }) => `${hostname} ${role}`)).toEqual([
      "pixel-1 manager",
      "pixel-2 worker",
      "pixel-3 worker",
      "pixel-4 worker",
    ]);
  });

  it("reads a phone whose Docker was never started", () => {
    expect(parse(recorded("stopped"))).toEqual(STOPPED);
  });

  it("takes output that breaks off for no look at all, so that nothing is concluded from half of it", () => {
    expect(parse(recorded("master").replace(/done=yes\n$/, ""))).toBeUndefined();
    expect(parse("")).toBeUndefined();
  });

  it("does not let a login message pass for facts", () => {
    const facts = parse(`Welcome to postmarketOS\n\n${recorded("stopped")}`);
    expect(facts).toEqual(STOPPED);
  });

  it("keeps the first of two answers, and an equals sign in an answer", () => {
    expect(parse(lines("hostname=a=b", "hostname=c"))?.hostname).toBe("a=b");
  });

  it.each([
    ["an empty file", ""],
    ["no certificate", Buffer.from("\0\0\0").toString("base64")],
    ["no base64", "???"],
  ])("takes a certificate that is %s for no membership", (_, certificate) => {
    expect(parse(lines(`certificate=${certificate}`))?.membership).toBeUndefined();
  });

  it.each([
    ["", undefined],
    ["0", undefined],
    ["7", 7],
    ["1795000000", 1_795_000_000],
    ["x", undefined],
  ])("reads the repair number %j as %p", (text, expected) => {
    expect(parse(lines(`repairs=${text}`))?.repairs).toBe(expected);
  });

  it("skips swarm entries of another shape", () => {
    const facts = parse(lines(`engine=${answers(info, '[{"ID":1}]')}`));
    expect(facts?.swarm).toEqual({ clusterId: "c", ...nothing });
  });

  it.each([
    ["nothing, as it hung", [info]],
    ["no JSON", [info, "{"]],
    ["an error", [info, '{"message":"The swarm does not have a leader."}']],
  ])("knows no swarm of a manager that says %s of it, and yet its engine", (_, bodies) => {
    const facts = parse(lines(`engine=${answers(...bodies)}`));
    expect(facts).toMatchObject({ engine: { running: true }, swarm: undefined });
  });

  it("reads what is in the swarm, of networks only what all phones share", () => {
    const spec = { Name: "shop_web", Labels: { a: "b" }, TaskTemplate: {} };
    const facts = parse(
      lines(
        `engine=${answers(
          ...[info, "[]"],
          JSON.stringify([{ ID: "s", Spec: spec }, { ID: "t" }]),
          JSON.stringify([
            {
              Id: "n1",
              Name: "shop_default",
              Scope: "swarm",
              Labels: { "com.docker.stack.namespace": "shop" },
            },
            { Id: "n2", Name: "host", Scope: "local" },
            { Id: "n3" },
          ]),
          JSON.stringify([{ ID: "k", Spec: { Name: "shop_key" } }, { Spec: {} }]),
          JSON.stringify([{ ID: "p", Spec: { Name: "shop_page" } }, null]),
        )}`,
      ),
    );
    expect(facts?.swarm).toEqual({
      clusterId: "c",
      nodes: [],
      services: [{ name: "shop_web", spec }],
      networks: [{ id: "n1", name: "shop_default" }],
      secrets: ["shop_key"],
      configs: ["shop_page"],
      labelled: [{ kind: "network", name: "shop_default", stack: "shop" }],
    });
  });

  it("reads the engine's id, live-restore and pools, and leaves the pool out that Swarm has unless told", () => {
    const details = (more: object, pools: unknown) =>
      parse(
        lines(
          `engine=${answers(
            JSON.stringify({
              ServerVersion: "25.0.5",
              Swarm: { Cluster: { ID: "c", DefaultAddrPool: pools } },
              ...more,
            }),
          )}`,
        ),
      )?.engine;
    const told = {
      ID: "5c2d",
      LiveRestoreEnabled: true,
      DefaultAddressPools: [{ Base: "172.30.0.0/16", Size: 24 }],
    };
    expect(details(told, ["10.0.0.0/8", "10.9.0.0/16"])).toMatchObject({
      id: "5c2d",
      liveRestore: true,
      addressPools: ["172.30.0.0/16", "10.9.0.0/16"],
    });
    // Whatever else an engine may say there one day, it still runs.
    expect(details({ ID: 5, LiveRestoreEnabled: "no", DefaultAddressPools: {} }, {})).toMatchObject(
      { running: true, id: undefined, liveRestore: undefined, addressPools: [] },
    );
  });

  it("compares the phone's clock with this machine's", () => {
    expect(parseFacts(lines("time=1000"), readSubject, 4600.4)?.clockAheadSeconds).toBe(-3600);
    expect(parse(lines("time="))?.clockAheadSeconds).toBeUndefined();
  });

  it("knows no swarm of a worker, whose engine answers too", () => {
    const worker = '{"ServerVersion":"20.10","Swarm":{"ControlAvailable":false,"Cluster":null}}';
    const facts = parse(lines(`engine=${answers(worker, '{"message":"not a manager"}')}`));
    expect(facts).toMatchObject({ engine: { running: true, version: "20.10" }, swarm: undefined });
  });
});

describe("parseSshFailure", () => {
  it.each([
    [
      "ssh: connect to host 192.168.1.21 port 22: No route to host\n",
      "no answer",
      "ssh: connect to host 192.168.1.21 port 22: No route to host",
    ],
    [
      "ssh: connect to host 192.168.1.21 port 22: Connection timed out",
      "no answer",
      "ssh: connect to host 192.168.1.21 port 22: Connection timed out",
    ],
    ["", "no answer", ""],
    [
      "cloudlet@192.168.1.21: Permission denied (publickey).\r\n",
      "login refused",
      "cloudlet@192.168.1.21: Permission denied (publickey).",
    ],
    [
      "@    WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!     @\nThe fingerprint for the ED25519 key sent by the remote host is\nSHA256:abcDEF123/+x.\nPlease contact your system administrator.\nHost key verification failed.\n",
      "wrong host key",
      "SHA256:abcDEF123/+x",
    ],
    ["Host key verification failed.", "wrong host key", ""],
    [
      "Unable to negotiate with 192.168.1.21 port 22: no matching host key type found. Their offer: ssh-rsa",
      "wrong host key",
      "",
    ],
  ])("takes %j for: %s", (stderr, reason, detail) => {
    expect(parseSshFailure(stderr)).toEqual({ reachable: false, reason, detail });
  });
});
