import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import execa from "execa";
import { destroyLab } from "../../../sim/clean-up";
import { openLab, type Lab, type LabOptions } from "../../../sim/lab";
import { waitFor } from "../../support/wait-for";

jest.setTimeout(600_000);

const LAB = "sim-tests";
const directory = mkdtempSync(join(tmpdir(), "cloudlet-sim-tests-"));
const options: LabOptions = {
  name: LAB,
  subnet: "10.87.1.0/24",
  phones: [{ name: "installed" }, { name: "bare", docker: "absent" }],
  identityFile: join(directory, "login"),
  log: (line) => process.stderr.write(`${LAB}: ${line}\n`),
};
let lab: Lab;

beforeAll(async () => {
  await destroyLab(LAB); // what an interrupted run left
  lab = await openLab(options);
});

afterAll(async () => {
  if (process.env["CLOUDLET_E2E_KEEP"] === "1") return;
  await destroyLab(LAB);
  rmSync(directory, { recursive: true });
});

/** Logs in as users do, and believes nothing but the key that the lab names. */
async function ssh(phone: string, command: string, ...more: string[]) {
  const { address, hostKey, user } = lab.phone(phone);
  const knownHosts = join(directory, `known-hosts-${phone}`);
  writeFileSync(knownHosts, `${address} ${hostKey}\n`);
  const settings = ["BatchMode=yes", "StrictHostKeyChecking=yes", "ConnectTimeout=5"];
  return execa(
    "ssh",
    [
      ...["-F", "none", "-i", options.identityFile, "-o", `UserKnownHostsFile=${knownHosts}`],
      ...settings.flatMap((setting) => ["-o", setting]),
      ...[...more, `${user}@${address}`, command],
    ],
    { reject: false },
  );
}

async function labelled(kind: readonly string[]): Promise<string> {
  const filter = `--filter=label=cloudlet.simulated=${LAB}`;
  const { stdout } = await execa("docker", ["--host", lab.engineHost, ...kind, "--quiet", filter]);
  return stdout;
}

