import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { z } from "zod";
import { ConfigError } from "../../config/problem";
import { settingsSchema } from "../../config/settings-schema";
import type { Config } from "../../config/config";
import { knownHostsText, sshConfigText } from "../../observe/ssh-config";
import { addKeyScript, removeKeyScript } from "../../ops/adopt/scripts";
import type { Plan } from "../../plan/plan";
import { serviceBody } from "../../stacks/stack-scripts";
import { fakeCommands, runScript, shells } from "../support/shells";
import {
  describePlace,
  harmless,
  placesOf,
  planProject,
  put,
  type Place,
  type Project,
} from "./hostile/hostile-project";
import { attacks, CANARY, hostileText } from "./hostile/hostile-text";
import { runEveryScript, type ScriptRun } from "./hostile/script-runs";

const MINUTE = 60_000;
// A renamed key is found by its old name, so values come first.
const places = placesOf(harmless).sort((a, b) => Number(a.isKey) - Number(b.isKey));
/** At every second place, so that what one place refers to at another is tried too. */
const textForEachPlace = fc.array(fc.option(hostileText, { freq: 2, nil: undefined }), {
  minLength: places.length,
  maxLength: places.length,
});
/** Other seeds try other texts: CONTRIBUTING.md. */
const seed = Number(process.env.CLOUDLET_SEED ?? 1);
const PROJECTS = 3;

interface Planned {
  readonly project: Project;
  readonly config: Config;
  readonly plan: Plan;
  /** What the program did not refuse, and where. */
  readonly taken: readonly (readonly [Place, string])[];
}

/** The harmless project with a hostile text at each place where the program takes it. Fails where it breaks over one. */
function asHostileAsCanBe(texts: readonly (string | undefined)[]): Planned {
  let state: Planned = { project: harmless, ...planProject(harmless), taken: [] };
  // Of two keys that get one name, YAML and JSON keep the second alone.
  const keys = new Set<string>();
  for (const [index, place] of places.entries()) {
    const text = texts[index];
    if (text === undefined || (place.isKey && keys.has(text))) continue;
    const project = put(state.project, place, text);
    try {
      state = { project, ...planProject(project), taken: [...state.taken, [place, text]] };
      if (place.isKey) keys.add(text);
    } catch (error) {
      if (error instanceof ConfigError) continue;
      throw new Error(`${describePlace(place)}: ${JSON.stringify(text)}`, { cause: error });
    }
  }
  return state;
}

const named = ({ taken }: Planned, name: string) =>
  taken.find(([place]) => describePlace(place) === name)?.[1];

let projects: readonly Planned[];
beforeAll(() => {
  projects = fc.sample(textForEachPlace, { numRuns: PROJECTS, seed }).map(asHostileAsCanBe);
}, MINUTE);

describe(`what the program takes into its plan (seed ${seed})`, () => {
  it("is tried at every setting that there is", () => {
    const known = Object.entries(
      z.toJSONSchema(settingsSchema, { io: "input", unrepresentable: "any" }).properties ?? {},
    ).flatMap(([name, below]) => [
      name,
      ...Object.keys((typeof below === "object" && below.properties) || {}).map(
        (key) => `${name}.${key}`,
      ),
    ]);
    const tried = places.filter(({ part }) => part === "settings").map(({ path }) => path);
    const names = tried.flatMap((path) => [path[0], path.slice(0, 2).join(".")]);
    expect(known.filter((name) => !names.includes(name))).toEqual([]);
  });

  it("is whatever text it does not refuse, word for word", () => {
    for (const planned of projects) expectVerbatim(planned);
  });

  it("is hostile in most places, and in none that commands and OpenSSH's files are made of", () => {
    const taken = new Map<string, string[]>();
    for (const [place, text] of projects.flatMap((planned) => planned.taken))
      taken.set(describePlace(place), [...(taken.get(describePlace(place)) ?? []), text]);
    const plain = /^[A-Za-z0-9_.@:][A-Za-z0-9_.@:-]*$/;
    const hostile = [...taken].filter(([, texts]) => texts.some((text) => !plain.test(text)));
    expect(hostile.length).toBeGreaterThan(50);
    const settings = hostile.map(([name]) => name).filter((name) => name.startsWith("settings."));
    // Paths and variables go into no command; labels are quoted wherever they go.
    const quoted =
      /\.(identityFile|file|environment\.PLAIN|registryMirrors\.0|registryCertificates\.[\w.:]+|labels\.\w+|given_key \(key\))$/;
    expect(settings.filter((name) => !quoted.test(name))).toEqual([]);
    const keyFiles = [...(taken.get("settings.ssh.identityFile") ?? [])];
    expect(keyFiles.filter((path) => /^-|\p{Cc}/u.test(path))).toEqual([]);
  });
});

