import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { readSubject } from "../../../observe/observe";
import { factsScript } from "../../../observe/facts-scripts";
import { parseFacts } from "../../../observe/parse-facts";
import { fakeCommands, runScript, shells, syntaxErrors } from "../../support/shells";

// Stand-ins for a phone's commands; `docker` works for root alone, which only doas makes one.
const phone = {
  id: "echo 10000",
  hostname: "echo pixel-1",
  uname: "if [ $1 = -m ]; then echo armv7l; else echo 6.16.12; fi",
  sudo: "exit 1",
  doas: 'shift; ROOT=1 exec "$@"',
  "rc-update": "",
  apk: "",
  dockerd: "",
  docker: `[ -n "$ROOT" ] || exit 1
[ "$1 $2" = "system dial-stdio" ] || exit 1
while IFS= read -r line; do case $line in *"Connection: close"*) break ;; esac; done
answer() { printf 'HTTP/1.1 200 OK\\r\\nContent-Length: %s\\r\\n\\r\\n%s' "\${#1}" "$1"; }
node() { printf '{"ID":"%s","Spec":{"Role":"manager","Availability":"active"},"Status":{"State":"ready"}}' "$1"; }
answer '{"ServerVersion":"25.0.5","Swarm":{"ControlAvailable":true,"Cluster":{"ID":"cluster"}}}'
answer "[$(node first),$(node second)]"`,
  ip: `echo '2: wlan0    inet 192.168.1.21/24 brd 192.168.1.255 scope global wlan0\\       valid_lft forever'`,
  cat: 'case $1 in /var/lib/docker/*) exit 1 ;; *) exec /bin/cat "$@" ;; esac',
  nft: '[ -n "$ROOT" ] && echo "tcp dport 22 accept"',
};

