import type { Fleet } from "../support/fleet";
import {
  answers,
  keysOf,
  mastersOf,
  PHONES,
  sparesOf,
  workingPhones,
  type Model,
  type Phone,
} from "./model";

/** What the phones' own engines say that contradicts the model; none where all is as declared. */
export async function contradictions(fleet: Fleet, model: Model): Promise<string[]> {
  const master = mastersOf(model).find((phone) => answers(model, phone));
  if (master === undefined) return ["expected a master that answers, got none"];
  // One question at a time: each costs a slow phone seconds, and what is asked again meanwhile piles up.
  const found = await entryContradictions(fleet, master, model);
  found.push(...(await serviceContradictions(fleet, master, model)));
  found.push(...(await objectContradictions(fleet, master, model)));
  for (const phone of sparesOf(model))
    if (answers(model, phone) && !model.unclean.includes(phone))
      found.push(...(await leftOvers(fleet, phone)));
  return found;
}

const lines = (text: string) => text.split("\n").filter((line) => line !== "");

function compare(what: string, expected: readonly string[], seen: readonly string[]): string[] {
  const [wanted, found] = [[...expected].sort().join("\n  "), [...seen].sort().join("\n  ")];
  return wanted === found ? [] : [`${what}: expected\n  ${wanted}\ngot\n  ${found}`];
}

/** One entry for each declared phone and no other, with its role, labels and state. */
async function entryContradictions(fleet: Fleet, master: string, model: Model): Promise<string[]> {
  const format =
    '{{index .Spec.Labels "cloudlet.node"}} {{.Spec.Role}} {{.Spec.Availability}} room={{index .Spec.Labels "room"}} {{.Status.State}} {{with .ManagerStatus}}{{.Reachability}}{{end}}';
  const ids = lines(await fleet.docker(master, "node", "ls", "-q"));
  const seen = lines(await fleet.docker(master, "node", "inspect", "--format", format, ...ids));
  const expected = keysOf(model.nodes).map((phone) => {
    const { role, availability, labels } = model.nodes[phone] ?? {};
    const swarmRole = role === "master" ? "manager" : "worker";
    const reachability = role === "master" ? "reachable" : "";
    const state = answers(model, phone) ? `ready ${reachability}` : "silent";
    return `${phone} ${swarmRole} ${availability} room=${labels?.room ?? ""} ${state}`.trim();
  });
  // What the swarm says of a phone that is silent depends on when it noticed.
  const settled = seen.map((line) => {
    const phone = PHONES.find((name) => line.startsWith(`${name} `));
    return phone === undefined || answers(model, phone)
      ? line.trim()
      : line.replace(/ (ready|down|unknown|disconnected) ?\w*$/, " silent");
  });
  return compare("entries of the swarm", expected, settled);
}

/** Every declared service with its declaration, and as many tasks as wanted on phones that answer. */
async function serviceContradictions(
  fleet: Fleet,
  master: string,
  model: Model,
): Promise<string[]> {
  const stacks = keysOf(model.stacks);
  const names = lines(await fleet.docker(master, "service", "ls", "--format", "{{.Name}}"));
  const problems = compare(
    "services",
    stacks.map((stack) => `${stack}_web`),
    names,
  );
  if (problems.length > 0) return problems;
  for (const stack of stacks) {
    const { setting, imageTag, replicas } = model.stacks[stack] ?? {};
    const format =
      "{{.Spec.TaskTemplate.ContainerSpec.Image}} {{json .Spec.TaskTemplate.ContainerSpec.Env}}";
    const spec = await fleet.docker(
      ...([master, "service", "inspect", "--format", format, `${stack}_web`] as const),
    );
    const tasks = lines(
      await fleet.docker(
        ...([master, "service", "ps", "--filter=desired-state=running"] as const),
        ...["--format", "{{.Node}} {{.CurrentState}}", `${stack}_web`],
      ),
    ).filter((line) => / Running /.test(line) && answersByName(model, line.split(" ")[0]));
    const wanted = stack === "everywhere" ? workingPhones(model).length : replicas;
    if (!spec.startsWith(`cloudlet/probe:${imageTag}@`) || !spec.includes(`"SETTING=${setting}"`))
      problems.push(`${stack}_web: expected image ${imageTag} and SETTING=${setting}, got ${spec}`);
    if (tasks.length !== wanted)
      problems.push(
        `${stack}_web: expected ${wanted} tasks that run, got ${tasks.length}: ${tasks.join(", ")}`,
      );
  }
  return problems;
}

const answersByName = (model: Model, phone: string | undefined) =>
  phone !== undefined && answers(model, phone as Phone);

/** The stacks' networks and secrets, and no others. */
async function objectContradictions(fleet: Fleet, master: string, model: Model): Promise<string[]> {
  const { plain, engine, everywhere } = model.stacks;
  const networks = await fleet.docker(
    ...([master, "network", "ls", "--filter=driver=overlay", "--format", "{{.Name}}"] as const),
  );
  const secrets = await fleet.docker(master, "secret", "ls", "--format", "{{.Name}}");
  return [
    ...compare(
      "networks",
      [
        "ingress",
        plain ? ["plain_inside"] : [],
        engine ? ["engine_inside"] : [],
        everywhere ? ["everywhere_default"] : [],
      ].flat(),
      lines(networks),
    ),
    // Its name ends in the hash of its content.
    ...compare(
      "secrets",
      plain ? ["plain_password_"] : [],
      lines(secrets).map((name) => name.replace(/[0-9a-f]{10}$/, "")),
    ),
  ];
}

/** What is left of cloudlet on a phone that is none of its own any more. */
export async function leftOvers({ lab }: Pick<Fleet, "lab">, phone: string): Promise<string[]> {
  const look = `if command -v docker >/dev/null && docker version >/dev/null 2>&1; then
  docker info --format 'swarm {{.Swarm.LocalNodeState}}' | grep -v inactive
  docker ps -a --format 'container {{.Names}} {{.Status}}'
  docker network ls --filter label=com.docker.stack.namespace --format 'network {{.Name}}'
fi
find /etc /var/lib/cloudlet -name '*cloudlet*' 2>/dev/null | grep -v doas
nft list ruleset | grep cloudlet
:`;
  const { stdout } = await lab.exec(phone, ["sh", "-c", look]);
  return lines(stdout).map((line) => `${phone}: expected nothing of cloudlet, got ${line}`);
}
