import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { stripVTControlCharacters } from "node:util";
import execa from "execa";
import { destroyLab } from "../../sim/clean-up";
import { openLab, type Lab } from "../../sim/lab";

const MINUTES = 60_000;
const ROOT = resolve(__dirname, "../..");
const LAB = "e2e-adopt";
const PASSWORD = "it's 4 blanks & $HOME";
const SETTINGS = `# Mine.
config:
  cloudlet:ssh: {identityFile: keys/cloudlet}   # beside this file
  # The phones:
  cloudlet:nodes: {}
`;

let lab: Lab;
let directory: string;
let phone: string;
let fingerprint: string;

interface Run {
  readonly exitCode: number;
  readonly output: string;
}

/** The command as npm runs it, without a terminal. */
async function adopt(args: readonly string[], password?: string): Promise<Run> {
  const env = { ...process.env };
  delete env.CLOUDLET_ADOPT_PASSWORD;
  const result = await execa(
    join(ROOT, "node_modules/.bin/tsx"),
    [join(ROOT, "ops/adopt/adopt.ts"), "-s", "home", ...args],
    {
      cwd: directory,
      reject: false,
      all: true,
      input: "",
      extendEnv: false,
      env: password === undefined ? env : { ...env, CLOUDLET_ADOPT_PASSWORD: password },
    },
  );
  expect(result.all).not.toContain(PASSWORD);
  return { exitCode: result.exitCode ?? -1, output: result.all ?? "" };
}

async function onPhone(script: string): Promise<string> {
  return (await lab.exec("pixel-1", ["sh", "-c", script], { allowFailure: true })).stdout.trim();
}

/** What adopting may change on a phone. */
function phoneState(): Promise<string> {
  return onPhone(
    "cat /home/cloudlet/.ssh/authorized_keys; ls -la /home/cloudlet /home/cloudlet/.ssh /etc/doas.d /etc/sudoers.d; cat /etc/doas.conf",
  );
}

const settings = () => readFileSync(join(directory, "Pulumi.home.yaml"), "utf8");

beforeAll(async () => {
  await destroyLab(LAB);
  directory = mkdtempSync(join(tmpdir(), "cloudlet-adopt-e2e-"));
  lab = await openLab({
    name: LAB,
    subnet: "10.92.0.0/24",
    phones: [{ name: "pixel-1", docker: "absent" }],
    identityFile: join(directory, "lab-key"),
    log: (line) => process.stderr.write(`${LAB}: ${line}\n`),
  });
  phone = `cloudlet@${lab.phone("pixel-1").address}`;
  // A phone as it comes: a password, nobody's key, and root for that password only.
  const { stdout: hash } = await execa("openssl", ["passwd", "-6", "-stdin"], { input: PASSWORD });
  const script = `read -r hash
sed -i "s|^cloudlet:[^:]*:|cloudlet:$hash:|" /etc/shadow
rm -rf /home/cloudlet/.ssh
echo 'permit :wheel' >/etc/doas.conf
sed -i 's/^PasswordAuthentication no/PasswordAuthentication yes/' /etc/ssh/sshd_config.d/simulated-phone.conf
rc-service -q sshd restart`;
  await lab.exec("pixel-1", ["sh", "-c", script], { input: `${hash}\n` });
  const { stdout } = await execa("ssh-keygen", ["-lf", "-"], {
    input: lab.phone("pixel-1").hostKey,
  });
  fingerprint = stdout.split(" ")[1] ?? "";
  writeFileSync(join(directory, "Pulumi.home.yaml"), SETTINGS);
}, 10 * MINUTES);

afterAll(async () => {
  if (process.env.CLOUDLET_E2E_KEEP === "1") return;
  await lab?.destroy();
  if (directory !== undefined) rmSync(directory, { recursive: true });
}, 2 * MINUTES);

