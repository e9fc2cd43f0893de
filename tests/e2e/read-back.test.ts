import { cpSync, existsSync, readFileSync } from "node:fs";
import execa, { type ExecaChildProcess } from "execa";
import { convertStack } from "../../compose/convert-stack";
import { parseConfig } from "../../config/parse-config";
import { formatLock } from "../../images/lock-file";
import { readStack } from "../../ops/compose/read-stack";
import { SSH_CONFIG } from "../../observe/ssh-config";
import { planStacks } from "../../plan/plan-cloudlet";
import type { PlannedService } from "../../plan/planned-stack";
import { serviceDrift } from "../../plan/service-drift";
import { comparable, differingLines } from "../support/comparable-spec";
import { conformanceCases, type ConformanceCase } from "../support/conformance";
import { Fleet } from "../support/fleet";
import {
  deployBodies,
  EngineApi,
  readBack,
  removeStack,
  type ReadBack,
} from "../support/read-back";
import { lockedImage } from "../support/sample-plan";
import { waitFor } from "../support/wait-for";

// Every positive conformance case, deployed twice on a real engine: by the bodies that the docker CLI 28.2 sends, and by `pulumi up`.
// What the engine says of the two has to be the same. Nothing has to run for that: the images do not exist.

jest.setTimeout(900_000);

/** What this engine (20.10) does not take from the docker CLI either, and so cannot be read back. */
const REFUSED_BY_THE_ENGINE =
  /^(dnsrr-ingress|jobs-update-config|mem-0[568]|merge-two|net-bridge-driver|net-host-bridge-none|restart-policy-badcond|sec-driver|sec-empty-file|svcname-dots|update-badaction|vols-(image|long))$/;
const STACK = "st"; // of every case

let fleet: Fleet;
let tunnel: ExecaChildProcess;
let api: EngineApi;
const fromBodies = new Map<string, ReadBack>();
const refused: string[] = [];
const positives = conformanceCases().filter(({ expected }) => expected.rc === 0);

const base = () => ({
  platform: "linux/amd64",
  // The phones' kernel has no ip_vs, and is not asked: nothing runs.
  routingMesh: true,
  observe: "never",
  readyTimeoutSeconds: 0,
  ssh: { identityFile: ".cloudlet/simulated/id_ed25519" },
  nodes: { "pixel-1": fleet.node("pixel-1", "master") },
});

async function up(settings: object): Promise<void> {
  fleet.project.writeSettings(settings);
  const { exitCode, output } = await fleet.project.up();
  if (exitCode !== 0) throw new Error(`up failed:\n${output}`);
}

beforeAll(async () => {
  fleet = await Fleet.open("read-back", "10.90.0.0/24", [{ name: "pixel-1", docker: "running" }]);
  await up(base());
  const { project } = fleet;
  const socket = project.path("engine.sock");
  tunnel = execa(
    "ssh",
    ["-F", SSH_CONFIG, "-S", "none", "-N", "-L", `${socket}:/var/run/docker.sock`, "pixel-1"],
    { cwd: project.directory, reject: false },
  );
  api = new EngineApi(socket);
  await waitFor("the engine to answer through SSH", 30, () =>
    api.call("GET", "/info").catch(() => undefined),
  );
  await makeExternals();
  for (const one of positives) {
    try {
      await deployBodies(api, fillIn(one));
      fromBodies.set(one.id, await readBack(api, STACK));
    } catch {
      refused.push(one.id);
    }
    await removeStack(api, STACK);
    cpSync(one.directory, project.path(`cases/${one.id}`), { recursive: true });
  }
  const images = positives.flatMap(({ expected }) =>
    Object.values(expected.services).map(({ Labels }) => Labels["com.docker.stack.image"] ?? ""),
  );
  project.writeFile(
    "images.e2e.lock.yml",
    formatLock(Object.fromEntries(images.map((image) => [image, lockedImage(image)]))),
  );
});

afterAll(async () => {
  tunnel.kill();
  await fleet.close();
});

async function makeExternals(): Promise<void> {
  const wanted = new Set<string>();
  for (const { stack, files, env, directory } of positives) {
    const { external } = convertStack(
      readStack({ stack, paths: files, environment: env, currentDirectory: directory }),
    );
    for (const kind of ["networks", "secrets", "configs"] as const)
      for (const name of external[kind]) wanted.add(`${kind}/create ${name}`);
  }
  for (const [path = "", Name = ""] of [...wanted].map((text) => text.split(" "))) {
    await api.call(
      "POST",
      `/${path}`,
      path.startsWith("networks")
        ? { Name, Driver: "overlay" }
        : { Name, Labels: {}, Data: "eA==" },
    );
  }
}

function fillIn({ id, env, expected }: ConformanceCase) {
  const text = JSON.stringify(expected)
    .replaceAll("${WORKDIR}", workdir(id))
    .replaceAll("${HOME}", env.HOME ?? "");
  return JSON.parse(text) as ConformanceCase["expected"];
}

const workdir = (id: string) => fleet.project.path(`cases/${id}`);

// Two services cannot publish the same port, not even in two stacks: such cases take turns.
function takeTurns(cases: readonly ConformanceCase[]): ConformanceCase[][] {
  const turns: ConformanceCase[][] = [];
  for (const one of cases) {
    const ports = new Set(portsOf(one));
    const free = turns.find((turn) => !turn.flatMap(portsOf).some((port) => ports.has(port)));
    if (free === undefined) turns.push([one]);
    else free.push(one);
  }
  return turns;
}

