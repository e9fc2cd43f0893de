import { mkdirSync, mkdtempSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parsePhone } from "../../../ops/adopt/look";
import {
  addKeyScript,
  grantScript,
  LOOK_SCRIPT,
  PROBE_SCRIPT,
  removeKeyScript,
  REVOKE_SCRIPT,
} from "../../../ops/adopt/scripts";
import { fakeCommands, runScript, shells, syntaxErrors } from "../../support/shells";
import { SimulatedPhone } from "../../support/simulated-phone";

const KEY = "ssh-ed25519 AAAAours cloudlet";
const OTHER = "ssh-ed25519 AAAAother it's mine";
const SUDO_RULE = "/etc/sudoers.d/cloudlet";
const DOAS_RULE = "/etc/doas.d/cloudlet.conf";

describe.each(shells)("in %s", (_, shell) => {
  it.each([
    ["look", LOOK_SCRIPT],
    ["add key", addKeyScript(KEY)],
    ["remove key", removeKeyScript(KEY)],
    ["sudo rule", grantScript("sudo", "user")],
    ["doas rule", grantScript("doas", "user")],
    ["revoke", REVOKE_SCRIPT],
    ["probe", PROBE_SCRIPT],
  ])("the script to %s is well-formed", (_name, script) => {
    expect(syntaxErrors(shell, script)).toBe("");
  });

  describe("authorized_keys", () => {
    const home = (content?: string) => {
      const HOME = mkdtempSync(join(tmpdir(), "cloudlet-home-"));
      const file = join(HOME, ".ssh/authorized_keys");
      if (content !== undefined) {
        mkdirSync(join(HOME, ".ssh"));
        writeFileSync(file, content);
      }
      const run = (script: string) => {
        const { status, stderr } = runScript(shell, script, {
          env: { HOME, PATH: process.env.PATH ?? "" },
        });
        expect([status, stderr]).toEqual([0, ""]);
        return readFileSync(file, "utf8");
      };
      return { file, run };
    };

    it("is made, for its owner only, with the key once", () => {
      const { file, run } = home();
      expect(run(addKeyScript(KEY))).toBe(`${KEY}\n`);
      expect(run(addKeyScript(KEY))).toBe(`${KEY}\n`);
      expect(statSync(file).mode & 0o777).toBe(0o600);
      expect(statSync(join(file, "..")).mode & 0o777).toBe(0o700);
    });

    it("keeps other keys, also one without an end of line", () => {
      expect(home(OTHER).run(addKeyScript(KEY))).toBe(`${OTHER}\n${KEY}\n`);
    });

    it("gets a key that is there as a comment only", () => {
      expect(home(`# ${KEY}\n`).run(addKeyScript(KEY))).toBe(`# ${KEY}\n${KEY}\n`);
    });

    it.each([
      ["among others", `${OTHER}\n${KEY}\n`, `${OTHER}\n`],
      ["alone", `${KEY}\n`, ""],
      ["not there", `${OTHER}\n`, `${OTHER}\n`],
    ])("loses the key: %s", (_case, before, after) => {
      expect(home(before).run(removeKeyScript(KEY))).toBe(after);
    });
  });

  describe("the rule for root", () => {
    it("is sudo's, checked before it counts, and taken back", () => {
      const phone = new SimulatedPhone({ visudo: "" });
      expect(phone.run(shell, grantScript("sudo", "user"))).toMatchObject({
        status: 0,
        stderr: "",
      });
      expect(phone.read(SUDO_RULE)).toBe(
        "# written by cloudlet's adopt\nuser ALL=(ALL) NOPASSWD: ALL\n",
      );
      expect(phone.calls()).toEqual([`visudo -cqf ${SUDO_RULE}.new`]);
      phone.run(shell, REVOKE_SCRIPT);
      expect(phone.has(SUDO_RULE)).toBe(false);
    });

    it("is not sudo's where visudo finds it bad", () => {
      const phone = new SimulatedPhone({ visudo: "exit 1" });
      expect(phone.run(shell, grantScript("sudo", "user")).status).toBe(1);
      expect(phone.has(SUDO_RULE) || phone.has(`${SUDO_RULE}.new`)).toBe(false);
    });

    it("is a file of doas where it reads such files", () => {
      const phone = new SimulatedPhone({ doas: "" });
      phone.write("/etc/doas.d/wheel.conf", "permit persist :wheel\n");
      expect(phone.run(shell, grantScript("doas", "user"))).toMatchObject({
        status: 0,
        stderr: "",
      });
      expect(phone.read(DOAS_RULE)).toBe("permit nopass user # written by cloudlet's adopt\n");
      phone.run(shell, REVOKE_SCRIPT);
      expect(phone.has(DOAS_RULE)).toBe(false);
      expect(phone.has("/etc/doas.d/wheel.conf")).toBe(true);
    });

    it("is one line of doas.conf elsewhere, once, and is taken back", () => {
      const phone = new SimulatedPhone({ doas: "" });
      phone.write("/etc/doas.conf", "permit :wheel\n");
      phone.run(shell, grantScript("doas", "user"));
      phone.run(shell, grantScript("doas", "user"));
      expect(phone.read("/etc/doas.conf")).toBe(
        "permit :wheel\npermit nopass user # written by cloudlet's adopt\n",
      );
      phone.run(shell, REVOKE_SCRIPT);
      expect(phone.read("/etc/doas.conf")).toBe("permit :wheel\n");
    });

    it("is not doas's where doas finds it bad", () => {
      const phone = new SimulatedPhone({ doas: "exit 1" });
      phone.write("/etc/doas.conf", "permit :wheel\n");
      expect(phone.run(shell, grantScript("doas", "user")).status).toBe(1);
      expect(phone.read("/etc/doas.conf")).toBe("permit :wheel\n");
    });

    it("stays where somebody else wrote it", () => {
      const phone = new SimulatedPhone();
      phone.write(SUDO_RULE, "user ALL=(ALL) NOPASSWD: ALL\n");
      phone.run(shell, REVOKE_SCRIPT);
      expect(phone.has(SUDO_RULE)).toBe(true);
    });
  });

  it("a phone is read, with doas behind the look-alike of sudo", () => {
    const bin = fakeCommands({
      id: "echo 10000",
      hostname: "echo hammerhead",
      uname: "echo armv7l",
      sudo: "exit 1",
      doas: "exit 1",
      ip: "echo '2: wlan0    inet 192.168.1.21/24 brd 192.168.1.255 scope global wlan0'",
    });
    const { stdout } = runScript(shell, LOOK_SCRIPT, {
      env: { PATH: `${bin}:${process.env.PATH}` },
    });
    expect(parsePhone(stdout)).toMatchObject({
      hostname: "hammerhead",
      platform: "linux/arm/v7",
      isRoot: false,
      tool: "doas",
      addresses: [{ device: "wlan0", address: "192.168.1.21" }],
    });
    expect(parsePhone(stdout)?.memoryMegabytes).toBeGreaterThan(0);
  });
});