describe("a phone that knows only a password", () => {
  it.each<[string, string[], string | undefined, string | RegExp]>([
    ["a host key that nobody compared", [], PASSWORD, "expected --yes, as there is no terminal"],
    [
      "another fingerprint",
      ["--host-key-fingerprint", "SHA256:other"],
      PASSWORD,
      "expected the host key SHA256:other, got SHA256:",
    ],
    ["no password", ["--yes"], undefined, "or its password in CLOUDLET_ADOPT_PASSWORD"],
    ["a wrong password", ["--yes"], "wrong", /Permission denied/],
    [
      "a key that is none",
      ["--yes", "--key", "Pixel_1"],
      PASSWORD,
      "expected a name of lower-case",
    ],
  ])(
    "is left as it is with %s",
    async (_, args, password, message) => {
      const before = await phoneState();
      const { exitCode, output } = await adopt([phone, ...args], password);
      expect(output).toMatch(message);
      expect(output).not.toMatch(/^\s+at .*(\.ts|node:)/m);
      expect(exitCode).toBe(1);
      expect(await phoneState()).toBe(before);
      expect(settings()).toBe(SETTINGS);
      expect(existsSync(join(directory, "keys"))).toBe(false);
    },
    MINUTES,
  );

  it(
    "is adopted without a rule for root, and told what to type, where nobody agreed to one",
    async () => {
      const { exitCode, output } = await adopt(
        [phone, "--host-key-fingerprint", fingerprint],
        PASSWORD,
      );
      expect(output).toContain("making a key pair for logging in to the phones: keys/cloudlet");
      expect(output).toContain("type on the phone: echo 'permit nopass cloudlet' | doas tee");
      expect(exitCode).toBe(0);
      expect(settings()).toBe(
        SETTINGS.replace(
          " {}\n",
          `
    pixel-1:
      address: ${lab.phone("pixel-1").address}
      role: master
      hostKey: ${lab.phone("pixel-1").hostKey}
      platform: linux/amd64
`,
        ),
      );
      expect(statSync(join(directory, "keys/cloudlet")).mode & 0o777).toBe(0o600);
      const publicKey = readFileSync(join(directory, "keys/cloudlet.pub"), "utf8").trim();
      expect(await onPhone("cat /home/cloudlet/.ssh/authorized_keys")).toBe(publicKey);
      expect(
        await onPhone("stat -c '%a %U' /home/cloudlet/.ssh /home/cloudlet/.ssh/authorized_keys"),
      ).toBe("700 cloudlet\n600 cloudlet");
      expect(await onPhone("cat /etc/doas.conf")).toBe("permit :wheel");
    },
    MINUTES,
  );

  it(
    "gets the rule for root on a second call, and nothing twice",
    async () => {
      const before = settings();
      const { exitCode, output } = await adopt([phone, "--yes", "--privileges"], PASSWORD);
      expect(output).toContain("cloudlet becomes root without a password, by a rule for doas");
      expect(output).toContain("has it as pixel-1 already");
      expect(exitCode).toBe(0);
      expect(settings()).toBe(before);
      expect(await onPhone("grep -c . /home/cloudlet/.ssh/authorized_keys")).toBe("1");
      const { stdout } = await execa("ssh", [
        ...[
          "-i",
          join(directory, "keys/cloudlet"),
          "-o",
          "BatchMode=yes",
          "-o",
          "IdentitiesOnly=yes",
        ],
        ...["-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null"],
        ...[phone, "doas -n id -u"],
      ]);
      expect(stdout).toBe("0");
    },
    MINUTES,
  );

  it(
    "needs no password any more",
    async () => {
      const { exitCode, output } = await adopt([phone, "--yes"]);
      expect(output).toContain("has it as pixel-1 already");
      expect(exitCode).toBe(0);
    },
    MINUTES,
  );
});

