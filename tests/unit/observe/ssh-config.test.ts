import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import {
  knownHostsText,
  onMasterScript,
  RUN_ON_MASTER,
  RUN_ON_MASTER_SCRIPT,
  sshConfigText,
} from "../../../observe/ssh-config";
import { shellQuote } from "../../../observe/shell-quote";
import { nodeOf, sampleConfig, sampleNode, sampleNodes } from "../../support/sample-config";
import { fakeCommands, runScript, shells, syntaxErrors } from "../../support/shells";
import { SimulatedMaster } from "../../support/simulated-master";

const config = sampleConfig({
  nodes: {
    ...sampleNodes,
    rsa: sampleNode(31, "compute", { hostKey: "ssh-rsa AAAAB3 comment", port: 2222, user: "user" }),
  },
  ssh: { jumpHost: "bastion", connectTimeoutSeconds: 7 },
});

/** OpenSSH's own reading of our file, by option; `userConfig` stands for ~/.ssh/config. */
function readByOpenSsh(host: string, userConfig = ""): Map<string, string> {
  const directory = mkdtempSync(join(tmpdir(), "cloudlet-ssh-"));
  mkdirSync(join(directory, ".ssh"));
  const user = join(directory, ".ssh/config");
  writeFileSync(user, userConfig);
  const file = join(directory, "ssh_config");
  writeFileSync(
    file,
    sshConfigText(config, "pixel-2").replace("Include ~/.ssh/config", `Include ${user}`),
  );
  const { stdout, stderr, status } = spawnSync("ssh", ["-G", "-T", "-F", file, host], {
    encoding: "utf8",
  });
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  return new Map(
    stdout.split("\n").map((line) => [line.split(" ")[0] ?? "", line.replace(/^\S+ /, "")]),
  );
}

describe("sshConfigText, as OpenSSH reads it", () => {
  it("reaches a phone by its key, with its pinned host key and our agent only", () => {
    const options = readByOpenSsh("rsa");
    expect(options.get("kexalgorithms")).toMatch(/^curve25519-sha256,.*sntrup761/);
    expect(Object.fromEntries(options)).toMatchObject({
      hostname: "192.168.1.31",
      port: "2222",
      user: "user",
      hostkeyalias: "rsa",
      hostkeyalgorithms: "rsa-sha2-512,rsa-sha2-256",
      identityagent: ".cloudlet/agent.sock",
      userknownhostsfile: ".cloudlet/known_hosts",
      globalknownhostsfile: "/dev/null",
      stricthostkeychecking: "true",
      batchmode: "yes",
      passwordauthentication: "no",
      connecttimeout: "7",
      serveraliveinterval: "5",
      controlmaster: "auto",
      proxyjump: "bastion",
    });
  });

  it("reaches a living master under the alias, as that phone", () => {
    const options = readByOpenSsh("cloudlet-master");
    expect([options.get("hostname"), options.get("hostkeyalias")]).toEqual([
      "192.168.1.22",
      "pixel-2",
    ]);
  });

  it("knows a phone that left the settings by what its command brings", () => {
    expect(readByOpenSsh("cloudlet-former").get("stricthostkeychecking")).toBe("true");
  });

  it("leaves the way to the jump host to the user's own configuration", () => {
    const options = readByOpenSsh("bastion", "Host bastion\n  HostName gate.example\n  User me\n");
    expect(options.get("hostname")).toBe("gate.example");
    expect(options.get("user")).toBe("me");
    expect(options.get("userknownhostsfile")).not.toContain(".cloudlet");
    expect(options.has("proxyjump")).toBe(false);
  });

  it("is not overruled by the user's own configuration", () => {
    const options = readByOpenSsh(
      "pixel-1",
      "Host *\n  User me\n  StrictHostKeyChecking no\n  Compression yes\n",
    );
    expect(options.get("user")).toBe("cloudlet");
    expect(options.get("stricthostkeychecking")).toBe("true");
    expect(options.get("compression")).toBe("yes");
  });
});

it("pins host keys by the phone's key, without comments", () => {
  expect(knownHostsText([nodeOf(config, "pixel-1"), nodeOf(config, "rsa")])).toBe(
    "pixel-1 ssh-ed25519 AAAAkey21\nrsa ssh-rsa AAAAB3\n",
  );
});

