import { readFileSync, writeFileSync } from "node:fs";
import execa from "execa";
import { stopDocker } from "../../sim/faults";
import { KNOWN_HOSTS, SSH_CONFIG } from "../../observe/ssh-config";
import type { PulumiResult } from "../support/cloudlet-project";
import { Fleet } from "../support/fleet";
import { waitFor } from "../support/wait-for";

const MINUTES = 60_000;
const PHONES = ["pixel-1", "pixel-2", "pixel-3", "pixel-4"];
const ANOTHER_KEY =
  "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIMgEfXXwbI8yuSOkNoNtjNwn5z157zwnm43KsWcz1jX7";
/** Whatever state the phones are in, nobody waits longer than this for the end of a destroy. */
const DESTROY_SECONDS = 90;

let fleet: Fleet;

async function up(): Promise<void> {
  const { exitCode, output } = await fleet.project.up();
  if (exitCode !== 0) throw new Error(`up failed:\n${output}`);
}

/** Destroys everything: has to end well in time, and to leave no resource in the state. */
async function destroy(): Promise<PulumiResult> {
  const begin = Date.now();
  const result = await fleet.project.destroy();
  expect([result.exitCode, result.exitCode === 0 ? "" : result.output]).toEqual([0, ""]);
  expect((Date.now() - begin) / 1000).toBeLessThan(DESTROY_SECONDS);
  expect(await fleet.project.exportState()).not.toContain("urn:pulumi:e2e::cloudlet::command");
  return result;
}

/** Nothing of ours is on a phone: no membership, no rule, no file. */
async function expectClean(phone: string): Promise<void> {
  const look =
    "nft list ruleset | grep cloudlet; ls -d /etc/nftables.d/*cloudlet* /var/lib/cloudlet /etc/modules-load.d/cloudlet.conf /var/lib/docker/swarm/docker-state.json 2>/dev/null";
  const { stdout } = await fleet.lab.exec(phone, ["sh", "-c", look], { allowFailure: true });
  expect([phone, stdout]).toEqual([phone, ""]);
}

/** The one command that the output says for a phone that could not be cleaned up. */
function commandFor(output: string, phone: string): string {
  const found = [
    ...output.matchAll(new RegExp(`\\b${phone}: .*not cleaned up.*, run: (.*)$`, "gm")),
  ];
  const commands = new Set(found.map(([, command = ""]) => command.trim()));
  expect([phone, ...commands]).toEqual([phone, expect.stringMatching(/\S/)]);
  return [...commands][0] ?? "";
}

async function closeConnections(): Promise<void> {
  for (const phone of PHONES)
    await execa("ssh", ["-F", SSH_CONFIG, "-O", "exit", phone], {
      cwd: fleet.project.directory,
      reject: false,
    });
}

beforeAll(async () => {
  fleet = await Fleet.open(
    "destroy",
    "10.101.0.0/24",
    PHONES.map((name) => ({ name, docker: "running" })),
  );
  fleet.project.writeSettings({
    platform: "linux/amd64",
    routingMesh: false,
    ssh: { identityFile: ".cloudlet/simulated/id_ed25519" },
    nodes: Object.fromEntries(
      PHONES.map((name) => [name, fleet.node(name, name === "pixel-4" ? "compute" : "master")]),
    ),
  });
  await up();
}, 10 * MINUTES);

afterAll(() => fleet?.close(), 2 * MINUTES);

describe("destroy", () => {
  it(
    "ends with the swarm's majority lost, and one command finishes the job on each phone that was off",
    async () => {
      await fleet.lab.powerOff("pixel-2");
      await fleet.lab.unplug("pixel-3");
      const { output } = await destroy();
      for (const phone of ["pixel-1", "pixel-4"]) await expectClean(phone);

      await fleet.lab.powerOn("pixel-2");
      await fleet.lab.plug("pixel-3");
      for (const phone of ["pixel-2", "pixel-3"]) {
        const command = commandFor(output, phone);
        await waitFor(`${phone} to be finished with: ${command}`, 60, async () => {
          const { exitCode, all } = await execa("sh", ["-c", command], {
            cwd: fleet.project.directory,
            reject: false,
            all: true,
            input: "",
          });
          if (exitCode !== 0) throw new Error(all);
          return true;
        });
        await expectClean(phone);
      }
    },
    6 * MINUTES,
  );

  it(
    "ends with Docker stopped on every phone",
    async () => {
      await up();
      await Promise.all(PHONES.map((phone) => stopDocker(fleet.lab, phone)));
      const { output } = await destroy();
      expect(output).not.toContain("not cleaned up");
      for (const phone of PHONES) await expectClean(phone);
    },
    6 * MINUTES,
  );

  it(
    "ends with phones that show another host key or refuse the login, and names them",
    async () => {
      await up();
      await closeConnections();
      const hosts = fleet.project.path(KNOWN_HOSTS);
      const lines = readFileSync(hosts, "utf8").replace(/^pixel-2 .*$/m, `pixel-2 ${ANOTHER_KEY}`);
      writeFileSync(hosts, lines);
      await fleet.lab.exec("pixel-3", ["sh", "-c", ": >/home/cloudlet/.ssh/authorized_keys"]);
      const { output } = await destroy();
      expect(output).toMatch(/pixel-2: .*host key/);
      expect(output).toMatch(/pixel-3: .*refuses the login/);
      for (const phone of ["pixel-2", "pixel-3"]) commandFor(output, phone);
      for (const phone of ["pixel-1", "pixel-4"]) await expectClean(phone);
    },
    6 * MINUTES,
  );
});