describe("--forget", () => {
  it(
    "does not know every key",
    async () => {
      const { exitCode, output } = await adopt(["--forget", "pixel-7", "--yes"]);
      expect([exitCode, output]).toEqual([
        1,
        '--forget: expected a key of Pulumi.home.yaml, got "pixel-7"; for a phone that is out of it already, say user@address too',
      ]);
    },
    MINUTES,
  );

  it(
    "keeps the login of a phone that cloudlet has set up, until that is undone",
    async () => {
      const adopted = settings();
      await onPhone("mkdir /var/lib/cloudlet");
      const { exitCode, output } = await adopt(["--forget", "pixel-1", "--yes"]);
      expect(output).toContain(
        `run npx pulumi up without it, and then: npm run adopt -- --stack home ${phone} --forget pixel-1 --host-key-fingerprint ${fingerprint}`,
      );
      expect(exitCode).toBe(0);
      expect(settings()).toBe(SETTINGS);
      expect(await onPhone("grep -c . /home/cloudlet/.ssh/authorized_keys")).toBe("1");
      await onPhone("rmdir /var/lib/cloudlet");
      writeFileSync(join(directory, "Pulumi.home.yaml"), adopted);
    },
    MINUTES,
  );

  it(
    "takes key and rule off the phone, and the phone out of the settings",
    async () => {
      const { exitCode, output } = await adopt(["--forget", "pixel-1", "--yes"]);
      expect(output).toContain(
        "pixel-1: no longer has cloudlet's login key, nor a rule of ours for root",
      );
      expect(output).toContain("note: cloudlet:nodes: expected 1, 3, 5 or 7 masters");
      expect(exitCode).toBe(0);
      expect(settings()).toBe(SETTINGS);
      expect(await onPhone("cat /home/cloudlet/.ssh/authorized_keys /etc/doas.conf")).toBe(
        "permit :wheel",
      );
    },
    MINUTES,
  );

  it(
    "names a phone that does not answer, with the command for when it is back",
    async () => {
      await adopt([phone, "--yes"], PASSWORD);
      await lab.unplug("pixel-1");
      const { exitCode, output } = await adopt(["--forget", "pixel-1", "--yes"]).finally(() =>
        lab.plug("pixel-1"),
      );
      expect(output).toContain(
        `when it is back: npm run adopt -- --stack home ${phone} --forget pixel-1`,
      );
      expect(exitCode).toBe(0);
      expect(settings()).toBe(SETTINGS);
      const later = await adopt([
        phone,
        "--forget",
        "pixel-1",
        "--host-key-fingerprint",
        fingerprint,
      ]);
      expect(later.output).toContain("pixel-1: no longer has cloudlet's login key");
      expect(later.exitCode).toBe(0);
      expect(await onPhone("cat /home/cloudlet/.ssh/authorized_keys")).toBe("");
    },
    MINUTES,
  );
});

it(
  "on a terminal asks one thing after the other, and the password once and unseen",
  async () => {
    const answers: [RegExp, string][] = [
      [/is it the phone's\? \[y\/N\] $/, "y"],
      [/password of \S+: $/, PASSWORD],
      [/its key in the settings\? \[pixel-1\] $/, "kitchen"],
      [/its role, master or compute\? \[master\] $/, ""],
      [/may a rule for doas be written that gives it\? \[y\/N\] $/, "yes"],
    ];
    const command = `${join(ROOT, "node_modules/.bin/tsx")} ${join(ROOT, "ops/adopt/adopt.ts")} -s home ${phone}`;
    // util-linux's script gives it a terminal.
    const running = execa("script", ["-qec", command, "/dev/null"], {
      cwd: directory,
      all: true,
      timeout: MINUTES,
    });
    let said = "";
    running.all?.on("data", (data: Buffer) => {
      said += stripVTControlCharacters(data.toString());
      const [question, answer] = answers[0] ?? [];
      if (question?.test(said) !== true) return;
      answers.shift();
      running.stdin?.write(`${answer}\r`);
    });
    const { exitCode } = await running;
    expect(answers).toEqual([]);
    expect(said).toContain("cloudlet becomes root without a password, by a rule for doas");
    expect(said).not.toContain(PASSWORD);
    expect(exitCode).toBe(0);
    expect(settings()).toContain("    kitchen:\n");
    expect(await onPhone("cat /etc/doas.conf")).toMatch(/^permit nopass cloudlet /m);
  },
  MINUTES,
);

it.each<[string, string, string]>([
  [
    "another phone's host key at its address",
    "10.92.0.11",
    "cloudlet:nodes.kitchen: has this address and another host key; if the phone there was replaced, take the old one out first: npm run adopt -- --stack home --forget kitchen",
  ],
  [
    "the chosen key for another phone",
    "10.92.0.99",
    "cloudlet:nodes.kitchen: expected a key that no phone has, got the one of 10.92.0.99; choose another with --key, or take that phone out: npm run adopt -- --stack home --forget kitchen",
  ],
])(
  "settings that have %s stay, and so does the phone",
  async (_, address, message) => {
    expect(lab.phone("pixel-1").address).toBe("10.92.0.11");
    const other = `    kitchen:
      address: ${address}
      role: master
      hostKey: ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIMgEfXXwbI8yuSOkNoNtjNwn5z157zwnm43KsWcz1jX7
`;
    const before = SETTINGS.replace(" {}\n", `\n${other}`);
    writeFileSync(join(directory, "Pulumi.home.yaml"), before);
    const phoneBefore = await phoneState();
    const { exitCode, output } = await adopt([phone, "--yes", "--key", "kitchen"], PASSWORD);
    expect(output.split("\n").at(-1)).toBe(message);
    expect(exitCode).toBe(1);
    expect(settings()).toBe(before);
    expect(await phoneState()).toBe(phoneBefore);
  },
  MINUTES,
);
