import execa from "execa";
import { convertStack } from "../../compose/convert-stack";
import { SSH_CONFIG } from "../../observe/ssh-config";
import type { BenchCloudlet } from "./bench-cloudlet";
import { seconds } from "./measure";

const SERVICES = 40;
const CONVERTED = 100;
const CONVERSIONS = 5;
const IMAGE = "juangonzalout/go-coffeeshop-product:latest";

/** Seconds that a stack of 40 services takes until its command ends, nobody waiting for tasks; and a conversion's milliseconds. */
export interface ManyServices {
  readonly up: number;
  readonly stackDeploy: number;
  readonly convertMs: number;
}

// As people write them: two variables, a label, a limit.
function stackFile(count: number): string {
  const services = Array.from(
    { length: count },
    (_, index) => `  part${index}:
    image: ${IMAGE}
    environment: { APP_NAME: "part ${index}", IN_DOCKER: "true" }
    deploy: { labels: { part: "${index}" }, resources: { limits: { memory: 32M } } }
`,
  );
  return `version: "3.8"\nservices:\n${services.join("")}`;
}

/** Deploys the same file both ways to the swarm that is there, beside the two stacks in it, and removes it again. */
export async function manyServices(cloudlet: BenchCloudlet): Promise<ManyServices> {
  const { project } = cloudlet.fleet;
  project.writeFile("stacks/many.yml", stackFile(SERVICES));
  const withMany = { many: { file: "stacks/many.yml" } };
  cloudlet.changeSettings(withMany, { readyTimeoutSeconds: 0 });
  const up = await seconds(() => cloudlet.up());
  cloudlet.changeSettings({}, { readyTimeoutSeconds: 0 });
  await cloudlet.up();
  const deploy = "docker stack deploy --resolve-image never -c - many";
  const stackDeploy = await seconds(() =>
    execa("ssh", ["-F", SSH_CONFIG, "pixel-1", deploy], {
      cwd: project.directory,
      input: stackFile(SERVICES),
    }),
  );
  await cloudlet.fleet.docker("pixel-1", "stack", "rm", "many");
  cloudlet.changeSettings({}, {});
  return { up, stackDeploy, convertMs: convert() };
}

function convert(): number {
  const source = {
    stack: "many",
    files: [{ path: "many.yml", text: stackFile(CONVERTED) }],
    environment: {},
    workingDirectory: "/",
    homeDirectory: "/",
    readFile: () => undefined,
  };
  const times = Array.from({ length: CONVERSIONS }, () => {
    const begun = performance.now();
    convertStack(source);
    return performance.now() - begun;
  });
  return times.sort((a, b) => a - b)[Math.floor(CONVERSIONS / 2)] ?? NaN;
}
