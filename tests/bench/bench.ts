import { cpus, loadavg, totalmem } from "node:os";
import { Command } from "commander";
import { BenchCloudlet } from "./bench-cloudlet";
import { median, ratio, table } from "./figures";
import { manyServices } from "./many-services";
import { deploy, emptyProject, idle, WAYS, type Deployment, type Idle, type Way } from "./measure";
import { describeObservation, measureObservation } from "./observation";

const log = (line: string): void => console.error(line);

interface Options {
  readonly rounds: number;
  /** What looking at the phones costs, and nothing else. */
  readonly looks: boolean;
}

async function main({ rounds, looks }: Options): Promise<void> {
  log("bench: four SIMULATED phones with running engines; this takes about two minutes a round");
  const cloudlet = await BenchCloudlet.open();
  process.once("SIGINT", () => void close(cloudlet).finally(() => process.exit(130)));
  try {
    // Not counted: pulls the images, opens the firewalls, and leaves the login user in the docker group.
    log("bench: deploying once to prepare the phones");
    await cloudlet.up();
    await cloudlet.settle();
    if (!looks) await measureAll(cloudlet, rounds);
    console.log(describeObservation(await measureObservation(cloudlet, { rounds, log })));
  } finally {
    await close(cloudlet);
  }
}

async function measureAll(cloudlet: BenchCloudlet, rounds: number): Promise<void> {
  const idles = await measureIdle(cloudlet, rounds);
  await cloudlet.reset();
  const deployments = await measureDeployments(cloudlet, rounds);
  log("bench: a stack of 40 services");
  await cloudlet.up();
  await cloudlet.settle();
  const many = await manyServices(cloudlet);
  console.log(report(deployments, idles));
  console.log(`A stack of 40 services, until the command ends: pulumi up ${many.up.toFixed(1)} s, docker stack deploy ${many.stackDeploy.toFixed(1)} s (${ratio(many.up, many.stackDeploy)})
Conversion of 100 services: ${many.convertMs.toFixed(0)} ms`);
}

async function close({ fleet }: BenchCloudlet): Promise<void> {
  process.chdir(__dirname); // out of the folder that is about to go
  await fleet.close();
}

async function measureIdle(cloudlet: BenchCloudlet, rounds: number): Promise<Idle[]> {
  const empty = await emptyProject();
  try {
    const results: Idle[] = [];
    for (let round = 0; round < rounds; round++) {
      log(
        `bench: nothing to do, round ${round + 1} of ${rounds}, load ${loadavg()[0]?.toFixed(1)}`,
      );
      const result = await idle(cloudlet, empty);
      log(`bench: ${JSON.stringify(result)}`);
      results.push(result);
    }
    return results;
  } finally {
    await empty.remove();
  }
}

type Deployments = Record<Way, Deployment[]>;

async function measureDeployments(cloudlet: BenchCloudlet, rounds: number): Promise<Deployments> {
  const plan = await cloudlet.plan();
  const results: Deployments = { up: [], wide: [], sequential: [], parallel: [] };
  for (let round = 0; round < rounds; round++) {
    for (let turn = 0; turn < WAYS.length; turn++) {
      const way = WAYS[(round + turn) % WAYS.length] ?? "up"; // another one goes first in each round
      const result = await deploy(cloudlet, way, plan);
      const { started, running, ended } = result;
      log(
        `bench: round ${round + 1}, ${way}: started ${started.toFixed(1)}, running ${running.toFixed(1)}, ended ${ended.toFixed(1)} s, load ${loadavg()[0]?.toFixed(1)}`,
      );
      results[way].push(result);
    }
  }
  return results;
}

function report(deployments: Deployments, idles: readonly Idle[]): string {
  const titles: Record<Way, string> = {
    up: "pulumi up",
    wide: "pulumi up --parallel 32",
    sequential: "docker commands, one after the other",
    parallel: "docker commands, in parallel",
  };
  const deployed = table(["from running engines to", "started once", "running", "command ended"]);
  for (const way of WAYS) {
    const cells = (["started", "running", "ended"] as const).map((moment) => {
      const value = median(deployments[way].map((result) => result[moment]));
      const base = median(deployments.sequential.map((result) => result[moment]));
      return `${value.toFixed(1)} s (${(value / base).toFixed(2)})`;
    });
    deployed.push([titles[way], ...cells]);
  }
  const unchanged = table(["nothing to do", "cloudlet", "empty program", "ratio"]);
  for (const [title, ours, floor] of [
    ["pulumi up", "up", "emptyUp"],
    ["pulumi up, soon after", "upAgain", "emptyUp"],
    ["pulumi preview", "preview", "emptyPreview"],
    ["pulumi preview, soon after", "previewAgain", "emptyPreview"],
  ] as const) {
    const [value, base] = [ours, floor].map((key) => median(idles.map((result) => result[key])));
    unchanged.push([title, `${value?.toFixed(2)} s`, `${base?.toFixed(2)} s`, ratio(value, base)]);
  }
  const load = loadavg().map((value) => value.toFixed(1));
  const machine = `${cpus().length} x ${cpus()[0]?.model ?? "CPU"}, ${Math.round(totalmem() / 2 ** 30)} GB`;
  return `${machine}; SIMULATED phones and stand-in images; medians of ${idles.length} rounds
Load of the machine in the last 1, 5 and 15 minutes: ${load.join(", ")}; over 2, something else ran beside the bench
In brackets: against the docker commands one after the other.
${deployed.toString()}
${unchanged.toString()}`;
}

const program = new Command("npm run bench")
  .option("--rounds <number>", "an odd number", Number, 3)
  .option("--looks", "only what looking at the phones costs an unchanged up", false)
  .parse();
main(program.opts<Options>()).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
