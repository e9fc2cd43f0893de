import { setUpEngineScript, undoPhoneScript } from "../../../nodes/phone-scripts";
import { FILE_SUMS } from "../../../observe/facts-scripts";
import { samplePlannedNode } from "../../support/sample-node";
import { shells } from "../../support/shells";
import { SimulatedPhone } from "../../support/simulated-phone";

const WIFI_FILE = "/etc/NetworkManager/conf.d/90-cloudlet.conf";
const ELOGIND_FILE = "/etc/elogind/logind.conf.d/cloudlet.conf";
const node = samplePlannedNode("compute");
const NOW = "1795000000";

describe.each(shells)("in %s", (_, shell) => {
  const setUp = setUpEngineScript(node);
  const undo = undoPhoneScript("pixel-4", "cloudlet");
  const succeed = (phone: SimulatedPhone, script: string, ...args: string[]) =>
    expect(phone.run(shell, script, ...args)).toMatchObject({ status: 0, stderr: "" });

  it("keeps Wi-Fi awake, at the MAC address that the router knows, and undoes that", () => {
    const phone = new SimulatedPhone({
      ip: `[ "$*" = "-4 -o addr show to ${node.address}" ] && echo "3: wlan0    inet ${node.address}/24 brd"`,
      iw: "",
      nmcli: "",
    });
    phone.write("/sys/class/net/wlan0/phy80211");
    phone.write("/sys/class/net/wlan0/address", "02:00:00:aa:bb:cc\n");
    phone.write("/etc/NetworkManager/conf.d/50-random-mac.conf");
    succeed(phone, setUp, NOW);
    expect(phone.read(WIFI_FILE)).toBe(
      "[connection-cloudlet]\nmatch-device=interface-name:wlan0\nwifi.powersave=2\nwifi.cloned-mac-address=02:00:00:aa:bb:cc\n",
    );
    expect(phone.calls()).toContain("iw dev wlan0 set power_save off");
    expect(phone.read(FILE_SUMS)).toContain("90-cloudlet.conf");
    // Another MAC address, as another network has, does not become the one that it keeps.
    phone.write("/sys/class/net/wlan0/address", "02:00:00:00:00:01\n");
    succeed(phone, setUp, NOW);
    expect(phone.read(WIFI_FILE)).toContain("02:00:00:aa:bb:cc");
    succeed(phone, undo);
    expect(phone.has(WIFI_FILE)).toBe(false);
  });

  it("leaves a cable alone", () => {
    const phone = new SimulatedPhone({ ip: `echo "2: eth0    inet ${node.address}/24 brd"` });
    phone.write("/etc/NetworkManager/conf.d/50-random-mac.conf");
    succeed(phone, setUp, NOW);
    expect(phone.has(WIFI_FILE)).toBe(false);
  });

  it("does not sleep: with elogind", () => {
    const phone = new SimulatedPhone();
    phone.write("/etc/elogind/logind.conf");
    succeed(phone, setUp, NOW);
    expect(phone.read(ELOGIND_FILE)).toMatch(/^\[Sleep\]\nAllowSuspend=no\n/);
    succeed(phone, undo);
    expect(phone.has(ELOGIND_FILE)).toBe(false);
  });

  it.each([
    ["masks sleep and unmasks it", "static", true],
    ["leaves it masked where it was", "masked", false],
  ])("does not sleep: with systemd, %s", (_name, state, masks) => {
    const systemctl = `case "$*" in "is-enabled suspend.target") echo ${state} ;; esac`;
    const phone = new SimulatedPhone({ systemctl });
    phone.write("/run/systemd/system/there");
    succeed(phone, setUp, NOW);
    succeed(phone, undo);
    const said = phone.calls().filter((call) => /^systemctl -q (un)?mask/.test(call));
    expect(said.map((call) => call.split(" ").slice(0, 3).join(" "))).toEqual(
      masks ? ["systemctl -q mask", "systemctl -q unmask"] : [],
    );
  });

  describe("a clock that is behind", () => {
    it("is set by a time server", () => {
      const phone = new SimulatedPhone({ chronyc: `echo ${NOW} > "$ROOT/clock"` });
      phone.write("/clock", "86400");
      succeed(phone, setUp, NOW);
      expect(phone.calls()).toContain("chronyc -a makestep");
      expect(phone.calls().filter((call) => call.startsWith("date"))).toEqual([]);
    });

    it("or else from the machine that provisions it, with the time that this took, which is said", () => {
      const phone = new SimulatedPhone({
        chronyc: 'echo "121.00 99.00" > "$ROOT/proc/uptime"; exit 1',
      });
      phone.write("/clock", "86400");
      expect(phone.run(shell, setUp, NOW)).toMatchObject({
        status: 0,
        stderr:
          "pixel-4: no time server answered within 20 s, so its clock got the time of the machine that provisions it; it is wrong again after a reboot\n",
      });
      expect(phone.calls()).toContain(`date -u -s @${Number(NOW) + 21}`);
    });

    it("is never set back, as an argument may be an old one", () => {
      const phone = new SimulatedPhone();
      phone.write("/clock", "1795999999");
      succeed(phone, setUp, NOW);
      expect(phone.calls().filter((call) => call.startsWith("date"))).toEqual([]);
    });
  });

  it("keeps the time from now on, where somebody had switched that off", () => {
    const phone = new SimulatedPhone();
    phone.write("/etc/init.d/chronyd");
    succeed(phone, setUp, NOW);
    succeed(phone, undo);
    expect(phone.calls().filter((call) => /chronyd/.test(call) && /rc-update/.test(call))).toEqual([
      "rc-update -q add chronyd default",
      "rc-update -q del chronyd default",
    ]);
  });

  it("gets a name of its own where it is told to, and its old one back", () => {
    const phone = new SimulatedPhone();
    phone.write("/name", "hammerhead\n");
    phone.write("/etc/hosts", "127.0.0.1 hammerhead localhost\n");
    succeed(phone, setUp, NOW);
    expect(phone.read("/name")).toBe("hammerhead\n");
    succeed(phone, setUp, NOW, "rename");
    expect(phone.read("/etc/hostname")).toBe("pixel-4\n");
    expect(phone.read("/etc/hosts")).toBe("127.0.0.1 hammerhead localhost\n127.0.1.1 pixel-4\n");
    succeed(phone, undo);
    expect(phone.read("/name")).toBe("hammerhead\n");
    expect(phone.read("/etc/hosts")).toBe("127.0.0.1 hammerhead localhost\n");
  });

  it("gets a machine id of its own where it is told to", () => {
    const phone = new SimulatedPhone();
    phone.write("/etc/machine-id", "0".repeat(32));
    succeed(phone, setUp, NOW);
    expect(phone.read("/etc/machine-id")).toBe("0".repeat(32));
    succeed(phone, setUp, NOW, "machine-id");
    expect(phone.read("/etc/machine-id")).toMatch(/^(?!0{32})[0-9a-f]{32}\n?$/);
  });
});