function expectVerbatim(planned: Planned): void {
  const [stack] = planned.plan.stacks;
  const withWords = stack?.services.find(({ spec }) => spec.TaskTemplate.ContainerSpec.Env);
  const lines = withWords?.spec.TaskTemplate.ContainerSpec.Env ?? [];
  const contents = stack?.secrets.map(({ spec }) => spec.Data);
  const given = named(planned, "secrets.givenKey") ?? "key text";
  const inFile = (name: string) => named(planned, `stack.services.web.environment.${name}`);
  const expected = [
    inFile("WORD") ?? "text",
    inFile("FROM_SETTINGS") ??
      named(planned, "settings.stacks.shop.environment.PLAIN") ??
      "plain text",
    inFile("FROM_SECRET") ?? named(planned, "secrets.hiddenWord") ?? "hidden text",
  ];
  // A hostile name may have an equals sign in it too.
  expect(expected.filter((value) => !lines.some((line) => line.endsWith(`=${value}`)))).toEqual([]);
  expect(contents).toContain(Buffer.from(given).toString("base64"));
}

describe.each(shells)("every script of a project as hostile as can be, in %s", (_, shell) => {
  const shape = (runs: readonly ScriptRun[]) =>
    runs
      .flatMap(({ script, calls }) =>
        calls.map(([name = "", ...words]) => `${script}: ${name} with ${words.length} words`),
      )
      .sort();
  const harmlessShape = shape(runEveryScript(shell, planProject(harmless).plan));

  it(
    "calls what it calls for a harmless one, with every text as one argument or in a body, and runs none",
    () => {
      for (const { config, plan } of projects) {
        const runs = runEveryScript(shell, plan);
        expect(shape(runs)).toEqual(harmlessShape);
        expectLabels(runs, plan);
        expectNames(runs, plan);
        expectBodies(runs, plan);
        expectConnections(runs, plan);
        for (const { daemonJson } of runs.filter((run) => run.script.startsWith("set up")))
          expect(JSON.parse(daemonJson ?? "")).toMatchObject({
            "registry-mirrors": config.engine.registryMirrors,
          });
      }
    },
    3 * MINUTE,
  );

  it("would show if one ran: the canary sings where a text is not quoted", () => {
    const bin = fakeCommands({ [CANARY]: "echo sings" });
    const env = { PATH: `${bin}:${process.env.PATH}` };
    const ran = attacks.filter((text) =>
      runScript(shell, `echo ${text}`, { env, input: "" }).stdout.includes("sings"),
    );
    expect(ran.length).toBeGreaterThan(10);
  });

  it("adds a login key with any comment as one line, and takes it away again", () => {
    const comment = hostileText.map((text) => text.replaceAll(/[\r\n]/g, " "));
    fc.assert(
      fc.property(comment, (text) => {
        const HOME = mkdtempSync(join(tmpdir(), "cloudlet-home-"));
        const canary = join(HOME, "sang");
        const bin = fakeCommands({ [CANARY]: `: >${canary}` });
        const env = { HOME, PATH: `${bin}:${process.env.PATH}` };
        const key = `ssh-ed25519 AAAAkey ${text}`;
        const file = () => readFileSync(join(HOME, ".ssh/authorized_keys"), "utf8");
        expect(runScript(shell, addKeyScript(key), { env })).toMatchObject({ status: 0 });
        expect(file()).toBe(`${key}\n`);
        expect(runScript(shell, removeKeyScript(key), { env })).toMatchObject({ status: 0 });
        expect(file()).toBe("");
        expect(existsSync(canary)).toBe(false);
      }),
      { numRuns: 20 },
    );
  });
});

const callsOf = (runs: readonly ScriptRun[], script: RegExp, name: string) =>
  runs
    .filter((run) => script.test(run.script))
    .flatMap(({ calls }) => calls.filter((call) => call[0] === name));

function expectLabels(runs: readonly ScriptRun[], { nodes }: Plan): void {
  const added = callsOf(runs, /^join/, "docker")
    .filter((words) => words[2] === "update")
    .map((words) => words.filter((_, index) => words[index - 1] === "--label-add"));
  expect(added).toEqual(
    nodes.map(({ nodeLabels }) => [
      ...Object.entries(nodeLabels).map(([label, value]) => `${label}=${value}`),
      `cloudlet.labels=${Object.keys(nodeLabels).sort().join(",")}`,
    ]),
  );
}