describe("a simulated phone", () => {
  it("lets its user in with the key, and nobody with a password or as root", async () => {
    expect((await ssh("installed", "id -un; hostname")).stdout).toBe("cloudlet\ninstalled");
    const asRoot = await ssh("installed", "true", "-l", "root");
    expect(asRoot.exitCode).not.toBe(0);
    const withPassword = await ssh("installed", "true", "-o", "PubkeyAuthentication=no");
    expect(withPassword.stderr).toMatch(/Permission denied \(publickey\)/);
  });

  it("is another machine for whoever pinned another phone's key", async () => {
    const { address, user } = lab.phone("installed");
    const wrong = join(directory, "wrong-host");
    writeFileSync(wrong, `${address} ${lab.phone("bare").hostKey}\n`);
    const known = ["-F", "none", "-o", `UserKnownHostsFile=${wrong}`, "-o", "BatchMode=yes"];
    const result = await execa("ssh", [...known, `${user}@${address}`, "true"], { reject: false });
    expect(result.stderr).toMatch(/Host key verification failed/);
  });

  it("looks like postmarketOS to scripts, and says that it is simulated", async () => {
    const script = [
      "readlink -f /bin/sh; ps -o comm= -p 1 2>/dev/null || ps | awk '$1 == 1 { print $3 }'",
      ". /etc/os-release; echo $ID $VARIANT; apk --print-arch; doas -n id -un",
      "for tool in bash perl python3 sudo apt-get dpkg systemctl; do command -v $tool; done; true",
    ];
    const { stdout } = await ssh("installed", script.join("\n"));
    const [shell, init, system, ...rest] = stdout.split("\n");
    expect([shell, init]).toEqual(["/usr/bin/busybox", "/sbin/openrc-init"]);
    expect(system).toBe("postmarketos simulated phone");
    expect(rest).toEqual([expect.stringMatching(/^(x86_64|aarch64|armv7)$/), "root"]);
  });

  it("has an identity of its own", async () => {
    const ids = await Promise.all(
      ["installed", "bare"].map(async (name) => (await ssh(name, "cat /etc/machine-id")).stdout),
    );
    expect(ids[0]).toMatch(/^[0-9a-f]{32}$/);
    expect(ids[0]).not.toBe(ids[1]);
  });

  it("comes with a Docker engine that nobody enabled or started", async () => {
    const services = await ssh("installed", "doas rc-update show default; doas docker version");
    expect(services.stdout).toContain("sshd");
    expect(services.stdout).not.toContain("docker |");
    expect(services.stderr).toMatch(/Cannot connect to the Docker daemon/);
  });

  it("gets Docker from apk where it has none, with the firewall's file and the group", async () => {
    expect((await ssh("bare", "command -v docker dockerd; apk info -e docker")).stdout).toBe("");
    const missing = await ssh("bare", "doas apk add --no-interactive no-such-package");
    expect(missing.stderr).toContain("no-such-package (no such package)");
    expect(missing.exitCode).not.toBe(0);
    const added = await ssh(
      "bare",
      "doas apk add --no-interactive docker && doas rc-service docker start",
    );
    expect([added.exitCode, added.stderr.replace(/ \* .*\n?/g, "")]).toEqual([0, ""]);
    const version = await waitFor("the engine", 30, async () => {
      const { exitCode, stdout } = await ssh(
        "bare",
        "doas docker info -f '{{.Name}} {{.Driver}} {{.RegistryConfig.Mirrors}}'",
      );
      return exitCode === 0 ? stdout : undefined;
    });
    expect(version).toBe(`bare overlay2 [http://${lab.registry}/]`);
    // As on postmarketOS, the package's rules are loaded by the next boot, or by hand.
    const loaded = "doas nft list ruleset | grep -c 'docker\\*'";
    expect((await ssh("bare", loaded)).stdout).toBe("0");
    await ssh("bare", "doas nft -f /etc/nftables.d/51_docker.nft");
    const { stdout } = await ssh("bare", "ls /etc/nftables.d; grep ^docker: /etc/group");
    expect(stdout).toMatch(/51_docker.nft\n[^]*docker:x:/);
    expect((await ssh("bare", "apk info -e docker iptables")).stdout).toBe("docker\niptables");
  });

  it("runs a stand-in image that its engine pulls under the real name", async () => {
    const run = "doas docker run -d --name panel -p 9000:9000 portainer/portainer-ce:2.27.9";
    expect((await ssh("bare", run)).exitCode).toBe(0);
    const address = `http://${lab.phone("bare").address}:9000`;
    const status = await waitFor("the panel", 20, async () =>
      (await fetch(`${address}/api/system/status`)).json(),
    );
    expect(status).toMatchObject({ Version: "2.27.9" });
    expect(await (await fetch(address)).text()).toContain("stand-in for Portainer");
    const refused = await ssh("bare", "doas docker pull no/such-image");
    expect(refused.exitCode).not.toBe(0);
  });

  it("lets nothing but ssh in until a rule says so", async () => {
    const { address } = lab.phone("installed");
    const listen = "setsid nc -ll -p 2377 -e true </dev/null >/dev/null 2>&1 &";
    await lab.exec("installed", ["sh", "-c", listen]);
    const knock = async (from: string, host: string, port: string) => {
      const command = ["nc", "-w", "2", host, port];
      return (await lab.exec(from, command, { allowFailure: true })).exitCode === 0;
    };
    await waitFor("a listener on the phone itself", 10, async () =>
      (await knock("installed", "127.0.0.1", "2377")) ? true : undefined,
    );
    const reach = (port: string) => knock("bare", address, port);
    expect([await reach("22"), await reach("2377")]).toEqual([true, false]);
    const rule = "add rule inet filter input tcp dport 2377 accept".split(" ");
    await lab.exec("installed", ["nft", ...rule]);
    expect(await reach("2377")).toBe(true);
  });
});

