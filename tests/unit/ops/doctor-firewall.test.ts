import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  attemptsTo,
  describeLost,
  describeUnsent,
  endpointsOf,
  outcomeOf,
  sendScript,
  watchScript,
  type Attempt,
} from "../../../ops/doctor/firewall-scripts";
import { sampleConfig } from "../../support/sample-config";
import { fakeCommands, runScript, shells, syntaxErrors } from "../../support/shells";

const peers = endpointsOf(sampleConfig());
const [one, , , four] = peers as [(typeof peers)[0], unknown, unknown, (typeof peers)[0]];
const attempt = (from: string, to: string, protocol: "tcp" | "udp", port: number): Attempt => ({
  from,
  to,
  protocol,
  port,
});
const both = [one, four];
const attempts = [...attemptsTo(one, both), ...attemptsTo(four, both)];

describe("what is tried", () => {
  it("is every port of Swarm in both directions, and a manager's towards masters alone", () => {
    expect(attempts).toEqual([
      attempt("pixel-4", "pixel-1", "tcp", 2377),
      attempt("pixel-4", "pixel-1", "tcp", 7946),
      attempt("pixel-4", "pixel-1", "udp", 7946),
      attempt("pixel-4", "pixel-1", "udp", 4789),
      attempt("pixel-1", "pixel-4", "tcp", 7946),
      attempt("pixel-1", "pixel-4", "udp", 7946),
      attempt("pixel-1", "pixel-4", "udp", 4789),
    ]);
  });

  it("is between every two phones", () => {
    const all = peers.flatMap((to) => attemptsTo(to, peers));
    expect(new Set(all.map(({ from, to }) => `${from} ${to}`)).size).toBe(4 * 3);
  });
});

describe("what comes of it", () => {
  const listing = (...lines: string[]) => lines.join("\n");
  const counter = (packets: number, comment: string) =>
    `\t\tip saddr 192.168.1.21 tcp dport 7946 counter packets ${packets} bytes ${packets * 60} comment "${comment}"`;
  const tcp = attempt("pixel-1", "pixel-4", "tcp", 7946);

  it.each([
    [
      counter(1, "sent pixel-1 pixel-4 tcp 7946"),
      counter(2, "seen pixel-1 pixel-4 tcp 7946"),
      "arrived",
    ],
    [
      counter(3, "sent pixel-1 pixel-4 tcp 7946"),
      counter(0, "seen pixel-1 pixel-4 tcp 7946"),
      "lost",
    ],
    // Nobody could send it: says nothing of the firewall.
    [
      counter(0, "sent pixel-1 pixel-4 tcp 7946"),
      counter(0, "seen pixel-1 pixel-4 tcp 7946"),
      "not sent",
    ],
    // Another pair's, or another port's.
    [
      counter(5, "sent pixel-1 pixel-4 udp 7946"),
      counter(5, "seen pixel-4 pixel-1 tcp 7946"),
      "not sent",
    ],
  ])("is read from the counters of both phones", (sent, seen, outcome) => {
    expect(outcomeOf(tcp, listing(sent, seen))).toBe(outcome);
  });

  it("is one finding for two phones, and another advice where nothing at all gets through", () => {
    const lost = [...attempts.filter(({ to }) => to === "pixel-4"), attempts[0]!];
    expect(describeLost(lost, attempts, peers)).toEqual([
      {
        severity: "refusal",
        where: "cloudlet:nodes.pixel-4",
        message:
          "expected packets of pixel-1 (192.168.1.21) to get through, got none on TCP 7946, UDP 7946, UDP 4789",
        fix: "if the two cannot ping each other, switch client isolation off in the router; else see what drops them: nft list ruleset on pixel-4",
      },
      {
        severity: "refusal",
        where: "cloudlet:nodes.pixel-1",
        message: "expected packets of pixel-4 (192.168.1.24) to get through, got none on TCP 2377",
        fix: "see what drops them: nft list ruleset on pixel-1; /etc/nftables.d/55_cloudlet.nft of cloudlet lets them in",
      },
    ]);
  });

  it("is told as not tried where a phone could not send", () => {
    expect(describeUnsent(attempts.filter(({ protocol }) => protocol === "udp"))).toEqual([
      "from pixel-4 to pixel-1: pixel-4 could not send UDP 7946, UDP 4789",
      "from pixel-1 to pixel-4: pixel-1 could not send UDP 7946, UDP 4789",
    ]);
  });
});