function expectNames(runs: readonly ScriptRun[], { stacks }: Plan): void {
  const lastWords = (script: RegExp, command: string) =>
    callsOf(runs, script, "docker")
      .filter((words) => words[2] === command)
      .map((words) => words.at(-1));
  const [stack] = stacks;
  const names = (objects: readonly { spec: { Name: string } }[] = []) =>
    objects.map(({ spec }) => spec.Name);
  expect(new Set(lastWords(/^remove$/, "inspect"))).toEqual(new Set(names(stack?.services)));
  expect(lastWords(/^remove secret$/, "rm")).toEqual(names(stack?.secrets));
  expect(lastWords(/^remove config$/, "rm")).toEqual(names(stack?.configs));
}

function expectBodies(runs: readonly ScriptRun[], { stacks }: Plan): void {
  const sent = (script: string) =>
    runs.filter((run) => run.script === script).flatMap(({ bodies }) => bodies.map(parsed));
  const services = stacks.flatMap((stack) => stack.services);
  expect(sent("apply")).toEqual(
    services.map(({ spec }) =>
      parsed(serviceBody(spec).replace('"ForceUpdate":["force"]', '"ForceUpdate":0')),
    ),
  );
  const specs = (kind: "secrets" | "configs") =>
    stacks.flatMap((stack) => [...stack[kind]]).map(({ spec }) => parsed(JSON.stringify(spec)));
  expect(sent("create secret")).toEqual(specs("secrets"));
  expect(sent("create config")).toEqual(specs("configs"));
}

const parsed = (text: string): unknown => JSON.parse(text);

function expectConnections(runs: readonly ScriptRun[], { nodes }: Plan): void {
  for (const words of callsOf(runs, /./, "ssh"))
    expect(words.slice(1, -1).join(" ")).toMatch(
      /^-F \.cloudlet\/ssh_config( -o (HostName|Port|User|HostKeyAlias)=[\w.-]+)* [a-z0-9][a-z0-9-]*$/,
    );
  const pinned = runs.filter(({ script }) => script.startsWith("undo")).map(({ stderr }) => stderr);
  expect(pinned.map((text) => text.trimEnd().split("\n").at(-1))).toEqual(
    nodes.map(({ key, hostKey }) => `${key} ${hostKey}`),
  );
}

describe("the files of OpenSSH", () => {
  const bin = fakeCommands({ [CANARY]: "echo sang >&2" });
  const lineCount = (text: string) => text.split("\n").length;

  it(
    "say of every phone what the settings say, and nothing more",
    () => {
      const harmlessConfig = planProject(harmless).config;
      for (const { config } of projects) {
        const [first] = config.nodes;
        const text = sshConfigText(config, first?.key ?? "");
        expect(lineCount(text)).toBe(lineCount(sshConfigText(harmlessConfig, "pixel-1")));
        expect(knownHostsText(config.nodes).split("\n").slice(0, -1)).toEqual(
          config.nodes.map(({ key, hostKey }) => `${key} ${hostKey}`),
        );
        for (const node of config.nodes) {
          const options = readByOpenSsh(text, node.key);
          expect(options).toMatchObject({
            ...{ hostname: node.address, port: String(node.port), user: node.user },
            ...{ hostkeyalias: node.key, proxyjump: config.ssh.jumpHost },
            ...{ stricthostkeychecking: "true", userknownhostsfile: ".cloudlet/known_hosts" },
          });
          for (const name of ["proxycommand", "localcommand", "remotecommand", "knownhostscommand"])
            expect([undefined, "none"]).toContain(options[name]);
        }
      }
    },
    MINUTE,
  );

  function readByOpenSsh(text: string, host: string): Record<string, string> {
    const file = join(mkdtempSync(join(tmpdir(), "cloudlet-ssh-")), "ssh_config");
    writeFileSync(file, text.replace("Include ~/.ssh/config", ""));
    const { stdout, stderr, status } = spawnSync("ssh", ["-G", "-T", "-F", file, host], {
      encoding: "utf8",
      env: { PATH: `${bin}:${process.env.PATH}` },
    });
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    const lines = stdout.split("\n").filter((line) => line !== "");
    return Object.fromEntries(
      lines.map((line) => [line.split(" ")[0] ?? "", line.slice(line.indexOf(" ") + 1)]),
    );
  }
});