function portsOf({ expected }: ConformanceCase): number[] {
  const ports = Object.values(expected.services).flatMap(
    ({ EndpointSpec }) => EndpointSpec?.Ports ?? [],
  );
  return ports.flatMap(({ PublishedPort }) => PublishedPort ?? []);
}

const stackOf = (index: number) => `case${index}`;

/** What only one of two deployments can have: times, ids, digests, the hashes in names, ports that the engine chose, our constraint. */
function withoutChance(found: ReadBack, stack: string, id: string): ReadBack {
  const text = JSON.stringify(found, (key, value: unknown) => (CHANCE.has(key) ? undefined : value))
    .replaceAll(`${stack}_`, `${STACK}_`)
    .replaceAll(`"${stack}"`, `"${STACK}"`)
    .replace(/_[0-9a-f]{10}"/g, '"')
    .replace(/@sha256:[0-9a-f]{64}"/g, '"')
    .replace(/"PublishedPort":30\d\d\d/g, '"PublishedPort":30000')
    .replace(/,?"node\.labels\.cloudlet\.platform == linux\/amd64"/g, "")
    .replaceAll(workdir(id), "${WORKDIR}")
    .replaceAll(workdir(""), "${PARENT}/");
  return JSON.parse(text) as ReadBack;
}
const CHANCE = new Set([
  ...["CreatedAt", "UpdatedAt", "Created", "LastExecution", "Version", "ID", "Id"],
  ...["Endpoint", "Peers", "PreviousSpec", "UpdateStatus"],
  // The engine puts the address and the number of the network that it chose here.
  ...["IPAM", "com.docker.network.driver.overlay.vxlanid_list"],
]);

/** What the docker provider writes out though the stack file says nothing: the engine's own defaults. Init alone is more. */
function withoutProviderDefaults(found: ReadBack): ReadBack {
  return JSON.parse(JSON.stringify(found), (key, value: unknown) => {
    const { [key]: written } = PROVIDER_DEFAULTS as Record<string, unknown[] | undefined>;
    return written?.includes(value) ? undefined : value;
  }) as ReadBack;
}
const PROVIDER_DEFAULTS = {
  StopGracePeriod: [10_000_000_000],
  Condition: ["any"],
  Delay: [0, 5_000_000_000],
  MaxAttempts: [0],
  Window: [0],
  Monitor: [5_000_000_000],
  Init: [false],
};

// The provider keeps aliases as a set.
const sortAliases = (found: ReadBack) =>
  JSON.parse(JSON.stringify(found), (key, value: unknown) =>
    key === "Aliases" && Array.isArray(value) ? [...new Set(value)].sort() : value,
  ) as ReadBack;

it("the engine takes all but what it takes from nobody", () => {
  expect(refused.filter((id) => !REFUSED_BY_THE_ENGINE.test(id))).toEqual([]);
  expect(fromBodies.size).toBeGreaterThan(130);
});

it("up makes of every case what the docker CLI makes of it, and then has nothing to do", async () => {
  const runnable = positives.filter(({ id }) => fromBodies.has(id));
  const different: Record<string, string[]> = {};
  for (const turn of takeTurns(runnable).reverse()) {
    const stacks = Object.fromEntries(
      turn.map(({ id, files, env }, index) => [
        stackOf(index),
        { files: files.map((file) => `cases/${id}/${file}`), environment: env },
      ]),
    );
    await up(base()); // frees the ports of the turn before
    const settings = { ...base(), stacks };
    await up(settings);
    const planned = planOf(settings);
    for (const [index, { id }] of turn.entries()) {
      const stack = stackOf(index);
      const services = planned.get(stack) ?? [];
      const ours = services.every(({ engineReasons }) => engineReasons.length > 0);
      const found = withoutChance(await readBack(api, stack), stack, id);
      const wanted = withoutChance(fromBodies.get(id)!, STACK, id);
      const lines = ours
        ? differingLines(comparable(wanted), comparable(found))
        : differingLines(
            comparable(sortAliases(withoutProviderDefaults(wanted))),
            comparable(sortAliases(withoutProviderDefaults(found))),
          );
      const drift = await driftOf(services, stack);
      if (lines.length + drift.length > 0) different[id] = [...lines, ...drift];
    }
    expect(await fleet.project.plannedSteps("--refresh")).toEqual([]);
  }
  expect(different).toEqual({});
});

function planOf(settings: object): Map<string, readonly PlannedService[]> {
  const { project } = fleet;
  const { stacks } = planStacks({
    config: parseConfig({ values: { ...settings }, secretNames: [] }),
    secrets: {},
    lockPath: "images.e2e.lock.yml",
    projectDirectory: project.directory,
    readFile: (path) => (existsSync(path) ? readFileSync(path) : undefined),
  });
  return new Map(stacks.flatMap(({ stack }) => (stack ? [[stack.name, stack.services]] : [])));
}

// What a look at the swarm would find, as nobody looked here.
async function driftOf(services: readonly PlannedService[], stack: string): Promise<string[]> {
  const living = await api.list("services", stack);
  const networks = await api.list("networks", "");
  const names = new Map(networks.map(({ Id = "", Name = "" }) => [Id, Name]));
  return services
    .filter(({ engineReasons }) => engineReasons.length > 0)
    .flatMap(({ spec }) => {
      const found = living.find(({ Spec }) => Spec?.Name === spec.Name)?.Spec;
      return found === undefined
        ? [`${spec.Name} is not there`]
        : serviceDrift(spec, found, names).map((line) => `drift: ${line}`);
    });
}
