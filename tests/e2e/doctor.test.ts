import { Fleet } from "../support/fleet";

const MINUTES = 60_000;

interface Report {
  readonly phones: number;
  readonly findings: readonly { severity: string; where: string; message: string; fix: string }[];
  readonly notes: readonly string[];
  readonly notTried: readonly string[];
}

let fleet: Fleet;
let first: string;
let second: string;

function settings(change: object = {}, node: object = {}): object {
  return {
    platform: "linux/amd64",
    routingMesh: false,
    ssh: { identityFile: ".cloudlet/simulated/id_ed25519" },
    nodes: {
      "pixel-1": fleet.node("pixel-1", "master", node),
      "pixel-2": fleet.node("pixel-2", "compute"),
    },
    ...change,
  };
}

async function doctor(...options: string[]): Promise<{ exitCode: number; stdout: string }> {
  const { exitCode, stdout, stderr } = await fleet.project.command("doctor/doctor", ...options);
  expect(stderr).toBe("");
  return { exitCode, stdout };
}

async function diagnose(): Promise<Report & { readonly exitCode: number }> {
  const { exitCode, stdout } = await doctor("--json");
  return { exitCode, ...(JSON.parse(stdout) as Report) };
}

const messages = ({ findings }: Report) =>
  findings.map(({ severity, where, message }) => `${severity} ${where}: ${message}`).sort();

/** Shell as root on a phone, past its network. */
async function run(phone: string, script: string): Promise<string> {
  return (await fleet.lab.exec(phone, ["sh", "-c", script])).stdout;
}

beforeAll(async () => {
  fleet = await Fleet.open("e2e-doctor", "10.93.0.0/24", [
    { name: "pixel-1", docker: "running" },
    { name: "pixel-2", docker: "running" },
  ]);
  first = fleet.lab.phone("pixel-1").address;
  second = fleet.lab.phone("pixel-2").address;
}, 10 * MINUTES);

afterAll(() => fleet?.close(), 2 * MINUTES);

