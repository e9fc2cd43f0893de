import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Role } from "../../../config/config";
import { describePhone, parsePhone } from "../../../ops/adopt/look";
import { proposeAddress, proposeKey, proposeRole } from "../../../ops/adopt/proposals";
import { addPhone, readBefore, removePhone } from "../../../ops/adopt/settings";

const HOST_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIMgEfXXwbI8yuSOkNoNtjNwn5z157zwnm43KsWcz1jX6";
const node = (address: string, role: Role) => ({ address, role, hostKey: HOST_KEY });

describe("proposeKey", () => {
  const hammerhead = { hostname: "hammerhead", model: "LGE MSM 8974 HAMMERHEAD" };
  const named = (hostname: string) => ({ hostname, model: "" });
  it.each([
    ["the host name", hammerhead, [], "hammerhead"],
    ["a number where it is taken", hammerhead, ["hammerhead", "hammerhead-2"], "hammerhead-3"],
    ["the model", { hostname: "localhost", model: "Google Pixel 4" }, [], "google-pixel-4"],
    ["what a key may hold", named("My_Phone.local"), [], "my-phone"],
    ["not what is ours", named("cloudlet-x1"), [], "x1"],
    ["something in any case", named("localhost"), [], "phone"],
    ["no more than a key may have", named("a".repeat(80)), [], "a".repeat(58)],
  ])("%s", (_, names, taken, expected) => {
    expect(proposeKey(names, taken)).toBe(expected);
  });
});

describe("proposeRole", () => {
  it.each<[string, Role[], Role]>([
    ["the first phone", [], "master"],
    ["a second one, as two masters are refused", ["master"], "compute"],
    ["a third master, where somebody made two", ["master", "master", "compute"], "master"],
    ["a fourth phone, as four masters are refused", ["master", "master", "master"], "compute"],
    ["the first master of computes", ["compute", "compute"], "master"],
  ])("%s", (_, declared, expected) => {
    expect(proposeRole(declared)).toBe(expected);
  });
});

describe("proposeAddress", () => {
  const all = [
    { device: "usb0", address: "172.16.42.1" },
    { device: "docker0", address: "172.17.0.1" },
    { device: "eth0", address: "10.0.0.4" },
    { device: "wlan0", address: "192.168.1.21" },
  ];
  it.each([
    ["the one that was given", "10.0.0.4", all, "10.0.0.4"],
    ["Wi-Fi's for a phone on the cable", "172.16.42.1", all, "192.168.1.21"],
    ["another one without Wi-Fi", "172.16.42.1", all.slice(0, 3), "10.0.0.4"],
    ["none where there is only the cable", "172.16.42.1", all.slice(0, 2), undefined],
    ["the given one where it is translated", "203.0.113.7", all, "203.0.113.7"],
    ["not Docker's", "172.17.0.1", all, "192.168.1.21"],
  ])("%s", (_, given, addresses, expected) => {
    expect(proposeAddress(given, addresses)).toBe(expected);
  });
});

describe("parsePhone", () => {
  const answer = `hostname=hammerhead
machine=armv7l
model=LGE MSM 8974 HAMMERHEAD
privilege=none
tool=doas
memory=1901234
battery=87
address=usb0 172.16.42.1
address=wlan0 192.168.1.21
done=yes
`;
  it("reads what the phone is", () => {
    const phone = parsePhone(answer);
    expect(phone).toEqual({
      hostname: "hammerhead",
      model: "LGE MSM 8974 HAMMERHEAD",
      machine: "armv7l",
      platform: "linux/arm/v7",
      memoryMegabytes: 1857,
      batteries: [87],
      addresses: [
        { device: "usb0", address: "172.16.42.1" },
        { device: "wlan0", address: "192.168.1.21" },
      ],
      isRoot: false,
      tool: "doas",
      isSetUp: false,
    });
    expect(describePhone(phone!)).toBe(
      "LGE MSM 8974 HAMMERHEAD (hammerhead), armv7l (linux/arm/v7), 1857 MB of memory, battery at 87 %",
    );
  });

  it("takes no half answer", () => {
    expect(parsePhone(answer.replace("done=yes\n", ""))).toBeUndefined();
  });

  it("says what it does not know", () => {
    expect(
      describePhone(parsePhone("hostname=x\nmachine=riscv64\nprivilege=sudo\ndone=yes")!),
    ).toBe("unknown model (x), riscv64 (not a platform of cloudlet), memory unknown, no battery");
  });
});

describe("settings with one phone more or less", () => {
  const PATH = "Pulumi.home.yaml";
  const one = addPhone(readBefore(PATH, undefined), "pixel-1", node("192.168.1.21", "master"));

  it("are begun where there are none, and cloudlet takes them", () => {
    expect(one.notes).toEqual([]);
    expect(readBefore(PATH, one.text).settings.nodes).toMatchObject({
      "pixel-1": { address: "192.168.1.21", role: "master" },
    });
  });

  it("are written with a note where only the number of masters is wrong", () => {
    const two = addPhone(readBefore(PATH, one.text), "pixel-2", node("192.168.1.22", "master"));
    expect(two.notes).toEqual([expect.stringContaining("got 2 (pixel-1, pixel-2)")]);
    expect(two.text).toContain("pixel-2:");
    expect(
      addPhone(readBefore(PATH, two.text), "pixel-3", node("192.168.1.23", "master")).notes,
    ).toEqual([]);
  });

  it.each([
    [
      "a key that is none",
      "Pixel_2",
      node("192.168.1.22", "compute"),
      "cloudlet:nodes.Pixel_2: expected a name",
    ],
    [
      "an address twice",
      "pixel-2",
      node("192.168.1.21", "compute"),
      "expected an address of its own",
    ],
    [
      "a cable's address, with two masters",
      "pixel-2",
      node("172.16.42.1", "master"),
      "expected the phone's Wi-Fi address",
    ],
    [
      "a role that is none",
      "pixel-2",
      node("192.168.1.22", "worker" as Role),
      "expected master or compute",
    ],
  ])("are not written with %s", (_, key, entry, message) => {
    expect(() => addPhone(readBefore(PATH, one.text), key, entry)).toThrow(message);
  });

  it("are refused beforehand for what has nothing to do with phones", () => {
    expect(() => readBefore(PATH, "config:\n  cloudlet:observe: sometimes\n")).toThrow(
      "cloudlet:observe: expected auto or always or never",
    );
  });

  it("may lose their last phone, with a note", () => {
    const none = removePhone(readBefore(PATH, one.text), "pixel-1");
    expect(none.text).toContain("cloudlet:nodes: {}\n");
    expect(none.notes).toEqual([expect.stringContaining("a swarm needs one to exist")]);
  });

  it("know of a login key that is a secret", () => {
    const text = `${one.text}  cloudlet:sshPrivateKey:\n    secure: v1:x\n`;
    expect(readBefore(PATH, text).hasSecretKey).toBe(true);
    expect(readBefore(PATH, one.text).hasSecretKey).toBe(false);
  });

  it("of the simulated phones lose one and get it back", () => {
    const dev = readFileSync(join(__dirname, "../../../Pulumi.dev.yaml"), "utf8");
    const less = removePhone(readBefore(PATH, dev), "pixel-4");
    const { address, role, hostKey } = readBefore(PATH, dev).settings.nodes["pixel-4"]!;
    expect(addPhone(readBefore(PATH, less.text), "pixel-4", { address, role, hostKey }).text).toBe(
      dev,
    );
  });
});
