import { randomBytes } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createConnection } from "node:net";
import { join, resolve } from "node:path";
import execa from "execa";
import { KNOWN_HOSTS, MASTER_ALIAS, ON_MASTER, SSH_CONFIG } from "../../observe/ssh-config";
import { Fleet } from "../support/fleet";
import { MachineWatch } from "../support/process-watch";
import { bothStacks } from "../support/sample-stacks";

const MINUTES = 60_000;
const PHONES = ["pixel-1", "pixel-2"];
const ANOTHER_KEY =
  "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIMgEfXXwbI8yuSOkNoNtjNwn5z157zwnm43KsWcz1jX7";
const page = readFileSync(resolve(__dirname, "../../docs/security.md"), "utf8");
const random = () => randomBytes(9).toString("hex");
const words = {
  portainerPassword: random(),
  coffeeDbPassword: random(),
  coffeeBrokerPassword: random(),
  crashWord: random(),
  // Where it does not belong, with what error messages like to escape.
  wrongPath: `${random()}"\\'${random()}`,
};
/** Each word as it is, and as it stands in JSON or base64. */
const forms = (word: string) => [
  word,
  JSON.stringify(word).slice(1, -1),
  Buffer.from(word).toString("base64").replace(/=+$/, ""),
];

let fleet: Fleet;
let tokens: string[];
let commands: readonly string[];
let outputs = "";
const before: Record<string, string[]> = {};

function settings(stacks: object, readyTimeoutSeconds = 120): object {
  return {
    platform: "linux/amd64",
    routingMesh: false,
    readyTimeoutSeconds,
    ssh: { identityFile: ".cloudlet/simulated/id_ed25519" },
    nodes: {
      "pixel-1": fleet.node("pixel-1", "master"),
      "pixel-2": fleet.node("pixel-2", "compute"),
    },
    stacks,
  };
}

async function onPhone(phone: string, script: string, input = ""): Promise<string> {
  return (await fleet.lab.exec(phone, ["sh", "-c", script], { input })).stdout;
}

/** `22/tcp` and the like, but for what listens on the phone's own addresses only. */
async function listening(phone: string): Promise<string[]> {
  const text = await onPhone(
    phone,
    'for kind in tcp udp; do sed "s|^|$kind |" /proc/net/$kind /proc/net/${kind}6; done',
  );
  const found = text.split("\n").flatMap((line) => {
    const [kind = "", , local = "", , state = ""] = line.trim().split(/\s+/);
    const [address = "", port = ""] = local.split(":");
    // Loopback is 127.0.0.0/8, backwards, or ::1.
    const isOwn = /7F$/.test(address) || /^0{24}0*1000000$/.test(address);
    return !isOwn && state === (kind === "tcp" ? "0A" : "07")
      ? [`${Number.parseInt(port, 16)}/${kind}`]
      : [];
  });
  return [...new Set(found)].sort();
}

/** The rows of the page's table whose head begins so, by their first column. */
function table(head: string): string[][] {
  const [, below = ""] = page.split(`| ${head} |`);
  return below
    .split("\n\n")[0]!
    .split("\n")
    .filter((line) => line.startsWith("| `"))
    .map((line) =>
      line
        .split("|")
        .map((cell) => cell.trim().replaceAll("`", ""))
        .slice(1, -1),
    );
}