describe.each(shells)("onMasterScript in %s", (_, shell) => {
  const script = onMasterScript(["a", "b", "c"]);
  // Stand-ins: a phone is up where $UP names it, its user may use docker where $MAY does, and it manages the swarm where $MANAGERS does,
  // from the call of docker with the number $FROM.
  const bin = fakeCommands({
    ssh: `while [ $# -gt 2 ]; do
  case $1 in -n) shift ;; -F) shift 2 ;; -O) echo "$2 $3" >> "$CALLS"; exit 0 ;; *) break ;; esac
done
case " $UP " in *" $1 "*) PHONE=$1 exec ${shell.join(" ")} -c "$2" ;; *) exit 255 ;; esac`,
    docker: `echo "$PHONE $1" >> "$CALLS"
case " $MAY " in *" $PHONE "*) ;; *) exit 1 ;; esac
[ "$1" = version ] && exit
case " $MANAGERS " in *" $PHONE "*) [ "$(wc -l < "$CALLS")" -ge "$FROM" ] ;; *) false ;; esac || { echo "$PHONE is no manager" >&2; exit 1; }
case $1 in print) echo "on $PHONE"; cat ;; fail) exit 7 ;; esac`,
    sleep: "",
  });
  const all = "a b c";
  const run = (
    phones: { up?: string; may?: string; managers?: string; from?: number },
    more = {},
  ) => {
    const calls = join(mkdtempSync(join(tmpdir(), "cloudlet-calls-")), "calls");
    writeFileSync(calls, "");
    const { up = all, may = all, managers = all, from = 0 } = phones;
    const result = runScript(shell, script, {
      args: ["docker print"],
      env: {
        PATH: `${bin}:${process.env.PATH}`,
        ...{ UP: up, MAY: may, MANAGERS: managers, FROM: String(from), CALLS: calls },
      },
      ...more,
    });
    const { status, stdout, stderr } = result;
    return { status, stdout, stderr, calls: readFileSync(calls, "utf8").split("\n").slice(0, -1) };
  };
  const none = {
    status: 69,
    stdout: "",
    stderr: expect.stringMatching(
      /(^|\n)no master answers as a Swarm manager, tried: a b c\n$/,
    ) as string,
  };

  it("is well-formed", () => expect(syntaxErrors(shell, script)).toBe(""));

  it.each([
    ["a b c", "a"],
    ["b c", "b"],
    ["c", "c"],
  ])("with %s answering, runs the command on %s, and asks nothing else", (up, master) => {
    expect(run({ up })).toEqual({
      ...{ status: 0, stdout: `on ${master}\n`, stderr: "" },
      calls: [`${master} print`],
    });
  });

  it("goes on to the next master where one manages no swarm", () => {
    expect(run({ managers: "b" })).toMatchObject({ status: 0, stdout: "on b\n" });
  });

  it("hands standard input on, to every master that it tries", () => {
    const { stdout } = run({ up: "b c", managers: "c" }, { input: "a line\nand another\n\n" });
    expect(stdout).toBe("on c\na line\nand another\n\n");
  });

  it("ends with the status of a command that fails on a manager, once", () => {
    const { status, calls } = run({}, { args: ["docker fail"] });
    expect(status).toBe(7);
    expect(calls).toEqual(["a fail", "a node"]);
  });

  it("takes several words for one command line, and a comment at its end", () => {
    expect(run({}, { args: ["docker", "print # all"] }).stdout).toBe("on a\n");
  });

  it("waits for masters that elect a leader", () => {
    expect(run({ from: 10 })).toMatchObject({ status: 0, stdout: "on a\n" });
  });

  it("opens a new connection where the old one is of a user who might not use docker yet", () => {
    const { calls } = run({ may: "b" });
    expect(calls.slice(0, 4)).toEqual(["a print", "a node", "a version", "stop a"]);
  });

  it("says which masters it tried when none answers", () => {
    expect(run({ up: "" })).toMatchObject({ ...none, calls: [] });
  });

  it("gives up when no leader is elected in time", () => {
    const date = fakeCommands({ date: 'echo x >> "$CALLS.clock"; wc -l < "$CALLS.clock"' });
    const calls = join(mkdtempSync(join(tmpdir(), "cloudlet-calls-")), "calls");
    writeFileSync(calls, "");
    const found = run(
      {},
      {
        env: {
          PATH: `${date}:${bin}:${process.env.PATH}`,
          ...{ UP: all, MAY: all, MANAGERS: "", FROM: "0", CALLS: calls },
        },
      },
    );
    expect(found).toMatchObject(none);
    expect(readFileSync(calls, "utf8").split("a print").length - 1).toBe(15);
  });
});

describe.each(shells)("RUN_ON_MASTER_SCRIPT in %s", (_, shell) => {
  const master = new SimulatedMaster(shell, "exit 1");
  master.write("words.sh", `for word; do printf '%s\\0' "$word"; done\n`);
  master.write("read.sh", 'echo "$1"; cat; exit 7\n');
  const run = (file: string, args: readonly string[], input?: string) =>
    runScript(shell, `${shell.join(" ")} ${RUN_ON_MASTER} "$@"`, {
      ...master.options,
      args: [file, args.map(shellQuote).join(" ")],
      ...(input !== undefined && { input }),
    });
  const wordsOf = (args: readonly string[]) =>
    run("words.sh", args).stdout.split("\0").slice(0, -1);

  it("is well-formed", () => expect(syntaxErrors(shell, RUN_ON_MASTER_SCRIPT)).toBe(""));

  it.each([
    ...["it's", "''", '"', "a b", " ", "", "\\", "\\'", "$(touch /tmp/x)", "`id`", "$HOME", "*"],
    ...["\n", "a\nb", "a\n\n", "-n", "--", "%s\\n", "a;b", "&|<>", "# none", "é 漢 🙂"],
  ])("brings %j through as one argument", (word) => {
    expect(wordsOf([word, "last"])).toEqual([word, "last"]);
  });

  it("brings any arguments through unchanged", () => {
    const special = fc.string({ unit: fc.constantFrom(..."'\"\\ \n$(a`") });
    const text = fc
      .oneof(fc.string({ unit: "grapheme" }), special)
      .map((any) => any.replaceAll("\0", ""));
    fc.assert(
      fc.property(fc.array(text, { maxLength: 10 }), (words) => {
        expect(wordsOf(words)).toEqual(words);
      }),
      { numRuns: 30 },
    );
  });

  it("gives the tool the standard input, and ends as it does", () => {
    const { stdout, status } = run("read.sh", ["first"], "body é\n");
    expect({ stdout, status }).toEqual({ stdout: "first\nbody é\n", status: 7 });
  });
});