describe("a lab", () => {
  it("keeps a phone's state over a power cut, and boots only what is enabled", async () => {
    await ssh("bare", "echo kept > kept; sync");
    await lab.powerOff("bare");
    expect((await ssh("bare", "true")).exitCode).toBe(255);
    await lab.powerOn("bare");
    const running =
      "cat kept; doas docker ps 2>&1 | head -1; doas nft list ruleset | grep -c policy";
    const { stdout } = await ssh("bare", running);
    expect(stdout).toMatch(/^kept\nCannot connect to the Docker daemon.*\n3$/);
    await ssh("bare", "doas rc-update add docker default");
    await lab.powerOff("bare");
    await lab.powerOn("bare");
    await waitFor("the enabled engine", 60, async () => {
      const { stdout: names } = await ssh("bare", "doas docker ps -a --format '{{.Names}}'");
      return names === "panel" ? names : undefined;
    });
  });

  it("takes a phone off the network and puts it back where it was", async () => {
    await lab.unplug("installed");
    expect((await ssh("installed", "true")).exitCode).toBe(255);
    expect((await lab.exec("installed", ["hostname"])).stdout).toBe("installed");
    await lab.plug("installed");
    const nameServer = await lab.exec("installed", ["cat", "/etc/resolv.conf"]);
    expect(nameServer.stdout).toBe("nameserver 10.87.1.2");
    expect((await ssh("installed", "hostname")).stdout).toBe("installed");
  });

  it("freezes a phone and what runs on it", async () => {
    const panel = () =>
      fetch(`http://${lab.phone("bare").address}:9000/api/status`, {
        signal: AbortSignal.timeout(2000),
      });
    await ssh("bare", "doas docker start panel");
    await waitFor("the panel", 20, panel);
    await lab.freeze("bare");
    expect((await ssh("bare", "true")).exitCode).toBe(255);
    await expect(panel()).rejects.toThrow("timeout");
    await lab.thaw("bare");
    expect((await panel()).ok).toBe(true);
    expect((await ssh("bare", "hostname")).stdout).toBe("bare");
  });

  it("is opened again as it is, with every phone on and on the network", async () => {
    const before = lab.phoneNames().map((name) => lab.phone(name));
    await lab.powerOff("installed");
    await lab.unplug("installed");
    await lab.freeze("bare");
    const asItIs = await openLab({ ...options, phones: [], asItIs: true });
    const { stdout } = await execa("docker", [
      ...["--host", lab.engineHost, "ps", "--all", "--format", "{{.State}}"],
      ...["--filter", "name=cloudlet-sim-tests-(bare|installed)"],
    ]);
    expect(stdout.split("\n").sort()).toEqual(["exited", "paused"]);
    await asItIs.thaw("bare");
    expect((await ssh("bare", "hostname")).stdout).toBe("bare");
    await asItIs.freeze("bare");
    lab = await openLab(options);
    expect(lab.phoneNames().map((name) => lab.phone(name))).toEqual(before);
    expect((await ssh("installed", "hostname")).stdout).toBe("installed");
    expect((await ssh("bare", "cat kept")).stdout).toBe("kept");
  });

  it("gets and loses phones while it runs", async () => {
    await lab.addPhone({ name: "third", docker: "running" });
    expect(lab.phone("third").address).toBe("10.87.1.13");
    expect((await ssh("third", "doas docker version -f '{{.Server.Os}}'")).stdout).toBe("linux");
    await lab.removePhone("third");
    expect(() => lab.phone("third")).toThrow(
      'lab sim-tests: has no phone of that name, got "third"',
    );
  });

  it("takes Docker off a phone again, and what came with it", async () => {
    await ssh("bare", "doas rc-service docker stop; doas apk del docker");
    const left =
      "command -v dockerd docker containerd iptables; apk info -e docker iptables nftables";
    expect((await ssh("bare", left)).stdout).toBe("nftables");
    expect((await ssh("bare", "ls /etc/nftables.d; ls /etc/init.d/docker")).stdout).not.toContain(
      "docker",
    );
  });

  it("hands commands their input, and says how they failed", async () => {
    const echoed = await lab.exec("bare", ["cat"], { input: "a line\nand another" });
    expect(echoed.stdout).toBe("a line\nand another");
    await expect(lab.exec("bare", ["sh", "-c", "echo no >&2; exit 3"])).rejects.toThrow(
      /ended with 3, got no$/,
    );
  });

  it("leaves nothing with its label when it is destroyed, whatever state its phones are in", async () => {
    expect(await labelled(["ps", "--all"])).not.toBe("");
    await lab.freeze("bare");
    await lab.powerOff("installed");
    await lab.destroy();
    const left = [
      ["ps", "--all"],
      ["volume", "ls"],
      ["network", "ls"],
    ].map(labelled);
    expect(await Promise.all(left)).toEqual(["", "", ""]);
    expect(readFileSync("/proc/net/dev", "utf8")).not.toContain(`cl-${LAB}`);
    await destroyLab(LAB); // and again, with nothing there
  });
});

describe("phones that another checkout made", () => {
  const other = { ...options, identityFile: join(directory, "other") };

  beforeAll(async () => {
    lab = await openLab(options);
  });

  it("are left alone while they run", async () => {
    await expect(openLab(other)).rejects.toThrow(
      `lab ${LAB}: expected phones of this checkout, got running ones of another`,
    );
    expect((await ssh("installed", "hostname")).stdout).toBe("installed");
  });

  it("are made anew once they are off, with the key of this one", async () => {
    for (const phone of lab.phoneNames()) await lab.powerOff(phone);
    lab = await openLab(other);
    const login = await ssh("installed", "hostname", "-i", other.identityFile);
    expect(login.stdout).toBe("installed");
  });
});