beforeAll(async () => {
  fleet = await Fleet.open(
    "secrets",
    "10.98.0.0/24",
    PHONES.map((name) => ({ name, docker: "stopped" })),
  );
  for (const phone of PHONES) {
    before[phone] = await listening(phone);
    await onPhone(phone, ": >/run/marker");
  }
  const { project } = fleet;
  const watch = new MachineWatch();

  // First one that fails, with the secret where the phones' engines complain of it.
  for (const name of ["wrongPath", "crashWord"] as const)
    await project.setSecret(name, words[name]);
  project.writeFile(
    "stacks/failing.yml",
    `services:
  crash:
    image: cloudlet/crash:1
    environment: { PASSWORD: "\${PASSWORD}" }
  program:
    image: cloudlet/probe:1
    entrypoint: ["/none/\${PATH_OF_IT}"]
  mount:
    image: cloudlet/probe:1
    environment: { PATH_OF_IT: "\${PATH_OF_IT}", OTHER: "1" }
    volumes: [{ type: volume, source: data, target: "\${PATH_OF_IT}" }]
volumes: { data: {} }
`,
  );
  const environment = { PATH_OF_IT: { secret: "wrongPath" }, PASSWORD: { secret: "crashWord" } };
  project.writeSettings(settings({ failing: { file: "stacks/failing.yml", environment } }, 8));
  await fleet.lockImages();
  const failed = await project.up();
  expect(failed.exitCode).not.toBe(0);
  expect(failed.output).toMatch(/failing_mount\.1 on pixel-\d: Rejected/);
  expect(failed.output).toMatch(/failing_program\.1 on pixel-\d: /);

  for (const name of ["wrongPath", "crashWord"])
    await project.pulumi(["config", "rm", "-s", "e2e", `cloudlet:${name}`]);
  for (const name of ["portainerPassword", "coffeeDbPassword", "coffeeBrokerPassword"] as const)
    await project.setSecret(name, words[name]);
  project.writeSettings(settings(bothStacks));
  await fleet.lockImages();
  const { exitCode, output } = await project.up();
  commands = watch.stop();
  if (exitCode !== 0) throw new Error(output);
  const again = await project.preview("--diff", "--refresh");
  outputs = [failed.output, output, again.output].join("\n");
  tokens = await Promise.all(
    ["worker", "manager"].map((role) => fleet.docker("pixel-1", "swarm", "join-token", "-q", role)),
  );
}, 10 * MINUTES);

afterAll(() => fleet?.close(), 2 * MINUTES);

const all = () => [...Object.values(words).flatMap(forms), ...tokens];
const found = (text: string) => all().filter((secret) => text.includes(secret));

/** The files of a phone that hold one of these texts. */
async function filesWith(phone: string, texts: readonly string[]): Promise<string[]> {
  // They come by standard input, so that this very command does not show them.
  const said = await onPhone(
    phone,
    `umask 077; cat >/run/texts
find / /var/lib/docker -xdev -type f -exec grep -lF -f /run/texts {} + 2>/dev/null; rm /run/texts`,
    `${texts.join("\n")}\n`,
  );
  return [...new Set(said.split("\n"))].filter((file) => file !== "");
}

describe("passwords and join tokens, after an up that failed and one that ended well,", () => {
  it("were in no command line, of the operator's machine or of a phone", () => {
    const seen = commands.join("\n");
    // What there was to see: on this machine, and on the phones.
    expect(seen).toContain("ssh -F .cloudlet/ssh_config");
    expect(seen).toMatch(/docker system dial-stdio/);
    expect(seen).toMatch(/docker node update --role worker/);
    expect(found(seen)).toEqual([]);
  });

  it("are in no output, also where the phones' engines quote them", () => {
    expect(outputs).toContain("[secret]");
    expect(found(outputs)).toEqual([]);
  });

  it("are in no file of the project: state, its history and backups, workspace, settings", () => {
    const files = readdirSync(fleet.project.directory, { recursive: true, withFileTypes: true })
      .filter((file) => file.isFile())
      .map((file) => join(file.parentPath, file.name));
    for (const kind of ["/stacks/", "/history/", "/backups/"])
      expect(files.filter((file) => file.includes(`.state/.pulumi${kind}`))).not.toEqual([]);
    expect(files.filter((file) => found(readFileSync(file, "utf8")).length > 0)).toEqual([]);
  });

  it(
    "are in no file of a phone, but for those in environments, which are below the engine's own folder for root alone",
    async () => {
      const { portainerPassword, coffeeDbPassword, coffeeBrokerPassword, crashWord } = words;
      const inEnvironments = [coffeeDbPassword, coffeeBrokerPassword, crashWord];
      for (const phone of PHONES) {
        expect(await filesWith(phone, [portainerPassword, ...tokens])).toEqual([]);
        const files = await filesWith(phone, inEnvironments.flatMap(forms));
        expect(files.filter((file) => !file.startsWith("/var/lib/docker/"))).toEqual([]);
        // Otherwise nothing was looked for: the coffee shop's parts run on both phones.
        expect(files.length).toBeGreaterThan(0);
        expect(await onPhone(phone, "stat -c '%a %U:%G' /var/lib/docker")).toBe("710 root:root");
      }
    },
    2 * MINUTES,
  );
});