describe.each(shells)("in %s", (_, shell) => {
  const pass = { timeout: 'shift; exec "$@"', id: "echo 0" };
  const watch = watchScript("pixel-4", attempts, both);

  // Keeps the table in a file, as the kernel would.
  function watchOn(nft: string): { stdout: string; calls: string; table: string } {
    const bin = fakeCommands({
      ...pass,
      nft: `here=$(dirname "$0"); echo "$*" >> "$here/calls"; ${nft}`,
    });
    for (const name of ["calls", "table"]) writeFileSync(join(bin, name), "");
    const { stdout } = runScript(shell, watch, { env: { PATH: `${bin}:${process.env.PATH}` } });
    const read = (name: string) => readFileSync(join(bin, name), "utf8");
    return { stdout, calls: read("calls"), table: read("table") };
  }

  it.each([
    ["watching", watch],
    ["sending", sendScript(attempts, both)],
  ])("the script for %s is well-formed", (_name, script) => {
    expect(syntaxErrors(shell, script)).toBe("");
  });

  it("a phone counts what it sends and what arrives, until its input ends, and leaves no table", () => {
    const { stdout, calls, table } = watchOn(
      'case $1 in -f) cat > "$here/table" ;; list) echo counters ;; esac',
    );
    expect(stdout).toBe("watching\ncounters\n");
    expect(calls.split("\n")).toEqual([
      "delete table inet cloudlet_doctor",
      "-f -",
      "list table inet cloudlet_doctor",
      "delete table inet cloudlet_doctor",
      "",
    ]);
    expect(table).toBe(`table inet cloudlet_doctor {
  chain sent {
    type filter hook output priority 100; policy accept;
    ip daddr 192.168.1.21 tcp dport 2377 tcp flags & (syn | ack) == syn counter comment "sent pixel-4 pixel-1 tcp 2377"
    ip daddr 192.168.1.21 tcp dport 7946 tcp flags & (syn | ack) == syn counter comment "sent pixel-4 pixel-1 tcp 7946"
    ip daddr 192.168.1.21 udp dport 7946 @th,160,64 0x08636c6f75646c65 counter comment "sent pixel-4 pixel-1 udp 7946"
    ip daddr 192.168.1.21 udp dport 4789 @th,160,64 0x08636c6f75646c65 counter comment "sent pixel-4 pixel-1 udp 4789"
  }
  chain seen {
    type filter hook input priority 100; policy accept;
    ip saddr 192.168.1.21 tcp dport 7946 tcp flags & (syn | ack) == syn counter comment "seen pixel-1 pixel-4 tcp 7946"
    ip saddr 192.168.1.21 udp dport 7946 @th,160,64 0x08636c6f75646c65 counter comment "seen pixel-1 pixel-4 udp 7946"
    ip saddr 192.168.1.21 udp dport 4789 @th,160,64 0x08636c6f75646c65 counter comment "seen pixel-1 pixel-4 udp 4789"
  }
}
`);
  });

  it("a phone whose nft cannot count says so", () => {
    expect(watchOn("exit 1").stdout).toBe("its nft cannot count packets\n");
  });

  it("a phone without root says so", () => {
    const bin = fakeCommands({ id: "echo 10000", sudo: "exit 1", doas: "exit 1" });
    const { stdout } = runScript(shell, watch, { env: { PATH: `${bin}:${process.env.PATH}` } });
    expect(stdout).toBe("its user cannot become root\n");
  });

  it("a phone sends to every port, and in UDP the bytes that are counted, with whatever program it has", () => {
    const log =
      'here=$(dirname "$0"); text=$(cat | base64); echo "$(basename "$0") $* $text" >> "$here/calls"';
    const bin = fakeCommands({ ...pass, nc: log, nslookup: log, base64: "exec busybox base64" });
    for (const name of ["cat", "dirname", "basename", "printf"])
      writeFileSync(join(bin, name), `#!/bin/sh\nexec busybox ${name} "$@"\n`, { mode: 0o755 });
    // No bash: as on postmarketOS.
    const quiet = { ...process.env, PATH: `${bin}:/nowhere` };
    const busybox = process.env.PATH?.split(":").map((part) => join(part, "busybox")) ?? [];
    const found = busybox.find((path) => exists(path)) ?? "busybox";
    writeFileSync(join(bin, "busybox"), `#!/bin/sh\nexec ${found} "$@"\n`, { mode: 0o755 });
    const { status } = runScript(absolute(shell, found), sendScript(attempts, both), {
      env: quiet,
    });
    expect(status).toBe(0);
    const calls = readFileSync(join(bin, "calls"), "utf8").trim().split("\n").sort();
    const probe = Buffer.from("............\bcloudlet").toString("base64");
    expect(calls.map((line) => line.trimEnd())).toEqual(
      [
        ...["nc -w 3 192.168.1.21 2377", "nc -w 3 192.168.1.21 7946", "nc -w 3 192.168.1.24 7946"],
        ...["21 7946", "21 4789", "24 7946", "24 4789"].flatMap((end) => [
          `nc -u -w 1 192.168.1.${end} ${probe}`,
          `nslookup cloudlet.invalid 192.168.1.${end.replace(" ", ":")}`,
        ]),
      ].sort(),
    );
    // What the counters look for, at its place: 64 bits, 160 bits after an 8-byte header begins.
    expect(Buffer.from(probe, "base64").subarray(12, 20).toString("hex")).toBe("08636c6f75646c65");
  });
});

function exists(path: string): boolean {
  try {
    readFileSync(path);
    return true;
  } catch {
    return false;
  }
}

function absolute(shell: readonly [string, ...string[]], busybox: string): [string, ...string[]] {
  return shell[0] === "busybox" ? [busybox, ...shell.slice(1)] : [...shell];
}
