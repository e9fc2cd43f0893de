import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { ComposeError } from "../../compose/compose-error";
import { convertStack } from "../../compose/convert-stack";
import { formatProblem, type Problem } from "../../compose/problem";
import type { SwarmSpec } from "../../compose/swarm-spec";
import { readStack } from "../../ops/compose/read-stack";
import { withStandInIds } from "../../ops/images/stand-in-ids";
import { expectedProblem } from "./cli-message";
import { expectedWarnings } from "./cli-warning";
import { comparable, differingLines } from "./comparable-spec";

const casesDirectory = join(__dirname, "../fixtures/compose-conformance/cases");

/** One stack and what the docker CLI 28.2 made of it. */
export interface ConformanceCase {
  id: string;
  directory: string;
  files: string[];
  stack: string;
  env: Record<string, string>;
  expected: SwarmSpec & { rc: number; stderr: string[] };
}

/** Reads all cases, in the order of their names. */
export function conformanceCases(): ConformanceCase[] {
  return readdirSync(casesDirectory)
    .sort()
    .map((id) => readCase(id));
}

function readCase(id: string): ConformanceCase {
  const directory = join(casesDirectory, id);
  const parse = (name: string): unknown => JSON.parse(readFileSync(join(directory, name), "utf8"));
  const { files, stack, env } = parse("case.json") as Omit<ConformanceCase, "expected">;
  return {
    ...{ id, directory, files, stack, env },
    expected: parse("expected.json") as ConformanceCase["expected"],
  };
}

// Features by the words that the names of their cases begin with.
const features: Readonly<Record<string, string>> = {
  "YAML and top level": "yaml top no services svcname service two",
  versions: "version",
  "several files": "merge",
  interpolation: "interp",
  images: "image badimage emptyimage noimage",
  "commands and processes": "cmd shlex misc user hostname sgp quoted dur",
  environment: "env",
  labels: "labels",
  networks: "net",
  ports: "ports endpoint dnsrr",
  volumes: "vols tmpfs",
  "secrets, configs and credentials": "sec cfg cred",
  healthchecks: "hc healthcheck",
  "modes and replicas": "mode jobs replicas",
  "updates and rollbacks": "update",
  restart: "restart",
  "resources and placement": "res mem cpu placement",
  "keys without effect": "unsupported deprecated depends",
  "forbidden and unknown keys": "forbidden spec deploy",
};
const featureByWord = new Map(
  Object.entries(features).flatMap(([name, words]) =>
    words.split(" ").map((word): [string, string] => [word, name]),
  ),
);

/** The feature that a case is about; throws for one that no feature claims. */
export function featureGroup({ id }: Pick<ConformanceCase, "id">): string {
  const [word = ""] = id.replace(/^neg-/, "").split("-");
  const feature = featureByWord.get(word);
  if (feature === undefined) throw new Error(`no feature claims the case ${id}`);
  return feature;
}

/** Where our answer to a case differs from the docker CLI's; empty when it does not. */
export function differences(conformanceCase: ConformanceCase): string[] {
  const { expected } = conformanceCase;
  const answer = convertCase(conformanceCase);
  if (answer instanceof ComposeError) {
    if (expected.rc === 0) return answer.problems.map((problem) => `+ ${formatProblem(problem)}`);
    return comparedProblems(answer.problems, expected.stderr);
  }
  if (expected.rc !== 0) return [`- ${expected.stderr.join(" / ")}`, "+ accepted"];
  const { networks, secrets, configs, services } = expected;
  const wanted = comparable(fillIn({ networks, secrets, configs, services }, conformanceCase));
  const missing = expectedWarnings(expected.stderr).filter(
    ({ isSaidBy }) => !answer.warnings.some((warning) => isSaidBy(warning)),
  );
  return [
    ...differingLines(wanted, comparable(withStandInIds(answer.spec))),
    ...missing.map(({ text }) => `- warning: ${text}`),
  ];
}

function convertCase({ stack, files, env, directory }: ConformanceCase) {
  const place = { stack, paths: files, environment: env, currentDirectory: directory };
  try {
    return convertStack(readStack(place));
  } catch (error) {
    if (error instanceof ComposeError) return error;
    throw error;
  }
}

// Each case breaks one rule, so exactly one problem may be found, and it must be that one.
function comparedProblems(problems: readonly Problem[], stderr: readonly string[]): string[] {
  const { kinds, names } = expectedProblem(stderr);
  const isIt = (problem: Problem) => kinds.includes(problem.kind ?? "") && names(problem);
  const others = problems.filter((problem) => !isIt(problem));
  if (problems.length === 1 && others.length === 0) return [];
  const found = problems.map((problem) => `+ [${problem.kind ?? ""}] ${formatProblem(problem)}`);
  return [`- [${kinds.join(" or ")}] ${stderr.join(" / ")}`, ...found];
}

function fillIn(value: SwarmSpec, { directory, env }: ConformanceCase): SwarmSpec {
  const text = JSON.stringify(value)
    .replaceAll("${WORKDIR}", directory)
    .replaceAll("${PARENT}", dirname(directory))
    .replaceAll("${HOME}", env.HOME ?? "");
  return JSON.parse(text) as SwarmSpec;
}