describe.each(shells)("factsScript in %s", (_, shell) => {
  const look = (commands: Record<string, string>) => {
    const bin = fakeCommands(commands);
    const { stdout } = runScript(shell, factsScript(), {
      env: { PATH: `${bin}:${process.env.PATH}` },
    });
    return parseFacts(stdout, readSubject);
  };

  // On a phone with these files only, and the programs of this machine.
  const lookAt = (
    files: Record<string, string | Buffer>,
    commands: Record<string, string> = {},
  ) => {
    const root = mkdtempSync(join(tmpdir(), "cloudlet-facts-"));
    for (const [path, content] of Object.entries({
      [`/proc/sys/kernel/osrelease`]: "6.16.12\n",
      ...files,
    })) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), content);
    }
    const moved = factsScript().replace(
      /(?<![\w./-])\/(var|etc|run|proc|sys|lib)\//g,
      `${root}/$1/`,
    );
    const bin = fakeCommands({ ...phone, ...commands });
    const { stdout } = runScript(shell, moved, { env: { PATH: `${bin}:${process.env.PATH}` } });
    return parseFacts(stdout, readSubject);
  };
  const modules = "/lib/modules/6.16.12";
  const config = (...lines: string[]) =>
    gzipSync(["# Linux", "CONFIG_NET=y", ...lines, "# CONFIG_XFRM is not set", ""].join("\n"));

  it("is well-formed", () => expect(syntaxErrors(shell, factsScript())).toBe(""));

  it("sees the swarm as root where the user may not use docker yet", () => {
    expect(look(phone)).toMatchObject({
      hostname: "pixel-1",
      machine: "armv7l",
      privilege: "doas",
      initSystem: "openrc",
      packageManager: "apk",
      engine: { installed: true, running: true, version: "25.0.5", userHasAccess: false },
      addresses: [{ device: "wlan0", address: "192.168.1.21" }],
      firewall: "closed",
      swarm: { clusterId: "cluster", nodes: [{ id: "first" }, { id: "second" }] },
    });
  });

  it("tells an engine that does not answer from one that does not run", () => {
    const engine = (pidof: string) => look({ ...phone, docker: "exit 1", pidof })?.engine;
    expect(engine("echo 812")).toMatchObject({ installed: true, running: false, silent: true });
    expect(engine("exit 1")).toMatchObject({ running: false, silent: undefined });
  });

  it("does not ask an engine that hangs a second time, for root, where the user may use it", () => {
    const docker = 'echo asked >> "$ROOT_OF_TEST"; exit 1';
    const asked = (files: Record<string, string>) => {
      const log = join(mkdtempSync(join(tmpdir(), "cloudlet-asked-")), "log");
      writeFileSync(log, "");
      const facts = lookAt(files, { docker: docker.replace("$ROOT_OF_TEST", log) });
      return [readFileSync(log, "utf8").split("\n").length - 1, facts?.engine.userHasAccess];
    };
    expect(asked({ "/var/run/docker.sock": "" })).toEqual([1, true]);
    expect(asked({})).toEqual([2, false]);
  });

  it("sees that nobody there becomes root without a password, and asks the engine nothing then", () => {
    expect(look({ ...phone, doas: "exit 1" })).toMatchObject({
      privilege: "none",
      engine: { installed: true, running: false, userHasAccess: false },
      swarm: undefined,
    });
  });

  it("tells a firewall that jumps to our rules, one that does not, and none", () => {
    const loaded = { ...phone, nft: 'echo "jump cloudlet"' };
    expect(look(loaded)?.firewall).toBe("open");
    expect(look({ ...phone, nft: "exit 1" })?.firewall).toBe("none");
  });

  it("finds kernel features in the lists of modules, built in or not, whatever they are packed with", () => {
    const facts = lookAt({
      [`${modules}/modules.builtin`]: "kernel/fs/overlayfs/overlay.ko\nkernel/fs/ext4/ext4.ko\n",
      [`${modules}/modules.dep`]:
        "kernel/net/netfilter/ipvs/ip_vs.ko.gz: kernel/net/netfilter/nf_conntrack.ko.gz\nkernel/drivers/net/vxlan/vxlan.ko.zst:\nkernel/net/netfilter/xt_bpf_other.ko:\n",
      "/proc/modules": "nft_compat 20480 2 - Live 0x00000000\nbridge 1 1 br_netfilter, Live 0x0\n",
    });
    expect(facts?.kernel).toEqual({
      release: "6.16.12",
      modulesGone: false,
      features: {
        ip_vs: true,
        vxlan: true,
        br_netfilter: false,
        overlay: true,
        nft_compat: true,
        xt_bpf: false,
        xt_u32: false,
        esp4: false,
      },
    });
    expect(facts?.ipVs).toBe(true);
  });

  it("finds them in the kernel's configuration where there are no modules, and knows nothing of modules that may be missing", () => {
    const facts = lookAt({
      "/proc/config.gz": config("CONFIG_VXLAN=y", "CONFIG_IP_VS=m", "CONFIG_MODULES=y"),
      "/proc/sys/net/bridge/bridge-nf-call-iptables": "1",
    });
    expect(facts?.kernel?.features).toEqual({
      vxlan: true,
      br_netfilter: true,
      overlay: false,
      nft_compat: false,
      xt_bpf: false,
      xt_u32: false,
      esp4: false,
    });
    expect(facts?.ipVs).toBe(false);
  });

  it("knows nothing of a kernel that says nothing", () => {
    expect(lookAt({})?.kernel).toEqual({ release: "6.16.12", modulesGone: false, features: {} });
  });

  it("sees that the modules are another kernel's, but where the kernel takes none", () => {
    const other = { "/lib/modules/6.17.0/modules.dep": "kernel/vxlan.ko:\n" };
    expect(lookAt(other)?.kernel).toMatchObject({ modulesGone: true, features: {} });
    expect(lookAt({ ...other, "/proc/config.gz": config() })?.kernel?.modulesGone).toBe(false);
    const both = { ...other, [`${modules}/modules.dep`]: "x" };
    expect(lookAt(both)?.kernel?.modulesGone).toBe(false);
  });

  it("counts controllers of both versions of cgroups, and only those that are switched on", () => {
    expect(lookAt({})?.cgroups).toBeUndefined();
    const facts = lookAt({
      "/sys/fs/cgroup/cgroup.controllers": "cpuset io\n",
      "/proc/cgroups":
        "#subsys_name\thierarchy\tnum_cgroups\tenabled\ncpu\t1\t9\t1\nmemory\t0\t1\t0\n",
    });
    expect(facts?.cgroups).toEqual(["cpuset", "io", "cpu"]);
  });

  it.each([
    ["64-bit programs under a 64-bit kernel", "aarch64", "02", "aarch64"],
    ["32-bit programs under a 64-bit kernel", "aarch64", "01", "armv8l"],
    ["32-bit programs under a 32-bit kernel", "armv7l", "01", "armv7l"],
  ])("tells the machine: %s", (_name, kernel, elfClass, machine) => {
    const commands = { uname: `echo ${kernel}`, od: `echo ' ${elfClass}'` };
    expect(lookAt({}, commands)).toMatchObject({ machine });
  });

  it("reads memory, disk, machine id and clock", () => {
    const facts = lookAt(
      {
        "/proc/meminfo":
          "MemTotal:  2000 kB\nMemFree: 5 kB\nMemAvailable:  1000 kB\nBuffers: 1 kB\n",
        "/etc/machine-id": "0123456789abcdef\n",
      },
      {
        df: "echo 'Filesystem 1024-blocks Used Available Capacity Mounted on'; echo '/dev/root 100 60 40 60% /'",
      },
    );
    expect(facts).toMatchObject({
      memory: { totalBytes: 2000 * 1024, availableBytes: 1000 * 1024 },
      freeDiskBytes: 40 * 1024,
      totalDiskBytes: 100 * 1024,
      machineId: "0123456789abcdef",
    });
    expect(Math.abs(facts?.clockAheadSeconds ?? 99)).toBeLessThan(5);
    expect(lookAt({}, { df: "exit 1" })).toMatchObject({
      memory: undefined,
      freeDiskBytes: undefined,
      machineId: undefined,
    });
  });

  it.each([
    ['{"live-restore": true, "debug": false}', true],
    ['{"debug": true, "live-restore": false, "ipv6": true}', undefined],
  ])("reads the engine's settings %s, also while it is stopped", (daemon, expected) => {
    const facts = lookAt({ "/etc/docker/daemon.json": daemon }, { docker: "exit 1" });
    expect(facts?.engine.liveRestore).toBe(expected);
  });

  it("reads what the phone is and how it fares, and leaves out what its sensors do not know", () => {
    const zone = (number: number) => `/sys/class/thermal/thermal_zone${number}`;
    const supply = (name: string) => `/sys/class/power_supply/${name}`;
    const facts = lookAt({
      "/proc/device-tree/model": "LGE MSM 8974 HAMMERHEAD\0", // as the kernel shows it, and without a line's end
      "/sys/class/dmi/id/product_name": "a board\n",
      "/proc/loadavg": "0.52 0.30 0.10 1/200 4711\n",
      "/proc/uptime": "86400.25 300000.00\n",
      "/sys/devices/system/cpu/online": "0-3\n",
      [`${zone(0)}/type`]: "cpu thermal\n",
      [`${zone(0)}/temp`]: "41500\n",
      [`${zone(1)}/type`]: "switched-off\n",
      [`${zone(1)}/temp`]: "", // reads as an error on a phone
      [`${zone(2)}/type`]: "not-connected\n",
      [`${zone(2)}/temp`]: "-273000\n",
      [`${zone(3)}/temp`]: "39000\n",
      [`${supply("usb")}/type`]: "USB\n",
      [`${supply("battery")}/type`]: "Battery\n",
      [`${supply("battery")}/status`]: "Not charging\n",
      [`${supply("battery")}/capacity`]: "87\n",
      [`${supply("battery")}/temp`]: "312\n",
      [`${supply("battery")}/health`]: "Good\n",
    });
    expect(facts?.condition).toEqual({
      model: "LGE MSM 8974 HAMMERHEAD",
      processors: 4,
      load: 0.52,
      uptimeSeconds: 86400.25,
      temperatures: [
        { sensor: "cpu thermal", celsius: 41.5 },
        { sensor: "", celsius: 39 },
      ],
      battery: { percent: 87, status: "Not charging", celsius: 31.2, health: "Good" },
    });
  });

  it("knows a machine by its firmware where it has no device tree, and nothing where nothing is said", () => {
    const board = { "/sys/class/dmi/id/product_name": "a board\n" };
    expect(lookAt(board)?.condition).toEqual({ model: "a board", temperatures: [] });
    expect(lookAt({})?.condition).toEqual({ temperatures: [] });
  });

  it("reads prefix, MTU and origin of each address", () => {
    const facts = lookAt(
      { "/sys/class/net/wlan0/mtu": "1400\n" },
      {
        ip: `echo '2: wlan0    inet 192.168.1.21/24 brd 192.168.1.255 scope global dynamic noprefixroute wlan0\\       valid_lft 85000sec'
echo '3: tun0    inet 10.8.0.2 peer 10.8.0.1/32 scope global tun0'`,
      },
    );
    expect(facts?.addresses).toEqual([
      { device: "wlan0", address: "192.168.1.21", prefixLength: 24, mtu: 1400, dynamic: true },
      { device: "tun0", address: "10.8.0.2", dynamic: false },
    ]);
  });
});