describe("npm run doctor", () => {
  it(
    "has nothing against new phones, whose firewall is closed until `up` opens it",
    async () => {
      fleet.project.writeSettings(settings());
      expect(await diagnose()).toEqual({
        exitCode: 0,
        phones: 2,
        findings: [],
        notes: [],
        notTried: ["pixel-1", "pixel-2"].map(
          (key) => `to ${key}: its firewall is not open yet; \`pulumi up\` opens it`,
        ),
      });
    },
    MINUTES,
  );

  it(
    "has nothing against a cloudlet that works, tries its firewalls, and leaves nothing on the phones",
    async () => {
      const { exitCode, output } = await fleet.project.up();
      expect({ exitCode, output }).toMatchObject({ exitCode: 0 });
      expect(output).not.toContain("warning");
      expect(await diagnose()).toEqual({
        exitCode: 0,
        phones: 2,
        findings: [],
        notes: [],
        notTried: [],
      });
      for (const phone of ["pixel-1", "pixel-2"])
        expect(await run(phone, "nft list tables")).not.toContain("cloudlet_doctor");
      expect((await doctor()).stdout).toBe("2 phones: 0 refusals, 0 warnings");
    },
    4 * MINUTES,
  );

  it(
    "names the two phones and the port that a firewall closes, in that direction only",
    async () => {
      await run(
        "pixel-2",
        `nft insert rule inet filter input ip saddr ${first} tcp dport 7946 drop`,
      );
      await run(
        "pixel-1",
        `nft insert rule inet filter input ip saddr ${second} udp dport 4789 drop`,
      );
      const report = await diagnose();
      expect(messages(report)).toEqual([
        `refusal cloudlet:nodes.pixel-1: expected packets of pixel-2 (${second}) to get through, got none on UDP 4789`,
        `refusal cloudlet:nodes.pixel-2: expected packets of pixel-1 (${first}) to get through, got none on TCP 7946`,
      ]);
      expect(report.exitCode).toBe(1);
      for (const phone of ["pixel-1", "pixel-2"]) {
        const handles = await run(
          phone,
          `nft -a list chain inet filter input | sed -n 's/.*ip saddr .* drop # handle //p'`,
        );
        await run(phone, `nft delete rule inet filter input handle ${handles.trim()}`);
      }
      expect((await diagnose()).findings).toEqual([]);
    },
    2 * MINUTES,
  );

  it(
    "finds copied images, live-restore, an address that is not the phone's and an encrypted network, all at once",
    async () => {
      const id = (await run("pixel-1", "cat /etc/machine-id")).trim();
      await run("pixel-2", `cp /etc/machine-id /tmp/machine-id; echo ${id} > /etc/machine-id`);
      await run(
        "pixel-2",
        `cp /etc/docker/daemon.json /tmp; echo '{ "live-restore": true }' > /etc/docker/daemon.json`,
      );
      // It answers there, but has no such address, as behind a port forward.
      await run("pixel-1", "ip route add local 10.93.0.99/32 dev eth0");
      fleet.project.writeFile(
        "stacks/shop.yml",
        'services:\n  web:\n    image: cloudlet/probe:1\n    networks: [safe]\nnetworks:\n  safe:\n    driver_opts: {encrypted: "true"}\n',
      );
      fleet.project.writeSettings(
        settings({ stacks: { shop: { file: "stacks/shop.yml" } } }, { address: "10.93.0.99" }),
      );
      const report = await diagnose();
      expect(report.exitCode).toBe(1);
      expect(report.notTried).toEqual(["from and to pixel-1: 10.93.0.99 is not its own"]);
      const hasEsp = (await run("pixel-1", "zcat /proc/config.gz | grep INET_ESP= || true")) !== "";
      expect(messages(report)).toEqual([
        expect.stringMatching(
          /^refusal cloudlet:nodes\.pixel-1\.address: expected an address of the phone's own, which the other phones are told, got 10\.93\.0\.99, but it has /,
        ),
        "refusal cloudlet:nodes.pixel-2: expected an engine without live-restore, which no engine in a swarm may have, got it switched on",
        ...(hasEsp
          ? []
          : [
              "refusal cloudlet:stacks.shop: expected networks without encryption, got shop_safe with it, but the kernel of pixel-1, pixel-2 has no ESP or no xt_bpf, without which encrypted packets are lost",
            ]),
        `warning cloudlet:nodes.pixel-2: expected a machine id of its own, got ${id}, which pixel-1 has too`,
      ]);
      const { stdout, exitCode } = await doctor();
      expect(exitCode).toBe(1);
      const lines = stdout.split("\n");
      expect(lines[0]).toBe("Refusals: `up` stops, or what it builds does not work");
      expect(lines.filter((line) => line.length > 80)).toEqual([]);
      expect(lines).toContain(
        '    fix: take "live-restore" out of /etc/docker/daemon.json there and restart',
      );
    },
    2 * MINUTES,
  );

  it(
    "`up` is stopped by the same refusals before it changes anything, and notes the warnings",
    async () => {
      fleet.project.writeSettings(settings());
      const { exitCode, output } = await fleet.project.up();
      expect(exitCode).not.toBe(0);
      expect(output).toContain(
        'cloudlet:nodes.pixel-2: expected an engine without live-restore, which no engine in a swarm may have, got it switched on; take "live-restore" out of /etc/docker/daemon.json there and restart Docker',
      );
      await run("pixel-2", "cp /tmp/daemon.json /etc/docker/daemon.json");
      const preview = await fleet.project.preview();
      expect(preview.exitCode).toBe(0);
      expect(preview.output).toMatch(
        /warning: cloudlet:nodes\.pixel-2: expected a machine id of its own, got \w+, which pixel-1 has too; on pixel-2, as root: /,
      );
    },
    2 * MINUTES,
  );
});