describe("docs/security.md", () => {
  it("lists what listens on a phone: all of it, and nothing else", async () => {
    const rows = table("port");
    const published = (await fleet.docker("pixel-1", "ps", "--format", "{{.Ports}}")).match(
      /(?<=:)\d+(?=->)/g,
    );
    for (const [phone, role] of [
      ["pixel-1", "masters"],
      ["pixel-2", "computes"],
    ] as const) {
      const expected = rows
        .filter(([port = "", on]) =>
          on === "the phone of its task"
            ? phone === "pixel-1" && published?.includes(port.split("/")[0] ?? "")
            : on === "every phone" || on === role,
        )
        .map(([port]) => port);
      expect([phone, await listening(phone)]).toEqual([phone, [...expected].sort()]);
      expect(before[phone]).toEqual(["22/tcp"]);
    }
    // Each of them is on the first phone.
    expect(published?.length).toBe(rows.filter(([, on]) => on === "the phone of its task").length);
  });

  it("says who can reach it: this machine is no phone", async () => {
    const { address } = fleet.lab.phone("pixel-1");
    const ports = table("port").filter(([port = ""]) => port.endsWith("/tcp"));
    const reached = await Promise.all(
      ports.map(async ([port = ""]) =>
        (await connects(address, Number.parseInt(port))) ? port : "",
      ),
    );
    expect(reached.filter((port) => port !== "")).toEqual(
      ports.filter(([, , , who]) => who === "everybody").map(([port]) => port),
    );
  });

  it("lists the files that cloudlet wrote: all root's, and nobody else may write them", async () => {
    const rows = table("file");
    const line = ([file = "", mode = ""]: string[]) => `${mode} root:root ${file}`;
    const always = rows.filter(([, , when]) => when === "always").map(line);
    const engines = /^\S+ \S+ (\/etc\/docker\/key\.json|\/var\/log\/docker\.log)$/;
    for (const phone of PHONES) {
      const changed = await onPhone(
        phone,
        "find / -xdev -newer /run/marker ! -type d -exec stat -c '%a %U:%G %n' {} +",
      );
      const lines = changed.trim().split("\n");
      const ours = lines.filter((each) => !engines.test(each));
      expect(ours.filter((each) => !rows.map(line).includes(each))).toEqual([]);
      expect(always.filter((each) => !ours.includes(each))).toEqual([]);
    }
  });
});

describe("a host key that is not the one of the settings, or none that is known,", () => {
  const refresh = () => fleet.project.pulumi(["refresh", "-s", "e2e", "--yes", "--skip-preview"]);

  async function pinned(line: string): Promise<void> {
    const { directory } = fleet.project;
    const exit = ["-F", SSH_CONFIG, "-O", "exit"];
    for (const host of [...PHONES, MASTER_ALIAS])
      await execa("ssh", [...exit, host], { cwd: directory, reject: false });
    writeFileSync(fleet.project.path(KNOWN_HOSTS), line);
  }

  it.each([
    ["another", `pixel-1 ${ANOTHER_KEY}\npixel-2 ${ANOTHER_KEY}\n`],
    ["none", ""],
  ])(
    "is an error for the docker provider, and for our own commands: %s",
    async (_, lines) => {
      await pinned(lines);
      const { exitCode, output } = await refresh();
      expect(output).toMatch(/host key verification failed/i);
      expect(exitCode).not.toBe(0);
      await pinned(lines);
      const ours = await execa("sh", [ON_MASTER, "docker node ls"], {
        cwd: fleet.project.directory,
        reject: false,
        all: true,
        input: "",
      });
      expect(ours.all).toMatch(/host key verification failed/i);
      expect(ours.exitCode).not.toBe(0);
    },
    2 * MINUTES,
  );

  it(
    "is an error for the command provider, which changes nothing on the phone",
    async () => {
      const values = settings(bothStacks) as { nodes: Record<string, object> };
      const wrong = { ...values.nodes["pixel-2"], hostKey: ANOTHER_KEY };
      const nodes = { ...values.nodes, "pixel-2": wrong };
      fleet.project.writeSettings({ ...values, nodes, observe: "never" });
      const repairs = await onPhone("pixel-2", "stat -c %y /var/lib/cloudlet/repairs");
      const { exitCode, output } = await fleet.project.up();
      expect(output).toMatch(/pixel-2-engine[^]*host key mismatch/);
      expect(exitCode).not.toBe(0);
      expect(await onPhone("pixel-2", "stat -c %y /var/lib/cloudlet/repairs")).toBe(repairs);
    },
    2 * MINUTES,
  );
});

function connects(host: string, port: number): Promise<boolean> {
  return new Promise((answer) => {
    const socket = createConnection({ host, port, timeout: 2000 });
    const end = (open: boolean) => {
      socket.destroy();
      answer(open);
    };
    socket.once("connect", () => {
      end(true);
    });
    for (const event of ["error", "timeout"])
      socket.once(event, () => {
        end(false);
      });
  });
}
